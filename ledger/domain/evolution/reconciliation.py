"""Evolution of breaks, and of the version at which the bank's word or a break last changed."""

from ledger.domain.account import EscrowAccount
from ledger.domain.break_state import OpenBreak
from ledger.domain.events import (
    BankBalanceReported,
    BankBreakOverdue,
    BankStatementRecorded,
    BreakAssigned,
    BreakFound,
    BreakResolved,
    DayReconciled,
    UnexplainedDebitRecorded,
)
from ledger.domain.evolution.account import Handlers
from ledger.domain.reconciliation.kinds import debit_subject


def _word(a: EscrowAccount) -> None:
    a.bank_word_version = a.version + 1


def _balance(a: EscrowAccount, e: BankBalanceReported) -> None:
    a.bank_balance_fen = e.balance_fen
    _word(a)


def _statement(a: EscrowAccount, e: BankStatementRecorded) -> None:
    a.bank_balance_fen = e.closing_fen
    _word(a)


def _found(a: EscrowAccount, e: BreakFound) -> None:
    known = a.breaks.get(e.break_id)
    a.breaks[e.break_id] = OpenBreak(
        kind=e.kind,
        subject=e.subject,
        since_on=e.since_on,
        due_on=e.due_on,
        term=e.term,
        difference_fen=e.difference_fen,
        bank_fen=e.bank_fen,
        ledger_fen=e.ledger_fen,
        short_fen=e.short_fen,
        overdue=known is not None and known.overdue,
    )
    _word(a)


def _assigned(a: EscrowAccount, _: BreakAssigned) -> None:
    _word(a)


def _resolved(a: EscrowAccount, e: BreakResolved) -> None:
    a.breaks.pop(e.break_id, None)
    _word(a)


def _overdue(a: EscrowAccount, e: BankBreakOverdue) -> None:
    if e.break_id in a.breaks:
        a.breaks[e.break_id].overdue = True
    _word(a)


def _day(a: EscrowAccount, _: DayReconciled) -> None:
    _word(a)


def _debit(a: EscrowAccount, e: UnexplainedDebitRecorded) -> None:
    """What left is out of the cash now: it is no longer money that only the bank knows to be gone."""
    about = (e.bank_reference, debit_subject(e.bank_reference))
    for known in a.breaks.values():
        if known.subject in about and known.bank_fen is not None and known.bank_fen < 0:
            known.short_fen = max(0, known.short_fen - e.amount_fen)


RECONCILIATION: Handlers = {
    BankBalanceReported: _balance,
    BankStatementRecorded: _statement,
    BreakFound: _found,
    BreakAssigned: _assigned,
    BreakResolved: _resolved,
    BankBreakOverdue: _overdue,
    DayReconciled: _day,
    UnexplainedDebitRecorded: _debit,
}
