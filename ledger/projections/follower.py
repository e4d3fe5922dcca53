"""Following one partition: views that stand together are folded together, one that is behind catches up alone."""

import asyncio
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from ledger.projections.event_log import Decode, StoredRow, decoded, read
from ledger.projections.fold import Fold
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.positions import MovedError, Standing, advance
from ledger.projections.view import View

_SLICE = 250
"""Events between two chances for other tasks of the process: some milliseconds."""


class Group(NamedTuple):
    """Views at one position, with the rows they have in memory."""

    position: int
    generations: dict[type[View], int]
    fold: Fold


class Follower:
    """The views of one partition as this process writes them."""

    def __init__(
        self,
        partition: int,
        standing: dict[type[View], Standing],
        decode: Decode,
        *,
        batch: int,
        most_rows: int,
    ) -> None:
        self.partition = partition
        self._decode = decode
        self._batch = batch
        self._most_rows = most_rows
        self._groups = _grouped(standing)

    @property
    def position(self) -> int:
        """What every view has reached."""
        return min(group.position for group in self._groups)

    async def step(self, connection: AsyncConnection[Any], head: int) -> bool:
        """One batch for each group of views that is behind `head`; whether there was any.

        MovedError when another process wrote one of the views: this follower's memory is then worthless.
        """
        moved = False
        for index, group in enumerate(self._groups):
            ahead = self._groups[index + 1].position if index + 1 < len(self._groups) else head
            if group.position < min(ahead, head):
                self._groups[index] = await self._advance(connection, group, min(ahead, head))
                moved = True
        self._groups = _merged(self._groups)
        return moved

    async def _advance(self, connection: AsyncConnection[Any], group: Group, through: int) -> Group:
        rows = await read(connection, self.partition, after=group.position, through=through, limit=self._batch)
        if group.fold.complete:
            for start in range(0, len(rows), _SLICE):
                group.fold.apply(decoded(rows[start : start + _SLICE], self.partition, self._decode))
                await asyncio.sleep(0)
        else:
            await self._look_and_apply(connection, group.fold, rows)
        position = group.position + len(rows)
        async with connection.pipeline(), connection.transaction():
            await advance(connection, self.partition, group.generations, before=group.position, to=position)
            await group.fold.write(connection)
        group.fold.written(self._most_rows)
        return group._replace(position=position)

    async def _look_and_apply(self, connection: AsyncConnection[Any], fold: Fold, rows: list[StoredRow]) -> None:
        events: list[list[LoggedEvent]] = []
        for start in range(0, len(rows), _SLICE):
            one = list(decoded(rows[start : start + _SLICE], self.partition, self._decode))
            fold.look(one)
            events.append(one)
            await asyncio.sleep(0)
        await fold.load(connection)
        for one in events:
            fold.apply(one)
            await asyncio.sleep(0)


def _grouped(standing: dict[type[View], Standing]) -> list[Group]:
    groups: list[Group] = []
    for position in sorted({one.position for one in standing.values()}):
        views = [view for view, one in standing.items() if one.position == position]
        fold = Fold([view(complete=position == 0) for view in views])
        groups.append(Group(position, {view: standing[view].generation for view in views}, fold))
    return groups


def _merged(groups: list[Group]) -> list[Group]:
    merged: list[Group] = []
    for group in groups:
        if merged and merged[-1].position == group.position:
            last = merged.pop()
            fold = Fold([*last.fold.views, *group.fold.views])
            group = Group(group.position, last.generations | group.generations, fold)
        merged.append(group)
    return merged


__all__ = ["Follower", "MovedError"]
