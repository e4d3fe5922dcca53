"""Rebuilding views from position 0: folded wholly in memory, then put in the place of the stored rows at once."""

import asyncio
import gc
import os
from collections.abc import Generator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple

import msgspec
from psycopg import AsyncConnection, sql

from ledger.projections.catalogue import VIEWS
from ledger.projections.event_log import Decode, LogGapError, Stretch, decoded, heads, read
from ledger.projections.fold import Fold
from ledger.projections.schema import create_views
from ledger.projections.view import Views

_OWN = """
SELECT view FROM escrow_views.positions WHERE partition = %s AND view = ANY(%s) ORDER BY view FOR UPDATE
"""
_MOVE = """
UPDATE escrow_views.positions SET position = %s, generation = generation + 1 WHERE partition = %s AND view = ANY(%s)
"""


_WORTH_PROCESSES = 50_000
"""Events from which on starting processes is quicker than doing without."""


class Rebuilt(msgspec.Struct, frozen=True):
    """What a rebuild did: the views, how many events they were made from, and how many rows they have."""

    views: tuple[str, ...]
    events: int
    rows: int


class UnknownViewError(Exception):
    """There is no view of that name."""


def named(names: Sequence[str], views: Views = VIEWS) -> Views:
    """The views of these names; all of them for none. UnknownViewError for another name."""
    by_name = {view.name: view for view in views}
    unknown = [name for name in names if name not in by_name]
    if unknown:
        raise UnknownViewError(f"there is no view {unknown[0]}; there are {', '.join(by_name)}")
    return tuple(by_name[name] for name in names) or views


async def rebuild(
    url: str,
    decode: Decode,
    *names: str,
    views: Views = VIEWS,
    processes: int | None = None,
    batch: int = 20_000,
) -> Rebuilt:
    """Make views anew from the log (all, or those named).

    Readers see the old rows until each partition's new ones are committed. Runners may go on: they notice. Partitions
    are rebuilt side by side in `processes`, of which this is one: as many as there are processors for a log worth it;
    `decode` and the views are then module-level names. UnknownViewError for an unknown name.
    """
    chosen = named(names, views)
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        await create_views(connection, views)
        through = await heads(connection)
        if processes is None:
            processes = min(os.cpu_count() or 1, len(through)) if sum(through.values()) >= _WORTH_PROCESSES else 1
        jobs = [_Job(url, decode, chosen, partition, head, batch) for partition, head in through.items()]
        jobs.sort(key=lambda job: job.head)  # the longest are taken first, from the end
        if processes == 1:
            done = [await _rebuild(connection, job) for job in reversed(jobs)]
        else:
            done = await _share(connection, jobs, processes)
        for view in chosen:
            for table in view.tables:
                await connection.execute(sql.SQL("ANALYZE {}").format(table.identifier))
    return Rebuilt(tuple(view.name for view in chosen), sum(one[0] for one in done), sum(one[1] for one in done))


class _Job(NamedTuple):
    url: str
    decode: Decode
    views: Views
    partition: int
    head: int
    batch: int


async def _share(connection: AsyncConnection[Any], jobs: list[_Job], processes: int) -> list[tuple[int, int]]:
    """Partitions go to whichever process is free, this one too: it works while the others start."""
    done: list[tuple[int, int]] = []
    loop = asyncio.get_running_loop()

    async def elsewhere(pool: ProcessPoolExecutor) -> None:
        while jobs:
            done.append(await loop.run_in_executor(pool, _in_own_process, jobs.pop()))

    async def here() -> None:
        while jobs:
            done.append(await _rebuild(connection, jobs.pop()))

    with ProcessPoolExecutor(processes - 1, mp_context=get_context("spawn")) as pool:
        working = [*(elsewhere(pool) for _ in range(processes - 1)), here()]
        # Everybody ends before an error is raised: the connection is still in use here.
        errors = [error for error in await asyncio.gather(*working, return_exceptions=True) if error is not None]
    if errors:
        raise errors[0]
    return done


def _in_own_process(job: _Job) -> tuple[int, int]:
    return asyncio.run(_connect_and_rebuild(job))


async def _connect_and_rebuild(job: _Job) -> tuple[int, int]:
    async with await AsyncConnection[Any].connect(job.url, autocommit=True) as connection:
        return await _rebuild(connection, job)


@contextmanager
def _without_collector() -> Generator[None]:
    """Events and rows have no cycles, and looking for some among millions of them takes a third of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def fold_from_zero(
    connection: AsyncConnection[Any],
    decode: Decode,
    fold: Fold,
    partition: int,
    *,
    after: int = 0,
    through: int,
    batch: int = 20_000,
) -> None:
    """Fold the events behind `after` up to and with `through`."""
    position = after
    while position < through:
        (stored,) = await read(connection, Stretch(partition, position, through, batch))
        if not stored:
            raise LogGapError(f"partition {partition} has no event behind position {position}, its head is {through}")
        fold.apply(decoded(stored, partition, decode))
        position += len(stored)


async def _rebuild(connection: AsyncConnection[Any], job: _Job) -> tuple[int, int]:
    """Rebuild one partition; returns how many events and rows it has."""
    _, decode, views, partition, head, batch = job
    names = [view.name for view in views]
    fold = Fold([view(complete=True) for view in views])
    written = 0
    with _without_collector():
        await fold_from_zero(connection, decode, fold, partition, through=head, batch=batch)
        async with connection.transaction():
            await connection.execute(_OWN, [partition, names])
            last = (await heads(connection))[partition]
            await fold_from_zero(connection, decode, fold, partition, after=head, through=last, batch=batch)
            for view in fold.views:
                for rows in view.rows:
                    await rows.table.clear(connection, partition)
                    await rows.table.copy(connection, rows)
                    written += len(rows)
            await connection.execute(_MOVE, [last, partition, names])
    return last, written
