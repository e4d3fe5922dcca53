"""The rows of the view `reconciliation`: statements, entries of both sides, days and breaks."""

from datetime import date, datetime
from typing import Literal, NamedTuple

import msgspec

from ledger.domain.events import BreakKind, BreakOwner, DayState
from ledger.projections.rows import Rows
from ledger.projections.table import Table

BreakState = Literal["open", "resolved"]
EntryKey = tuple[str, str, bool]
"""Account, reference, and whether it is a credit."""
TAKEN_BACK = ("bank_fee", "seizure")
"""Kinds of entries that stay open when the ledger has them: the money is still gone."""


class BankStatement(msgspec.Struct, gc=False):
    """A statement as far as its parts are recorded (fen). `repeats` is an earlier one of the same content."""

    account_id: str
    statement_id: str
    partition: int
    position: int
    from_on: date
    to_on: date
    opening_fen: int
    closing_fen: int
    parts: int
    parts_recorded: int = 0
    entries: int = 0
    entries_fen: int = 0
    repeats: str = ""


class ReportedBalance(msgspec.Struct, gc=False):
    """A closing balance that the bank reported by itself (fen)."""

    account_id: str
    effective_on: date
    partition: int
    position: int
    statement_id: str
    balance_fen: int


class BankEntry(msgspec.Struct, gc=False):
    """An entry of the bank's books from both sides (fen, a credit positive).

    `listed` counts how often statements list it; each listing after the first is a row of its own, with `repeats`.
    `paired` is the reference of the row with the other side, in the same direction, where only the end-to-end id is the
    same: the row with the ledger's side then has both. `unapproved`: the bank paid what waited for a second person.
    """

    account_id: str
    reference: str
    credit: bool
    partition: int
    position: int
    end_to_end_id: str = ""
    ledger_topic: str = ""
    ledger_fen: int | None = None
    ledger_on: date | None = None
    bank_kind: str = ""
    bank_fen: int | None = None
    bank_on: date | None = None
    statement_id: str = ""
    statement_on: date | None = None
    in_period: bool = True
    listed: int = 0
    repeats: str = ""
    paired: str = ""
    unapproved: bool = False

    @property
    def agrees(self) -> bool:
        """Both sides say the same."""
        return (
            self.ledger_fen is not None
            and self.ledger_fen == self.bank_fen
            and self.ledger_on == self.bank_on
            and self.in_period
        )

    @property
    def open(self) -> bool:
        """Whether a comparison has to look at the row."""
        if self.paired and self.ledger_fen is None:
            return False
        return not self.agrees or self.unapproved or self.bank_kind in TAKEN_BACK


class BankEnd(msgspec.Struct, gc=False):
    """The entries with one end-to-end id in one direction, by their references."""

    account_id: str
    end_id: str
    partition: int
    ledger_reference: str = ""
    bank_reference: str = ""

    @property
    def credit(self) -> bool:
        """The direction, which the end of the id tells."""
        return self.end_id.endswith("+")


class ReconciledDay(msgspec.Struct, gc=False):
    """The last `DayReconciled` of a day."""

    account_id: str
    effective_on: date
    partition: int
    position: int
    version: int
    recorded_at: datetime
    state: DayState
    statement_id: str
    bank_fen: int
    cash_fen: int
    assets_fen: int
    liabilities_fen: int
    prepaid_fen: int
    families_fen: int
    lessons_fen: int
    open_breaks: int


class BreakRecord(msgspec.Struct, gc=False):
    """A break as last found, and what became of it; fields as in `BreakFound` and `BreakResolved`."""

    account_id: str
    break_id: str
    partition: int
    position: int
    kind: BreakKind
    owner: BreakOwner
    subject: str
    since_on: date
    due_on: date
    difference_fen: int
    bank_fen: int | None
    ledger_fen: int | None
    bank_on: date | None
    ledger_on: date | None
    end_to_end_id: str
    short_fen: int
    found_on: date
    found_at: datetime
    state: BreakState = "open"
    assignee: str = ""
    assignment_note: str = ""
    overdue_on: date | None = None
    resolved_on: date | None = None
    resolved_at: datetime | None = None
    resolved_by: str = ""
    how: str = ""
    reason: str = ""
    link: str = ""


class ReconciledAccount(msgspec.Struct, gc=False):
    """Since when the bank sends statements, the last day compared, and the content of the latest statements by id.

    `imported_fen` is the cash that was there when supervision began (`imported_on`).
    """

    account_id: str
    partition: int
    first_on: date | None = None
    through_on: date | None = None
    imported_on: date | None = None
    imported_fen: int = 0
    statements: dict[str, str] = {}


STATEMENTS = Table("bank_statements", BankStatement, key=("account_id", "statement_id"))
REPORTED = Table("reported_balances", ReportedBalance, key=("account_id", "effective_on"))
ENDS = Table("bank_ends", BankEnd, key=("account_id", "end_id"))
ENTRIES = Table("bank_entries", BankEntry, key=("account_id", "reference", "credit"), derived=("open",))
DAYS = Table("reconciled_days", ReconciledDay, key=("account_id", "effective_on"))
BREAKS = Table("breaks", BreakRecord, key=("account_id", "break_id"))
ACCOUNTS = Table("reconciled_accounts", ReconciledAccount, key=("account_id",), json=("statements",))


class ReconciliationRows(NamedTuple):
    """The rows of one partition, in the order of the view's tables: ends before the entries that they lead to."""

    statements: Rows[tuple[str, str], BankStatement]
    reported: Rows[tuple[str, date], ReportedBalance]
    ends: Rows[tuple[str, str], BankEnd]
    entries: Rows[EntryKey, BankEntry]
    days: Rows[tuple[str, date], ReconciledDay]
    breaks: Rows[tuple[str, str], BreakRecord]
    accounts: Rows[str, ReconciledAccount]
