"""Creating the views' tables: once, whoever starts first, and anew when the code makes another version of a view."""

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, cast

from psycopg import AsyncConnection, sql

from ledger.projections.catalogue import VIEWS
from ledger.projections.table import SCHEMA
from ledger.projections.view import View, Views

_LOCK = 0x0E5C_0001
"""Key of the advisory lock under which tables are created."""


async def create_views(connection: AsyncConnection[Any], views: Views = VIEWS) -> list[str]:
    """Create what is missing, and drop and create views of another version; returns the names of those made anew.

    They are empty afterwards, at position 0 of every partition, and whoever follows the log fills them.
    """
    made: list[str] = []
    async with connection.transaction():
        await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        await connection.execute("SET LOCAL client_min_messages = warning")
        await connection.execute(files(__package__ or "").joinpath("schema.sql").read_bytes())
        cursor = await connection.execute("SELECT view, version, tables FROM escrow_views.views_version")
        stored: dict[str, tuple[str, list[str]]] = {
            name: (version, tables) for name, version, tables in await cursor.fetchall()
        }
        for view in views:
            version, tables = stored.get(view.name, ("", []))
            if version != view.version():
                await _make(connection, view, tables)
                made.append(view.name)
    return made


async def drop_views(connection: AsyncConnection[Any]) -> None:
    """Drop everything that is derived."""
    await connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(SCHEMA)))


async def _make(connection: AsyncConnection[Any], view: type[View], old_tables: Sequence[str]) -> None:
    # The positions first: whoever writes the view holds them, and its tables after them.
    await connection.execute(
        "INSERT INTO escrow_views.positions (view, partition, position, generation)"
        " SELECT %s, partition, 0, 1 FROM escrow.heads ON CONFLICT (view, partition)"
        " DO UPDATE SET position = 0, generation = positions.generation + 1",
        [view.name],
    )
    for table in {*old_tables, *(table.name for table in view.tables)}:
        await connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(SCHEMA, table)))
    await connection.execute(cast(Any, view.ddl()))
    await connection.execute(
        "INSERT INTO escrow_views.views_version (view, version, tables) VALUES (%s, %s, %s)"
        " ON CONFLICT (view) DO UPDATE SET version = excluded.version, tables = excluded.tables",
        [view.name, view.version(), [table.name for table in view.tables]],
    )
