"""The queue of deliveries: made from changes once each, sent in order, given up, sent again by hand; and their log."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Any, Final, Literal
from uuid import UUID

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import class_row

from ledger.domain.errors import LedgerError
from ledger.notifications.changes import Change

DeliveryState = Literal["pending", "delivered", "dead"]

_ENQUEUE: Final = """
INSERT INTO escrow.webhook_deliveries (delivery_id, endpoint_id, partition, position, ordinal, topic, body, next_at,
                                       created_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (endpoint_id, partition, position, ordinal) DO NOTHING
"""
_DUE_ENDPOINTS: Final = """
SELECT e.endpoint_id, head.next_at FROM escrow.webhook_endpoints e
  JOIN escrow.api_clients c ON c.client_id = e.client_id AND c.revoked_at IS NULL
  JOIN LATERAL (SELECT d.next_at FROM escrow.webhook_deliveries d
                 WHERE d.endpoint_id = e.endpoint_id AND d.state = 'pending' ORDER BY d.seq LIMIT 1) head ON TRUE
 WHERE e.state = 'active' AND head.next_at <= %s
"""
_NEXT: Final = """
SELECT delivery_id, topic, body, tries, attempts FROM escrow.webhook_deliveries
 WHERE endpoint_id = %s AND state = 'pending' ORDER BY seq LIMIT %s
"""
_TRIED: Final = """
WITH tried AS (
    UPDATE escrow.webhook_deliveries
       SET attempts = attempts + 1, tries = tries + 1, state = %(state)s, next_at = coalesce(%(next_at)s, next_at),
           done_at = %(done_at)s
     WHERE delivery_id = %(delivery_id)s RETURNING delivery_id, attempts
)
INSERT INTO escrow.webhook_attempts (delivery_id, number, at, status, error, duration_ms)
SELECT delivery_id, attempts, %(at)s, %(status)s, %(error)s, %(duration_ms)s FROM tried
"""
_AGAIN: Final = """
UPDATE escrow.webhook_deliveries SET state = 'pending', tries = 0, next_at = %s, done_at = NULL
 WHERE delivery_id = %s AND endpoint_id = %s AND state <> 'pending'
"""
_BACKLOGS: Final = """
SELECT e.endpoint_id, e.client_id, e.state, e.failing_since,
       (SELECT count(*) FROM escrow.webhook_deliveries d
         WHERE d.endpoint_id = e.endpoint_id AND d.state = 'pending') AS pending,
       (SELECT count(*) FROM escrow.webhook_deliveries d
         WHERE d.endpoint_id = e.endpoint_id AND d.state = 'dead') AS dead,
       (SELECT min(d.created_at) FROM escrow.webhook_deliveries d
         WHERE d.endpoint_id = e.endpoint_id AND d.state = 'pending') AS waits_since
  FROM escrow.webhook_endpoints e WHERE %(ids)s::uuid[] IS NULL OR e.endpoint_id = ANY(%(ids)s::uuid[])
 ORDER BY e.client_id, e.created_at, e.endpoint_id
"""
_COLUMNS: Final = (
    "d.delivery_id::text, d.endpoint_id::text, d.seq, d.topic, d.partition, d.position, d.state, d.attempts,"
    " d.created_at, CASE WHEN d.state = 'pending' THEN d.next_at END AS next_at, d.done_at,"
    " a.status AS last_status, coalesce(a.error, '') AS last_error"
)
_FROM: Final = (
    "escrow.webhook_deliveries d LEFT JOIN escrow.webhook_attempts a"
    " ON a.delivery_id = d.delivery_id AND a.number = d.attempts"
)


class Waiting(msgspec.Struct, frozen=True):
    """A delivery that is to be sent. `tries` count since it was last asked for, `attempts` all."""

    delivery_id: UUID
    topic: str
    body: str
    tries: int
    attempts: int


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery in the order of its endpoint (`seq`): the topic and place of the change, what became of it, the
    receiver's last status, or why there was none."""

    delivery_id: str
    endpoint_id: str
    seq: int
    topic: str
    partition: int
    position: int
    state: DeliveryState
    attempts: int
    created_at: datetime
    next_at: datetime | None
    done_at: datetime | None
    last_status: int | None
    last_error: str


class Backlog(msgspec.Struct, frozen=True, kw_only=True):
    """How many deliveries of an endpoint wait and were given up, and since when the oldest one waits."""

    endpoint_id: UUID
    client_id: str
    state: str
    failing_since: datetime | None
    pending: int
    dead: int
    waits_since: datetime | None


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt: the receiver's status, or why there was none."""

    number: int
    at: datetime
    status: int | None
    error: str
    duration_ms: int


class DeliveryLog(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery with what was sent and every attempt."""

    delivery: Delivery
    body: str
    log: list[Attempt]


def delivery_id_of(endpoint_id: UUID, change: Change) -> UUID:
    """The same for the same change and endpoint, so that a receiver who gets it twice can tell."""
    name = f"{endpoint_id}/{change.partition}/{change.position}/{change.ordinal}"
    return UUID(bytes=blake2b(name.encode(), digest_size=16).digest())


async def enqueue(
    connection: AsyncConnection[Any], endpoint_id: UUID, changes: Iterable[Change], *, now: datetime
) -> None:
    """Make deliveries of these changes, in their order; those that are made already stay as they are."""
    rows = [
        (
            delivery_id_of(endpoint_id, one),
            endpoint_id,
            one.partition,
            one.position,
            one.ordinal,
            one.topic,
            one.body.decode(),
            now,
            now,
        )
        for one in changes
    ]
    if rows:
        async with connection.cursor() as cursor:
            await cursor.executemany(_ENQUEUE, rows)


async def due_endpoints(connection: AsyncConnection[Any], now: datetime) -> list[UUID]:
    """The active endpoints whose first waiting delivery is due."""
    return [endpoint_id for endpoint_id, _ in await (await connection.execute(_DUE_ENDPOINTS, [now])).fetchall()]


async def next_of(connection: AsyncConnection[Any], endpoint_id: UUID, *, limit: int) -> list[Waiting]:
    """The endpoint's next deliveries, in order."""
    cursor = connection.cursor(row_factory=class_row(Waiting))
    return await (await cursor.execute(_NEXT, [endpoint_id, limit])).fetchall()


async def tried(
    connection: AsyncConnection[Any],
    delivery_id: UUID,
    attempt: Attempt,
    *,
    state: DeliveryState,
    next_at: datetime | None,
) -> None:
    """Record an attempt (its number is counted here), and what becomes of the delivery."""
    row = {
        "delivery_id": delivery_id,
        "state": state,
        "next_at": next_at,
        "done_at": None if state == "pending" else attempt.at,
        "at": attempt.at,
        "status": attempt.status,
        "error": attempt.error,
        "duration_ms": attempt.duration_ms,
    }
    await connection.execute(_TRIED, row)


async def resend(connection: AsyncConnection[Any], endpoint_id: UUID, delivery_id: UUID, *, now: datetime) -> Delivery:
    """Send it again before all later ones. Raises LedgerError `delivery_not_found`, `delivery_waiting`."""
    changed = await connection.execute(_AGAIN, [now, delivery_id, endpoint_id])
    found = await get(connection, endpoint_id, delivery_id)
    if changed.rowcount == 0 and found.delivery.state == "pending":
        raise LedgerError("delivery_waiting")
    return found.delivery


async def get(connection: AsyncConnection[Any], endpoint_id: UUID, delivery_id: UUID) -> DeliveryLog:
    """One delivery with its log. Raises LedgerError `delivery_not_found`."""
    found = await _select(
        connection,
        "d.endpoint_id = %(endpoint_id)s AND d.delivery_id = %(delivery_id)s",
        {"endpoint_id": endpoint_id, "delivery_id": delivery_id, "limit": 1},
    )
    if not found:
        raise LedgerError("delivery_not_found")
    body = await (
        await connection.execute("SELECT body FROM escrow.webhook_deliveries WHERE delivery_id = %s", [delivery_id])
    ).fetchone()
    assert body is not None
    cursor = connection.cursor(row_factory=class_row(Attempt))
    await cursor.execute(
        "SELECT number, at, status, error, duration_ms FROM escrow.webhook_attempts WHERE delivery_id = %s ORDER BY 1",
        [delivery_id],
    )
    return DeliveryLog(delivery=found[0], body=body[0], log=await cursor.fetchall())


async def list_page(
    connection: AsyncConnection[Any],
    endpoint_id: UUID,
    *,
    state: DeliveryState | None = None,
    after: int = 0,
    limit: int = 100,
) -> list[Delivery]:
    """The endpoint's deliveries in the order in which they are sent."""
    where = "d.endpoint_id = %(endpoint_id)s AND d.seq > %(after)s"
    if state is not None:
        where += " AND d.state = %(state)s"
    values = {"endpoint_id": endpoint_id, "after": after, "state": state, "limit": limit}
    return await _select(connection, where, values)


async def backlogs(connection: AsyncConnection[Any], endpoint_ids: Sequence[UUID] | None = None) -> dict[UUID, Backlog]:
    """What is not delivered, by endpoint: of these, or of all; without what the deliveries say."""
    cursor = connection.cursor(row_factory=class_row(Backlog))
    await cursor.execute(_BACKLOGS, {"ids": None if endpoint_ids is None else list(endpoint_ids)})
    return {one.endpoint_id: one for one in await cursor.fetchall()}


async def _select(connection: AsyncConnection[Any], where: str, values: dict[str, Any]) -> list[Delivery]:
    query = sql.SQL("SELECT {} FROM {} WHERE {} ORDER BY d.seq LIMIT %(limit)s").format(
        sql.SQL(_COLUMNS),
        sql.SQL(_FROM),
        sql.SQL(where),  # pyright: ignore[reportArgumentType]
    )
    cursor = connection.cursor(row_factory=class_row(Delivery))
    return await (await cursor.execute(query, values)).fetchall()
