"""What the operator is told of an installation: its size, its migrations, and how old the last backup is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

_SIZE: Final = """
SELECT pg_database_size(current_database()) AS database_bytes,
       (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
         WHERE c.relnamespace = 'escrow'::regnamespace AND c.relkind IN ('r', 'p')) AS log_bytes,
       (SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class c
         JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE n.nspname = 'escrow_views' AND c.relkind IN ('r', 'p')) AS views_bytes,
       (SELECT coalesce(sum(position), 0)::bigint FROM escrow.heads) AS events
"""
_MIGRATIONS: Final = "SELECT number, name, applied_at FROM escrow.schema_migrations ORDER BY number"


class StoreSize(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes on disk of the database, of the log with its tables, and of the views; and the number of events."""

    database_bytes: int
    log_bytes: int
    views_bytes: int
    events: int


class AppliedMigration(msgspec.Struct, frozen=True, kw_only=True):
    """A migration of the store and when it was applied."""

    number: int
    name: str
    applied_at: datetime


async def store_size(connection: AsyncConnection[Any]) -> StoreSize:
    """The store's size now."""
    cursor = connection.cursor(row_factory=class_row(StoreSize))
    found = await (await cursor.execute(_SIZE)).fetchone()
    assert found is not None
    return found


async def applied_migrations(connection: AsyncConnection[Any]) -> list[AppliedMigration]:
    """Every migration of the store, in order."""
    cursor = connection.cursor(row_factory=class_row(AppliedMigration))
    return await (await cursor.execute(_MIGRATIONS)).fetchall()


def backed_up_at(marker: Path | None) -> datetime | None:
    """When the file was changed that the operator's backup touches after it succeeded; None where there is none.

    The ledger knows nothing else of backups. Blocks for a look at the disk.
    """
    if marker is None:
        return None
    try:
        return datetime.fromtimestamp(marker.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
