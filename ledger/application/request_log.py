"""The request log: what API clients asked and how they were answered, kept for some days; no part of the ledger."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final, Literal, NamedTuple

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

Outcome = Literal["ok", "refused", "failed"]
"""Answered; refused (4xx); failed (5xx, or the client went away before the answer)."""

# "reqs": two servers that prune at once would only wait for each other.
_PRUNE_LOCK: Final = int.from_bytes(b"reqs", "big")

# Losing the last second of this log in a crash of the database costs nothing; waiting for its disk would.
_MODEST: Final = (
    "SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = '2s'; SET LOCAL statement_timeout = '10s'"
)
_COPY: Final = (
    "COPY escrow.api_requests (at, client_id, method, route, status, code, duration_us, request_id) FROM STDIN"
)
# One walk of an index for each client and outcome, so that neither a rare outcome nor a quiet client is searched for.
_PAGE: Final = """
SELECT late.* FROM unnest(%(clients)s::text[]) AS asked (client_id)
 CROSS JOIN unnest(%(outcomes)s::text[]) AS ended (outcome)
 CROSS JOIN LATERAL (
    SELECT r.entry_id, r.at, r.client_id, r.method, r.route, r.status, r.code, r.duration_us, r.request_id, r.outcome
      FROM escrow.api_requests r
     WHERE r.client_id = asked.client_id AND r.outcome = ended.outcome
       AND (r.at, r.entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint)
     ORDER BY r.at DESC, r.entry_id DESC LIMIT %(limit)s
) late
 ORDER BY late.at DESC, late.entry_id DESC LIMIT %(limit)s
"""
_OF_REQUEST: Final = """
SELECT late.* FROM unnest(%(clients)s::text[]) AS asked (client_id)
 CROSS JOIN LATERAL (
    SELECT r.entry_id, r.at, r.client_id, r.method, r.route, r.status, r.code, r.duration_us, r.request_id, r.outcome
      FROM escrow.api_requests r
     WHERE r.request_id = %(request_id)s AND r.client_id = asked.client_id AND r.outcome = ANY(%(outcomes)s::text[])
       AND (r.at, r.entry_id) < (%(at)s::timestamptz, %(entry_id)s::bigint)
     ORDER BY r.at DESC, r.entry_id DESC LIMIT %(limit)s
) late
 ORDER BY late.at DESC, late.entry_id DESC LIMIT %(limit)s
"""
_PRUNE: Final = """
DELETE FROM escrow.api_requests WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM escrow.api_requests WHERE at < %(before)s ORDER BY at, entry_id LIMIT %(limit)s))
"""


class AnsweredRequest(NamedTuple):
    """A request as the server notes it. `at` is its arrival in seconds since 1970; `code` is empty without a refusal.

    No text holds a control character or a backslash: each is of a closed alphabet or one of our own words.
    """

    at: float
    client_id: str
    method: str
    route: str
    status: int
    code: str
    duration_us: int
    request_id: str


class LoggedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it was kept."""

    entry_id: int
    at: datetime
    client_id: str
    method: str
    route: str
    status: int
    code: str
    duration_us: int
    request_id: str
    outcome: Outcome


class Place(NamedTuple):
    """Where a page of the log ends: the last row that was shown."""

    at: datetime
    entry_id: int


NEWEST: Final = Place(datetime(9999, 12, 31, tzinfo=UTC), 0)


async def write_requests(connection: AsyncConnection[Any], requests: Sequence[AnsweredRequest]) -> None:
    """Keep the requests, in one COPY and one commit that does not wait for the disk."""
    async with connection.transaction(), connection.cursor() as cursor:
        await cursor.execute(_MODEST)
        async with cursor.copy(_COPY) as copy:
            await copy.write("".join(map(_line, requests)))


async def list_requests(
    connection: AsyncConnection[Any],
    clients: Sequence[str],
    *,
    outcomes: Sequence[Outcome] = ("ok", "refused", "failed"),
    request_id: str | None = None,
    before: Place = NEWEST,
    limit: int = 100,
) -> list[LoggedRequest]:
    """Requests of these clients and of no others, the latest first: those of some outcomes, or of one request id."""
    values = {
        "clients": list(clients),
        "outcomes": list(outcomes),
        "request_id": request_id,
        "at": before.at,
        "entry_id": before.entry_id,
        "limit": limit,
    }
    cursor = connection.cursor(row_factory=class_row(LoggedRequest))
    return await (await cursor.execute(_PAGE if request_id is None else _OF_REQUEST, values)).fetchall()


async def prune_requests(connection: AsyncConnection[Any], *, before: datetime, limit: int) -> int:
    """Delete the oldest requests that arrived before then, `limit` at most; the number that were deleted.

    While another server prunes there is nothing to do.
    """
    async with connection.transaction(), connection.cursor() as cursor:
        await cursor.execute(_MODEST)
        row = await (await cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_PRUNE_LOCK])).fetchone()
        if row != (True,):
            return 0
        await cursor.execute(_PRUNE, {"before": before, "limit": limit})
        return cursor.rowcount


def _line(one: AnsweredRequest) -> str:
    at = datetime.fromtimestamp(one.at, UTC).isoformat()
    return (
        "\t".join(
            (at, one.client_id, one.method, one.route, str(one.status), one.code, str(one.duration_us), one.request_id)
        )
        + "\n"
    )
