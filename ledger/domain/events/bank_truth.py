"""Events of what the bank says about the account, apart from payments that the ledger knows."""

from datetime import date
from typing import ClassVar, Literal

from ledger.domain.events.base import BankEntryEvent, Event, Value, topic

DebitKind = Literal["bank_fee", "seizure", "unknown"]
StatementEntryKind = Literal["receipt", "payment", "return", "bank_fee", "seizure", "restored", "unknown"]


@topic("account.bank_balance_reported")
class BankBalanceReported(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank's closing book balance of the effective day."""

    statement_id: str
    balance_fen: int


@topic("account.unexplained_debit_recorded")
class UnexplainedDebitRecorded(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money left the account without an instruction; the institution owes it back."""

    credit: ClassVar[bool] = False

    kind: DebitKind
    amount_fen: int


@topic("account.unexplained_debit_restored")
class UnexplainedDebitRestored(BankEntryEvent, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money that had left without an instruction came back."""

    amount_fen: int


class StatementEntry(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One line of a statement. `amount_fen` is signed, a credit positive; `end_to_end_id` is our instruction's."""

    entry_reference: str
    amount_fen: int
    booked_on: date
    kind: StatementEntryKind
    end_to_end_id: str = ""


@topic("account.bank_statement_recorded")
class BankStatementRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The bank's statement of the days `from_on` to `to_on`, counted for the last of them; `part` 1 to `parts`.

    Every part names the balances of the whole statement (fen, may be negative). It is the bank's word and recorded as
    it is: opening and entries that do not add up to the closing balance are a break, not a refusal.
    """

    statement_id: str
    from_on: date
    to_on: date
    opening_fen: int
    closing_fen: int
    entries: tuple[StatementEntry, ...]
    part: int = 1
    parts: int = 1
