"""Decisions: one pure function a command, from working state and context to events or a refusal."""

from collections.abc import Callable
from typing import Any

from ledger.domain import commands as c
from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import account as accounts
from ledger.domain.decisions import bank_truth, contracts, holds, instructions, lessons, money_in, refunds
from ledger.domain.decisions.close_day import close_day
from ledger.domain.decisions.context import Context, Decision, require_open
from ledger.domain.errors import LedgerError

DECISIONS: dict[type[c.Command], Callable[[EscrowAccount, Any, Context], Decision]] = {
    c.OpenAccount: accounts.open_account,
    c.ImportOpeningBalance: accounts.import_opening_balance,
    c.ChangeAuthority: accounts.change_authority,
    c.AssignPolicy: accounts.assign_policy,
    c.RateInstitution: accounts.rate_institution,
    c.ListInstitution: accounts.list_institution,
    c.FreezeAccount: accounts.freeze_account,
    c.UnfreezeAccount: accounts.unfreeze_account,
    c.SignContract: contracts.sign_contract,
    c.EndContract: contracts.end_contract,
    c.PostDeposit: money_in.post_deposit,
    c.MatchSuspense: money_in.match_suspense,
    c.ReturnSuspense: money_in.return_suspense,
    c.ReleaseReserve: money_in.release_reserve,
    c.ReportBankBalance: bank_truth.report_bank_balance,
    c.RecordUnexplainedDebit: bank_truth.record_unexplained_debit,
    c.RestoreUnexplainedDebit: bank_truth.restore_unexplained_debit,
    c.DeliverLesson: lessons.deliver_lesson,
    c.CorrectLesson: lessons.correct_lesson,
    c.RequestPayout: instructions.request_payout,
    c.SettleInstruction: instructions.settle_instruction,
    c.RequestRefund: refunds.request_refund,
    c.AnswerRefund: refunds.answer_refund,
    c.OrderRefund: refunds.order_refund,
    c.InstructRefund: refunds.instruct_refund,
    c.WithdrawRefund: refunds.withdraw_refund,
    c.SetMinimumBalance: holds.set_minimum_balance,
    c.HoldFunds: holds.hold_funds,
    c.ReleaseHold: holds.release_hold,
    c.CloseDay: close_day,
}


def decide(account: EscrowAccount, command: c.Command, context: Context) -> Decision:
    """The events that the command causes now; an empty list when nothing needs to change.

    Pure: the account is not touched. Raises `LedgerError` for an expected refusal: `account_not_found`,
    `date_in_future`, or one of those that the command's own decision names.
    """
    if type(command) is not c.OpenAccount:
        require_open(account)
    if command.effective_on > context.today:
        raise LedgerError("date_in_future", date=command.effective_on.isoformat(), today=context.today.isoformat())
    return DECISIONS[type(command)](account, command, context)


__all__ = ["DECISIONS", "Context", "Decision", "decide"]
