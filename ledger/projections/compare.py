"""Comparing stored views with what the log says: every row is derived again, at the position the view has reached."""

from typing import Any

import msgspec
from psycopg import AsyncConnection, IsolationLevel

from ledger.projections.catalogue import VIEWS
from ledger.projections.event_log import Decode
from ledger.projections.fold import Fold
from ledger.projections.positions import read_positions
from ledger.projections.rebuild import fold_from_zero
from ledger.projections.rows import Rows
from ledger.projections.view import Views


class Difference(msgspec.Struct, frozen=True):
    """A row that differs: its stored and its derived columns, None for a row that is only on the other side."""

    view: str
    table: str
    partition: int
    key: tuple[str, ...]
    stored: dict[str, Any] | None
    derived: dict[str, Any] | None


async def compare(connection: AsyncConnection[Any], decode: Decode, *, views: Views = VIEWS) -> list[Difference]:
    """Every difference between the stored rows and the log, in one snapshot of the database; none is the good answer.

    The connection is in autocommit mode. Runners go on. OtherReleaseError when the rows are of other code.
    """
    differences: list[Difference] = []
    before = connection.isolation_level
    await connection.set_isolation_level(IsolationLevel.REPEATABLE_READ)
    try:
        async with connection.transaction():
            for partition, standing in sorted((await read_positions(connection, views)).items()):
                for view in views:
                    derived = view(complete=True)
                    through = standing[view].position
                    await fold_from_zero(connection, decode, Fold([derived]), partition, through=through)
                    for rows in derived.rows:
                        differences += await _compare(connection, view.name, rows, partition)
    finally:
        await connection.set_isolation_level(before)
    return differences


async def _compare(
    connection: AsyncConnection[Any], view: str, derived: Rows[Any, Any], partition: int
) -> list[Difference]:
    table = derived.table
    waiting = {derived.key_of(row): row for row in derived}
    differences: list[Difference] = []

    def differ(key: Any, stored: dict[str, Any] | None, found: dict[str, Any] | None) -> None:
        parts: tuple[object, ...] = key if len(table.key) > 1 else (key,)
        differences.append(Difference(view, table.name, partition, tuple(map(str, parts)), stored, found))

    async with connection.cursor(name=f"compare_{table.name}") as cursor:
        await cursor.execute(table.all_of(partition))
        async for values in cursor:
            row = table.load(values)
            key = derived.key_of(row)
            found = waiting.pop(key, None)
            further = values[len(table.fields) :]
            if row == found and further == tuple(getattr(found, name) for name in table.derived):
                continue
            expected = None if found is None else _columns(found) | {n: getattr(found, n) for n in table.derived}
            differ(key, _columns(row) | dict(zip(table.derived, further, strict=True)), expected)
    for key, row in waiting.items():
        differ(key, None, _columns(row))
    return differences


def _columns(row: msgspec.Struct) -> dict[str, Any]:
    return msgspec.to_builtins(row, str_keys=True)
