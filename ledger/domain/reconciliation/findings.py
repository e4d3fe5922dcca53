"""What a comparison finds: differences, and the figures of each day."""

from datetime import date
from uuid import UUID

import msgspec

from ledger.domain.events import BreakKind, DayState
from ledger.domain.reconciliation.kinds import INTERNAL, break_id


class Difference(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One break as it is now; the fields are those of `BreakFound`."""

    kind: BreakKind
    subject: str
    since_on: date
    difference_fen: int = 0
    bank_fen: int | None = None
    ledger_fen: int | None = None
    bank_on: date | None = None
    ledger_on: date | None = None
    end_to_end_id: str = ""
    short_fen: int = 0

    def id_in(self, account_id: UUID) -> str:
        """The break's id in that account."""
        return break_id(account_id, self.kind, self.subject)

    def touches(self, day: date) -> bool:
        """Whether bank and ledger do not agree at the end of that day because of it."""
        if self.kind == "date_differs":
            assert self.bank_on is not None
            assert self.ledger_on is not None
            first, last = sorted((self.bank_on, self.ledger_on))
            return first <= day < last
        return self.since_on <= day and (self.difference_fen != 0 or self.kind in INTERNAL)


class BookFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the views say of the ledger's own sums (fen): equations 2 to 4, each figure added up from other rows."""

    assets_fen: int
    liabilities_fen: int
    prepaid_fen: int
    families_fen: int
    lessons_fen: int


class DayFigures(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The bank's closing balance of a day and ours of its end (fen); `recorded` is what was recorded of it before."""

    day: date
    statement_id: str
    bank_fen: int
    cash_fen: int
    assets_fen: int
    liabilities_fen: int
    recorded: "RecordedDay | None" = None


class RecordedDay(msgspec.Struct, frozen=True, gc=False):
    """What the last `DayReconciled` of a day said."""

    state: DayState
    statement_id: str
    bank_fen: int
    cash_fen: int
    assets_fen: int
    liabilities_fen: int
    open_breaks: int
