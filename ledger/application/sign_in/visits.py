"""The access log of the pages: who looked at what, and what they did. Rows are added and never changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

_INSERT: Final = """
INSERT INTO escrow.page_visits (at, session_id, actor, role, districts, method, path, status, request_id)
VALUES (%(at)s, %(session_id)s, %(actor)s, %(role)s, %(districts)s, %(method)s, %(path)s, %(status)s, %(request_id)s)
"""
_PAGE: Final = """
SELECT visit_id, at, session_id, actor, role, districts, method, path, status, request_id FROM escrow.page_visits
 WHERE (%(before)s::bigint IS NULL OR visit_id < %(before)s)
   AND (%(districts)s::text[] IS NULL OR districts && %(districts)s::text[])
   AND (%(actor)s::text IS NULL OR actor = %(actor)s) AND (%(path)s::text IS NULL OR path LIKE %(path)s)
 ORDER BY visit_id DESC LIMIT %(limit)s
"""


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One page that was asked for. `districts` are those of the visitor; none for families, banks and institutions."""

    visit_id: int = 0
    at: datetime
    session_id: UUID
    actor: str
    role: str
    districts: list[str]
    method: str
    path: str
    status: int
    request_id: str


async def note_visit(connection: AsyncConnection[Any], visit: Visit) -> None:
    """Write a visit down."""
    await connection.execute(_INSERT, msgspec.structs.asdict(visit))


async def list_visits(
    connection: AsyncConnection[Any],
    *,
    districts: Sequence[str] | None = None,
    actor: str | None = None,
    path_prefix: str | None = None,
    before: int | None = None,
    limit: int = 100,
) -> list[Visit]:
    """Visits, newest first: of visitors of some districts, by one actor, under one path."""
    escaped = path_prefix.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%" if path_prefix else None
    values = {
        "districts": None if districts is None else list(districts),
        "actor": actor,
        "path": escaped,
        "before": before,
        "limit": limit,
    }
    cursor = connection.cursor(row_factory=class_row(Visit))
    return await (await cursor.execute(_PAGE, values)).fetchall()
