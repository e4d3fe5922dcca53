"""Folding events into several views of one partition at once."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import AsyncConnection

from ledger.domain.events import TOPICS, Event
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.view import Handler, View


class Fold:
    """Views that stand at the same position, and for each kind of event what it means to them."""

    def __init__(self, views: Sequence[View]) -> None:
        self.views = views
        self._folds = _joined([view.folds() for view in views])
        self._looks = self._join_looks()

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

    async def load(self, connection: AsyncConnection[Any]) -> None:
        """Fetch the stored rows that were noted, then those that they lead to: a round trip for all of either."""
        every = [rows for view in self.views for rows in view.rows]
        for _ in range(2):
            wanted = [rows for rows in every if rows.wanted]
            if wanted:
                async with connection.pipeline():
                    asked = [await rows.ask(connection) for rows in wanted]
                    for rows, cursor in zip(wanted, asked, strict=True):
                        await rows.take(cursor)
            for rows in every:
                rows.lead()

    def apply(self, events: Iterable[LoggedEvent]) -> None:
        """Change the rows in memory."""
        folds = self._folds
        for at in events:
            event = at.event
            for fold in folds[type(event)]:
                fold(at, event)

    async def write(self, connection: AsyncConnection[Any]) -> None:
        """Write what changed, in the running transaction."""
        for view in self.views:
            for rows in view.rows:
                await rows.write(connection)

    def written(self, most_rows: int) -> None:
        """After the commit."""
        for view in self.views:
            for rows in view.rows:
                rows.written(most_rows)
        self._looks = self._join_looks()


def _joined(of_views: list[dict[type[Event], Handler]]) -> dict[type[Event], tuple[Handler, ...]]:
    return {cls: tuple(one[cls] for one in of_views if cls in one) for cls in TOPICS.values()}
