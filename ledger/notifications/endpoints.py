"""Webhook endpoints of clients: registered, listed, their secrets changed, disabled and enabled."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import class_row

from ledger.application.access import Bindings
from ledger.domain.errors import LedgerError
from ledger.notifications.audience import Audience, audience_of
from ledger.notifications.signatures import new_secret

MOST_ENDPOINTS: Final = 20
OLD_SECRET_LASTS: Final = timedelta(hours=24)
"""After a change both secrets sign for so long, so that the receiver can change hers in peace."""

_COLUMNS: Final = (
    "endpoint_id, client_id, url, topics, description, secret, previous_secret, previous_until, state, disabled_at,"
    " disabled_because, failing_since, created_at"
)
_INSERT: Final = """
INSERT INTO escrow.webhook_endpoints (endpoint_id, client_id, url, topics, description, secret, created_at, request_key)
VALUES (%(endpoint_id)s, %(client_id)s, %(url)s, %(topics)s, %(description)s, %(secret)s, %(now)s, %(key)s)
"""
_FROM_NOW: Final = """
INSERT INTO escrow.webhook_positions (endpoint_id, partition, position)
SELECT %s, partition, position FROM escrow.heads
"""
_ROTATE: Final = """
UPDATE escrow.webhook_endpoints
   SET previous_secret = secret, previous_until = %s, secret = %s WHERE endpoint_id = %s
"""
_DISABLE: Final = """
UPDATE escrow.webhook_endpoints SET state = 'disabled', disabled_at = %s, disabled_because = %s
 WHERE endpoint_id = %s AND state = 'active'
"""
_ENABLE: Final = """
UPDATE escrow.webhook_endpoints
   SET state = 'active', disabled_at = NULL, disabled_because = NULL, failing_since = NULL
 WHERE endpoint_id = %s AND state = 'disabled'
"""
_NOW_DUE: Final = """
UPDATE escrow.webhook_deliveries SET next_at = %s, tries = 0 WHERE endpoint_id = %s AND state = 'pending'
"""
_ACTIVE: Final = """
SELECT e.endpoint_id, e.topics, c.bindings, c.scopes FROM escrow.webhook_endpoints e
  JOIN escrow.api_clients c USING (client_id) WHERE e.state = 'active' AND c.revoked_at IS NULL
"""


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """One endpoint as stored, with its secrets."""

    endpoint_id: UUID
    client_id: str
    url: str
    topics: list[str]
    description: str
    secret: bytes
    previous_secret: bytes | None
    previous_until: datetime | None
    state: str
    disabled_at: datetime | None
    disabled_because: str | None
    failing_since: datetime | None
    created_at: datetime

    def keys(self, now: datetime) -> list[bytes]:
        """The secrets that sign now, the newest first."""
        old = self.previous_secret
        keep = old is not None and self.previous_until is not None and now < self.previous_until
        return [self.secret, old] if keep and old is not None else [self.secret]


async def register(
    connection: AsyncConnection[Any],
    *,
    client_id: str,
    url: str,
    topics: Sequence[str],
    description: str,
    key: UUID,
    now: datetime,
) -> Endpoint:
    """A new endpoint, told of what is recorded from now on. The caller has checked the address, and commits.

    Raises LedgerError `webhooks_many`.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"webhooks of {client_id}"])
    if len(await list_endpoints(connection, client_id)) >= MOST_ENDPOINTS:
        raise LedgerError("webhooks_many", limit=MOST_ENDPOINTS)
    endpoint_id = uuid4()
    row = {
        "endpoint_id": endpoint_id,
        "client_id": client_id,
        "url": url,
        "topics": list(topics),
        "description": description,
        "secret": new_secret(),
        "now": now,
        "key": key,
    }
    await connection.execute(_INSERT, row)
    await connection.execute(_FROM_NOW, [endpoint_id])
    return await get(connection, endpoint_id)


async def made_by(connection: AsyncConnection[Any], client_id: str, key: UUID) -> Endpoint:
    """The endpoint that a request made. Raises LedgerError `webhook_not_found`."""
    query = f"SELECT {_COLUMNS} FROM escrow.webhook_endpoints WHERE client_id = %s AND request_key = %s"
    found = await _select(connection, query, client_id, key)
    if not found:
        raise LedgerError("webhook_not_found")
    return found[0]


async def get(connection: AsyncConnection[Any], endpoint_id: UUID, *, client_id: str | None = None) -> Endpoint:
    """The endpoint, if it is the client's (anybody's for None). Raises LedgerError `webhook_not_found`."""
    query = f"SELECT {_COLUMNS} FROM escrow.webhook_endpoints WHERE endpoint_id = %s"
    found = await _select(connection, query, endpoint_id)
    if not found or client_id not in (None, found[0].client_id):
        raise LedgerError("webhook_not_found")
    return found[0]


async def list_endpoints(connection: AsyncConnection[Any], client_id: str) -> list[Endpoint]:
    """The client's endpoints, oldest first."""
    query = f"SELECT {_COLUMNS} FROM escrow.webhook_endpoints WHERE client_id = %s ORDER BY created_at, endpoint_id"
    return await _select(connection, query, client_id)


async def rotate(connection: AsyncConnection[Any], endpoint_id: UUID, *, now: datetime) -> None:
    """A new secret, beside which the old one signs for a day."""
    await connection.execute(_ROTATE, [now + OLD_SECRET_LASTS, new_secret(), endpoint_id])


async def disable(connection: AsyncConnection[Any], endpoint_id: UUID, *, because: str, now: datetime) -> None:
    """Send nothing more; what comes is kept in the log, and the endpoint's place in it."""
    await connection.execute(_DISABLE, [now, because, endpoint_id])


async def enable(connection: AsyncConnection[Any], endpoint_id: UUID, *, now: datetime) -> None:
    """Go on where it stopped, with as many attempts as at first."""
    changed = await connection.execute(_ENABLE, [endpoint_id])
    if changed.rowcount:
        await connection.execute(_NOW_DUE, [now, endpoint_id])


async def active_audiences(connection: AsyncConnection[Any]) -> dict[UUID, Audience]:
    """What each active endpoint is told, by its client's permissions and rows as they are now."""
    cursor = await connection.execute(_ACTIVE)
    return {
        endpoint_id: audience_of(Bindings.from_json(bindings), scopes, topics)
        for endpoint_id, topics, bindings, scopes in await cursor.fetchall()
    }


async def _select(connection: AsyncConnection[Any], query: str, *values: object) -> list[Endpoint]:
    cursor = connection.cursor(row_factory=class_row(Endpoint))
    return await (await cursor.execute(query.encode(), values)).fetchall()
