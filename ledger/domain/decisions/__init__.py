"""Decisions: one pure function a command, from working state and context to events or a refusal."""

from collections.abc import Callable
from typing import Any

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.case import SupervisionCase
from ledger.domain.commands import cases as of_cases
from ledger.domain.commands import inspections as of_draws
from ledger.domain.decisions import account as accounts
from ledger.domain.decisions import (
    advances,
    alerts,
    amendments,
    bank_truth,
    case_outcomes,
    cases,
    cash,
    clocks,
    closures,
    continuity,
    contracts,
    distributions,
    fees,
    holds,
    inspections,
    instructions,
    kept_fees,
    lesson_absence,
    lesson_confirmation,
    lesson_disputes,
    lessons,
    money_in,
    payment_orders,
    payouts,
    reconciliation,
    refunds,
)
from ledger.domain.decisions.close_day import close_day
from ledger.domain.decisions.context import Context, Decision, require_open
from ledger.domain.errors import LedgerError
from ledger.domain.inspection import InspectionDraw
from ledger.domain.streams import StreamState, asked_of

DECISIONS: dict[type[c.Command], Callable[[EscrowAccount, Any, Context], Decision]] = {
    c.OpenAccount: accounts.open_account,
    c.ImportOpeningBalance: accounts.import_opening_balance,
    c.ChangeAuthority: accounts.change_authority,
    c.AssignPolicy: accounts.assign_policy,
    c.RateInstitution: accounts.rate_institution,
    c.ListInstitution: accounts.list_institution,
    c.FreezeAccount: accounts.freeze_account,
    c.UnfreezeAccount: accounts.unfreeze_account,
    c.SuspendAccount: clocks.suspend_account,
    c.ResumeAccount: clocks.resume_account,
    c.SignContract: contracts.sign_contract,
    c.EndContract: contracts.end_contract,
    c.ProposeAmendment: amendments.propose_amendment,
    c.AcceptAmendment: amendments.accept_amendment,
    c.DeclineAmendment: amendments.decline_amendment,
    c.WithdrawAmendment: amendments.withdraw_amendment,
    c.PublishFeeNotice: fees.publish_fee_notice,
    c.ReportCash: cash.report_cash,
    c.CloseCashReport: cash.close_cash_report,
    c.PostDeposit: money_in.post_deposit,
    c.MatchSuspense: money_in.match_suspense,
    c.ReturnSuspense: money_in.return_suspense,
    c.ReleaseReserve: money_in.release_reserve,
    c.ReportBankBalance: bank_truth.report_bank_balance,
    c.RecordBankStatement: bank_truth.record_bank_statement,
    c.ReconcileAccount: reconciliation.reconcile_account,
    c.AssignBreak: reconciliation.assign_break,
    c.ResolveBreak: reconciliation.resolve_break,
    c.RecordUnexplainedDebit: bank_truth.record_unexplained_debit,
    c.RestoreUnexplainedDebit: bank_truth.restore_unexplained_debit,
    c.DeliverLesson: lessons.deliver_lesson,
    c.CorrectLesson: lessons.correct_lesson,
    c.ConfirmLesson: lesson_confirmation.confirm_lesson,
    c.DisputeLesson: lesson_disputes.dispute_lesson,
    c.ResolveDispute: lesson_disputes.resolve_dispute,
    c.RecordLeave: lesson_absence.record_leave,
    c.RecordAbsence: lesson_absence.record_absence,
    c.RequestPayout: payouts.request_payout,
    c.AnnouncePayout: payouts.announce_payout,
    c.RequestAdvance: advances.request_advance,
    c.ReportKeptFee: kept_fees.report_kept_fee,
    c.RecordInstitutionRefund: kept_fees.record_institution_refund,
    c.DrawReserve: kept_fees.draw_reserve,
    c.SettleInstruction: instructions.settle_instruction,
    c.ApproveInstruction: payment_orders.approve_instruction,
    c.DeclineInstruction: payment_orders.decline_instruction,
    c.ExportInstructions: payment_orders.export_instructions,
    c.RequestRefund: refunds.request_refund,
    c.AnswerRefund: refunds.answer_refund,
    c.OrderRefund: refunds.order_refund,
    c.InstructRefund: refunds.instruct_refund,
    c.WithdrawRefund: refunds.withdraw_refund,
    c.SetMinimumBalance: holds.set_minimum_balance,
    c.HoldFunds: holds.hold_funds,
    c.ReleaseHold: holds.release_hold,
    c.CloseDay: close_day,
    c.OfferContinuity: continuity.offer_continuity,
    c.AcceptContinuity: continuity.accept_continuity,
    c.RevokeContinuity: continuity.revoke_continuity,
    c.TransferContinuity: continuity.transfer_continuity,
    c.ReceiveContinuity: continuity.receive_continuity,
    c.InstructTransfer: continuity.instruct_transfer,
    c.NotifyClosure: closures.notify_closure,
    c.StartWindDown: closures.start_wind_down,
    c.ContinueWindDown: distributions.continue_wind_down,
    c.DistributeClaims: distributions.distribute_claims,
    c.CloseWindDown: distributions.close_wind_down,
    c.AcknowledgeAlert: alerts.acknowledge_alert,
    c.AssignAlert: alerts.assign_alert,
    c.ResolveAlert: alerts.resolve_alert,
    c.SilenceAlert: alerts.silence_alert,
    c.EndAlertSilence: alerts.end_alert_silence,
    c.EscalateAlert: alerts.escalate_alert,
    c.RecordFinding: alerts.record_finding,
    c.RecordInstitutionFact: alerts.record_institution_fact,
    c.RecordPremises: alerts.record_premises,
    c.RecordTimetable: alerts.record_timetable,
}

CASE_DECISIONS: dict[type[c.Command], Callable[[Any, Any, Context], Decision]] = {
    of_cases.OpenCase: cases.open_case,
    of_cases.ReclassifyCase: cases.reclassify_case,
    of_cases.TransferCase: cases.transfer_case,
    of_cases.AssignCase: cases.assign_case,
    of_cases.StartCaseStep: cases.start_step,
    of_cases.FinishCaseStep: cases.finish_step,
    of_cases.NoteCase: cases.note_case,
    of_cases.RecordCaseInspection: case_outcomes.record_inspection,
    of_cases.RequireRectification: case_outcomes.require_rectification,
    of_cases.AnswerRectification: case_outcomes.answer_rectification,
    of_cases.CheckRectification: case_outcomes.check_rectification,
    of_cases.RecordMediation: cases.record_mediation,
    of_cases.DecideCaseAction: case_outcomes.decide_action,
    of_cases.LinkCase: case_outcomes.link_case,
    of_cases.RefuseCaseAction: case_outcomes.refuse_action,
    of_cases.CloseCase: cases.close_case,
    of_cases.ReopenCase: cases.reopen_case,
    of_cases.CloseCaseDay: cases.close_case_day,
    of_draws.AnnounceInspectionDraw: inspections.announce_draw,
    of_draws.DrawInspections: inspections.draw_inspections,
}
"""Of the streams that are no accounts: supervision cases and inspection draws."""
_OPENING = frozenset({c.OpenAccount, of_cases.OpenCase, of_draws.AnnounceInspectionDraw})


def decide(account: StreamState, command: c.Command, context: Context) -> Decision:
    """The events that the command causes now; an empty list when nothing needs to change.

    Pure: the state is not touched. Raises `LedgerError` for an expected refusal: `account_not_found` (`case_not_found`,
    `draw_not_found`), `id_taken`, `date_in_future`, or one of those that the command's own decision names.
    """
    kind = type(command)
    decision: Callable[[Any, Any, Context], Decision] | None = DECISIONS.get(kind)
    if decision is None or type(account) is not EscrowAccount or account.version == 0:
        _require_stream(account, command)
        decision = decision or CASE_DECISIONS[kind]
    if command.effective_on > context.today:
        raise LedgerError("date_in_future", date=command.effective_on.isoformat(), today=context.today.isoformat())
    return decision(account, command, context)


def _require_stream(state: StreamState, command: c.Command) -> None:
    """The stream is of the command's kind and there, or is opened now under an id that no other kind has."""
    if type(command) not in _OPENING:
        _require_open(state, command)
    elif type(state) is not asked_of(command):
        raise LedgerError("id_taken")


def _require_open(state: StreamState, command: c.Command) -> None:
    """Nothing but its opening can be asked of what is not there; a stream of another kind is not there either."""
    if isinstance(command, of_cases.CaseCommand):
        if not isinstance(state, SupervisionCase) or state.version == 0:
            raise LedgerError("case_not_found")
    elif isinstance(command, of_draws.DrawCommand):
        if not isinstance(state, InspectionDraw) or state.version == 0:
            raise LedgerError("draw_not_found")
    elif isinstance(state, EscrowAccount):
        require_open(state)
    else:
        raise LedgerError("account_not_found")


__all__ = ["CASE_DECISIONS", "DECISIONS", "Context", "Decision", "decide"]
