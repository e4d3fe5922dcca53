"""Long lists as people read them: the newest first, a page at a time."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

from api.pages import write_cursor
from ledger.projections.paging import Cursor


class Placed(Protocol):
    """A row that knows where the event stands that created it."""

    @property
    def partition(self) -> int: ...
    @property
    def position(self) -> int: ...


R = TypeVar("R", bound=Placed)


def page_of(rows: Sequence[R], most: int) -> tuple[list[R], str | None]:
    """The first `most` of the rows that were read (one more than `most`), and the cursor of the next page, if any."""
    shown = list(rows[:most])
    if len(rows) <= most:
        return shown, None
    last = shown[-1]
    return shown, write_cursor(Cursor(last.partition, last.position, getattr(last, "ordinal", 0)))
