"""Events of what the bank says about the account, apart from payments that the ledger knows."""

from typing import Literal

from ledger.domain.events.base import BankEntryEvent, Event, topic

DebitKind = Literal["bank_fee", "seizure", "unknown"]


@topic("account.bank_balance_reported")
class BankBalanceReported(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank's closing book balance of the effective day."""

    statement_id: str
    balance_fen: int


@topic("account.unexplained_debit_recorded")
class UnexplainedDebitRecorded(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money left the account without an instruction; the institution owes it back."""

    kind: DebitKind
    amount_fen: int


@topic("account.unexplained_debit_restored")
class UnexplainedDebitRestored(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money that had left without an instruction came back."""

    amount_fen: int
