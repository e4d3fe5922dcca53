"""Folding events into several views of one partition at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection

from ledger.domain.events import TOPICS, Event
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.rows import Rows
from ledger.projections.table import Standing, Table, TableWrite
from ledger.projections.view import Handler, View


class Fold:
    """Views that stand at the same position, and for each kind of event what it means to them."""

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views
        self._folds = _joined([view.folds() for view in views])
        self._looks = self._join_looks()

    @property
    def rows(self) -> list[Rows[Any, Any]]:
        """What the views have in memory of each of their tables."""
        return [rows for view in self.views for rows in view.rows]

    @property
    def complete(self) -> bool:
        """Whether every row of every view is in memory, so that nothing has to be looked for."""
        return all(view.complete for view in self.views)

    def _join_looks(self) -> dict[type[Event], tuple[Handler, ...]]:
        return _joined([view.looks() for view in self.views if not view.complete])

    def look(self, events: Iterable[LoggedEvent]) -> None:
        """Note which rows these events look at."""
        looks = self._looks
        for at in events:
            for look in looks[type(at.event)]:
                look(at, at.event)

    def apply(self, events: Iterable[LoggedEvent]) -> None:
        """Change the rows in memory."""
        folds = self._folds
        for at in events:
            event = at.event
            for fold in folds[type(event)]:
                fold(at, event)

    def written(self, most_rows: int) -> None:
        """After the commit."""
        for rows in self.rows:
            rows.written(most_rows)
        self._looks = self._join_looks()


async def load(connection: AsyncConnection[Any], folds: Sequence[Fold]) -> None:
    """Fetch the stored rows that were noted, then those that they lead to: a round trip for all of either."""
    every = [rows for fold in folds for rows in fold.rows]
    for _ in range(2):
        wanted = [rows for rows in every if rows.wanted]
        if wanted:
            async with connection.pipeline():
                asked = [await rows.ask(connection) for rows in wanted]
                for rows, cursor in zip(wanted, asked, strict=True):
                    await rows.take(cursor)
        for rows in every:
            rows.lead()


def to_write(folds: Sequence[Fold]) -> list[TableWrite]:
    """What writes the changed rows: those of a table go together, whatever their partition."""
    of_tables: dict[tuple[Table[Any], Standing], list[Any]] = {}
    for fold in folds:
        for rows in fold.rows:
            for standing, changed in rows.to_write().items():
                of_tables.setdefault((rows.table, standing), []).extend(changed)
    return [table.write(rows, standing) for (table, standing), rows in of_tables.items()]


def _joined(of_views: list[dict[type[Event], Handler]]) -> dict[type[Event], tuple[Handler, ...]]:
    return {cls: tuple(one[cls] for one in of_views if cls in one) for cls in TOPICS.values()}
