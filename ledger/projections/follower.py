"""Following partitions: views that stand together are folded together, one that is behind catches up alone; what all
partitions bring goes with one transaction, since statements and turns of the loop cost more than rows."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from ledger.projections.event_log import Decode, StoredRow, Stretch, decoded, read
from ledger.projections.fold import Fold, load, to_write
from ledger.projections.logged_event import LoggedEvent
from ledger.projections.positions import Standing
from ledger.projections.view import View
from ledger.projections.view_writer import Move, ViewWriter

_SLICE = 250
"""Events between two chances for other tasks of the process: some milliseconds."""


class Group(NamedTuple):
    """Views at one position, with the rows they have in memory."""

    position: int
    generations: dict[type[View], int]
    fold: Fold


class _Step(NamedTuple):
    """A group of a follower on its way through a stretch of its partition."""

    follower: "Follower"
    place: int
    stretch: Stretch


class Follower:
    """The views of one partition as this process writes them."""

    def __init__(self, partition: int, standing: dict[type[View], Standing], *, batch: int, most_rows: int) -> None:
        self.partition = partition
        self.most_rows = most_rows
        self.groups = _grouped(standing)
        self._batch = batch

    @property
    def position(self) -> int:
        """What every view has reached."""
        return min(group.position for group in self.groups)

    def steps(self, head: int) -> list[_Step]:
        """One for each group of views that is behind `head`: a batch, and no further than the next group stands."""
        steps: list[_Step] = []
        for index, group in enumerate(self.groups):
            ahead = self.groups[index + 1].position if index + 1 < len(self.groups) else head
            through = min(ahead, head)
            if group.position < through:
                steps.append(_Step(self, index, Stretch(self.partition, group.position, through, self._batch)))
        return steps


async def follow(
    connection: AsyncConnection[Any],
    writer: ViewWriter,
    followers: Iterable[Follower],
    heads: Mapping[int, int],
    decode: Decode,
) -> int:
    """One batch for each group of views that is behind the log, all with one transaction; how many events it had.

    MovedError when another process wrote one of the views: what the followers have in memory is then worthless.
    """
    steps = [step for follower in followers for step in follower.steps(heads[follower.partition])]
    if not steps:
        return 0
    stored = await read(connection, *(step.stretch for step in steps))
    folds = [step.follower.groups[step.place].fold for step in steps]
    await _fold(connection, folds, [_slices(step, rows, decode) for step, rows in zip(steps, stored, strict=True)])
    moves: list[Move] = []
    for step, rows in zip(steps, stored, strict=True):
        group = step.follower.groups[step.place]
        moves.append(Move(step.follower.partition, group.generations, group.position, group.position + len(rows)))
    await writer.write(moves, to_write(folds))
    for step, moved in zip(steps, moves, strict=True):
        groups = step.follower.groups
        groups[step.place] = groups[step.place]._replace(position=moved.after)
        groups[step.place].fold.written(step.follower.most_rows)
    for follower in {step.follower for step in steps}:
        follower.groups = _merged(follower.groups)
    return sum(map(len, stored))


def _slices(step: _Step, rows: list[StoredRow], decode: Decode) -> Iterator[Iterator[LoggedEvent]]:
    for start in range(0, len(rows), _SLICE):
        yield decoded(rows[start : start + _SLICE], step.stretch.partition, decode)


async def _fold(
    connection: AsyncConnection[Any], folds: Sequence[Fold], slices: Sequence[Iterator[Iterator[LoggedEvent]]]
) -> None:
    """Change the rows in memory, after those that are not there have been fetched."""
    waiting: list[tuple[Fold, list[list[LoggedEvent]]]] = []
    for fold, own in zip(folds, slices, strict=True):
        if fold.complete:
            for events in own:
                fold.apply(events)
                await asyncio.sleep(0)
            continue
        looked: list[list[LoggedEvent]] = []
        for events in own:
            looked.append(list(events))
            fold.look(looked[-1])
            await asyncio.sleep(0)
        waiting.append((fold, looked))
    await load(connection, [fold for fold, _ in waiting])
    for fold, looked in waiting:
        for one in looked:
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
