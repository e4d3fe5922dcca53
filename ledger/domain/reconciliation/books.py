"""The two sides of a comparison: the bank's statements and the ledger's entries of one account."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple

import msgspec

from ledger.domain.reconciliation.findings import BookFigures, RecordedDay
from ledger.domain.reconciliation.kinds import debit_subject

InstructionStanding = Literal["", "unapproved", "pending", "settled", "rejected"]
"""Where the instruction with an entry's end-to-end id stands; empty when there is none."""


class Entry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry of the bank's books that the two sides do not simply agree on (fen, a credit positive).

    `covered`: a whole statement has the ledger's day. `repeats`: the reference that a statement listed before.
    `shared`: there is an entry of the other direction with this reference.
    """

    reference: str
    end_to_end_id: str = ""
    ledger_fen: int | None = None
    ledger_on: date | None = None
    bank_kind: str = ""
    bank_fen: int | None = None
    bank_on: date | None = None
    statement_id: str = ""
    statement_on: date | None = None
    in_period: bool = True
    repeats: str = ""
    covered: bool = False
    instruction: InstructionStanding = ""
    unapproved: bool = False
    shared: bool = False

    @property
    def subject(self) -> str:
        """What a difference of the entry is about."""
        fen = self.ledger_fen if self.bank_fen is None else self.bank_fen
        return debit_subject(self.reference) if self.shared and fen is not None and fen < 0 else self.reference

    @property
    def agrees(self) -> bool:
        """Both sides say the same: such an entry is here because what left is to be given back."""
        return (
            self.ledger_fen is not None
            and self.ledger_fen == self.bank_fen
            and self.ledger_on == self.bank_on
            and self.in_period
        )


class Statement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A statement as far as its parts are there (fen)."""

    statement_id: str
    position: int
    from_on: date
    to_on: date
    opening_fen: int
    closing_fen: int
    entries_fen: int
    complete: bool = True
    repeats: str = ""


class Closing(NamedTuple):
    """A closing balance that the bank reported apart from statements (fen)."""

    day: date
    statement_id: str
    balance_fen: int


class SentTransfer(NamedTuple):
    """Money (fen) that the bank of another supervised account sent here, and that is not here."""

    transfer_id: str
    amount_fen: int
    sent_on: date
    end_to_end_id: str


class DayTotals(NamedTuple):
    """The ledger's cash, assets and liabilities at the end of a day on which money moved (fen).

    `cash_moved`: whether the cash is another than the day before.
    """

    day: date
    cash_fen: int
    assets_fen: int
    liabilities_fen: int
    cash_moved: bool


class AccountBooks(msgspec.Struct, frozen=True, kw_only=True):
    """One account as its views have it at `version`, from `from_on` on.

    `before` are the totals of the day before `from_on`; `statements` are in the order of their days. The bank's closing
    of `baseline_on`, if there is one, was judged before: it is what the next is measured against. `first_on` is the
    first day of any statement. `imported_fen` of cash were there at the beginning of `imported_on`, when supervision
    began. `accepted` are the ids of breaks that people explained, with the figures that they explained. `sent` is known
    of accounts that have money in transit.
    """

    account_id: str
    version: int
    from_on: date
    before: DayTotals
    totals: Sequence[DayTotals] = ()
    statements: Sequence[Statement] = ()
    reported: Sequence[Closing] = ()
    entries: Sequence[Entry] = ()
    recorded: dict[date, RecordedDay] = {}
    accepted: dict[str, tuple[int, int | None, int | None]] = {}
    first_on: date | None = None
    baseline_on: date | None = None
    imported_on: date | None = None
    imported_fen: int = 0
    shortage_fen: int = 0
    in_transit_fen: int = 0
    sent: Sequence[SentTransfer] = ()
    figures: BookFigures | None = None

    def at_end_of(self, day: date) -> DayTotals:
        """The ledger's totals at the end of a day."""
        index = bisect_right(self.totals, day, key=lambda one: one.day)
        return self.totals[index - 1] if index else self.before

    def cash_fen(self, day: date) -> int:
        """The ledger's cash at the end of a day."""
        return self.at_end_of(day).cash_fen

    def cash_before(self, day: date) -> int:
        """The ledger's cash at the beginning of a day."""
        return self.cash_fen(day - timedelta(days=1)) + (self.imported_fen if day == self.imported_on else 0)
