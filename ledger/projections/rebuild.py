"""Rebuilding views from position 0: folded wholly in memory, then put in the place of the stored rows at once."""

from collections.abc import Sequence
from typing import Any

import msgspec
from psycopg import AsyncConnection, sql

from ledger.projections.catalogue import VIEWS
from ledger.projections.event_log import Decode, decoded, heads, read
from ledger.projections.fold import Fold
from ledger.projections.schema import create_views
from ledger.projections.view import View, Views

_OWN = """
SELECT view FROM escrow_views.positions WHERE partition = %s AND view = ANY(%s) ORDER BY view FOR UPDATE
"""
_MOVE = """
UPDATE escrow_views.positions SET position = %s, generation = generation + 1 WHERE partition = %s AND view = ANY(%s)
"""


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
    connection: AsyncConnection[Any],
    decode: Decode,
    *names: str,
    batch: int = 20_000,
    views: Views = VIEWS,
) -> Rebuilt:
    """Make views anew from the log (all, or those named), on a connection in autocommit mode.

    Readers see the old rows until each partition's new ones are committed. Runners may go on: they notice.
    """
    chosen = named(names, views)
    await create_views(connection, views)
    events = rows = 0
    for partition, head in (await heads(connection)).items():
        partition_events, partition_rows = await _rebuild(connection, decode, chosen, partition, head, batch)
        events += partition_events
        rows += partition_rows
    for view in chosen:
        for table in view.tables:
            await connection.execute(sql.SQL("ANALYZE {}").format(table.identifier))
    return Rebuilt(tuple(view.name for view in chosen), events, rows)


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
        stored = await read(connection, partition, after=position, through=through, limit=batch)
        fold.apply(decoded(stored, partition, decode))
        position += len(stored)


async def _rebuild(
    connection: AsyncConnection[Any], decode: Decode, views: Sequence[type[View]], partition: int, head: int, batch: int
) -> tuple[int, int]:
    names = [view.name for view in views]
    fold = Fold([view(complete=True) for view in views])
    await fold_from_zero(connection, decode, fold, partition, through=head, batch=batch)
    written = 0
    async with connection.transaction():
        await connection.execute(_OWN, [partition, names])
        last = (await heads(connection))[partition]
        await fold_from_zero(connection, decode, fold, partition, after=head, through=last, batch=batch)
        for view in fold.views:
            for rows in view.rows:
                await rows.table.clear(connection, partition)
                await rows.table.copy(connection, rows, new=True)
                written += len(rows)
        await connection.execute(_MOVE, [last, partition, names])
    return last, written
