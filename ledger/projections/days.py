"""Days: what moved on each effective day, from which any balance as of an effective date adds up."""

from datetime import date
from typing import Any, ClassVar

import msgspec

from ledger.domain.events import AccountOpened, Event
from ledger.domain.postings import POSTINGS
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.rows import Rows
from ledger.projections.table import Table
from ledger.projections.view import Handler, View


class DayMovement(msgspec.Struct, gc=False):
    """The sum of a bucket's movements on one effective day, in fen; `owner` is a contract, or empty for all."""

    account_id: str
    bucket: str
    owner: str
    effective_on: date
    partition: int
    amount_fen: int


TABLE = Table("days", DayMovement, key=("account_id", "bucket", "owner", "effective_on"))
_Key = tuple[str, str, str, date]
# Events that move no money share one function, which has no postings.
_MOVING = tuple(cls for cls, of in POSTINGS.items() if of is not POSTINGS[AccountOpened])


class Days(View):
    """Follows every event that moves money."""

    name = "days"
    tables: ClassVar[tuple[Table[Any], ...]] = (TABLE,)

    def __init__(self, *, complete: bool) -> None:
        super().__init__(complete=complete)
        self._days: Rows[_Key, DayMovement] = self.rows[0]

    def folds(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVING, self._move)

    def looks(self) -> dict[type[Event], Handler]:
        return dict.fromkeys(_MOVING, self._look)

    def _look(self, at: LoggedEvent, e: Event) -> None:
        for bucket, owner, _ in at.postings:
            self._days.want((at.account_id, bucket, "", e.effective_on))
            if bucket == "prepaid":
                self._days.want((at.account_id, bucket, owner, e.effective_on))

    def _move(self, at: LoggedEvent, e: Event) -> None:
        for bucket, owner, amount_fen in at.postings:
            self._add(at, (at.account_id, bucket, "", e.effective_on), amount_fen)
            if bucket == "prepaid":
                self._add(at, (at.account_id, bucket, owner, e.effective_on), amount_fen)

    def _add(self, at: LoggedEvent, key: _Key, amount_fen: int) -> None:
        if self._days.get(key) is None:
            self._days.put(key, DayMovement(*key, at.partition, amount_fen))
        else:
            self._days.change(key).amount_fen += amount_fen
