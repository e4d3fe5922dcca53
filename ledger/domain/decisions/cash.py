"""Decisions about cash that the institution took (rule cash.sweep): reported, in the account, late, or not to come."""

from datetime import timedelta

from ledger.domain.account import EscrowAccount
from ledger.domain.commands import CloseCashReport, CloseDay, Command, ReportCash
from ledger.domain.decisions.context import Context, Decision
from ledger.domain.decisions.contracts import open_contract, require_not_amended
from ledger.domain.errors import LedgerError
from ledger.domain.events import CashReportClosed, CashSweepOverdue, CashSwept, CashTaken
from ledger.domain.money import require_fen

SWEEP = "cash.sweep"


def report_cash(account: EscrowAccount, command: ReportCash, context: Context) -> Decision:
    """The days run from the day on which it was taken, whenever it is told.

    Refuses `contract_not_found`, `contract_amended`, `cash_reported_before` and wrong amounts.
    """
    require_fen(command.amount_fen)
    require_not_amended(open_contract(account, command.contract_id))
    if command.cash_id in account.fees.cash_reports:
        raise LedgerError("cash_reported_before", cash_id=command.cash_id)
    policy = context.policy_of(account, command)
    days = policy.cash_sweep_days
    return [
        CashTaken(
            **(context.ruled(command, policy, SWEEP) if days else context.envelope(command)),
            cash_id=command.cash_id,
            contract_id=command.contract_id,
            amount_fen=command.amount_fen,
            due_on=command.effective_on + timedelta(days=days) if days else None,
        )
    ]


def close_cash_report(account: EscrowAccount, command: CloseCashReport, context: Context) -> Decision:
    """Refuses `cash_not_found`."""
    report = account.fees.cash_reports.get(command.cash_id)
    if report is None:
        raise LedgerError("cash_not_found", cash_id=command.cash_id)
    return [
        CashReportClosed(
            **context.envelope(command),
            cash_id=command.cash_id,
            contract_id=report.contract_id,
            amount_fen=report.left_fen,
            reason=command.reason,
        )
    ]


def sweep(
    account: EscrowAccount,
    command: Command,
    context: Context,
    *,
    contract_id: str,
    amount_fen: int,
    bank_reference: str,
) -> Decision:
    """The cash of the contract, oldest first, that a receipt for it brings into the account."""
    events: Decision = []
    for cash_id, report in account.fees.cash_reports.items():
        part_fen = min(amount_fen, report.left_fen)
        if report.contract_id != contract_id or part_fen <= 0:
            continue
        amount_fen -= part_fen
        events.append(
            CashSwept(
                **context.envelope(command),
                cash_id=cash_id,
                contract_id=contract_id,
                amount_fen=part_fen,
                left_fen=report.left_fen - part_fen,
                bank_reference=bank_reference,
            )
        )
    return events


def close_cash(account: EscrowAccount, command: CloseDay, context: Context) -> Decision:
    """At the daily close: cash that was to be in the account by a day that is past."""
    late = [
        (cash_id, report)
        for cash_id, report in account.fees.cash_reports.items()
        if report.due_on is not None and report.due_on < command.effective_on and not report.overdue
    ]
    if not late:
        return []
    policy = context.policy_of(account, command)
    return [
        CashSweepOverdue(
            **context.ruled(command, policy, SWEEP),
            cash_id=cash_id,
            contract_id=report.contract_id,
            amount_fen=report.left_fen,
            due_on=report.due_on,
        )
        for cash_id, report in late
        if report.due_on is not None
    ]
