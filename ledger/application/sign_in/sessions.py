"""Server-side sessions: an opaque token in the browser's cookie, its SHA-256 and the row scope in the database."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from psycopg import AsyncConnection
from psycopg.rows import class_row
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

from ledger.application.access import Bindings, Role
from ledger.domain.errors import LedgerError

TOKEN_BYTES: Final = 32
LIFE: Final = timedelta(hours=12)
IDLE: Final = timedelta(minutes=30)
FAMILY_IDLE: Final = timedelta(hours=12)
_SEEN_EVERY: Final = timedelta(minutes=1)
_SHORT: Final = 200

_COLUMNS: Final = (
    "session_id, user_id, role, bindings, name, browser, address, created_at, seen_at, expires_at, ended_at"
)
_INSERT: Final = """
INSERT INTO escrow.sessions
    (session_id, token_sha256, user_id, role, bindings, name, browser, address, created_at, seen_at, expires_at)
VALUES (%(session_id)s, %(token)s, %(user_id)s, %(role)s, %(bindings)s, %(name)s, %(browser)s, %(address)s, %(now)s,
    %(now)s, %(expires_at)s)
"""
_FIND: Final = f"""
SELECT {_COLUMNS} FROM escrow.sessions s WHERE token_sha256 = %s AND ended_at IS NULL
   AND NOT EXISTS (SELECT FROM escrow.users p WHERE p.user_id = s.user_id AND p.disabled_at IS NOT NULL)
"""
_SEEN: Final = "UPDATE escrow.sessions SET seen_at = %s WHERE session_id = %s"
_OF_USER: Final = f"""
SELECT {_COLUMNS} FROM escrow.sessions WHERE ended_at IS NULL AND expires_at > %(now)s AND
    CASE WHEN %(user_id)s::text IS NULL THEN user_id IS NULL AND bindings = %(bindings)s
    ELSE user_id = %(user_id)s END
 ORDER BY created_at DESC LIMIT 100
"""
_END: Final = "UPDATE escrow.sessions SET ended_at = %s WHERE session_id = %s AND ended_at IS NULL"
_END_ALL: Final = "UPDATE escrow.sessions SET ended_at = %s WHERE user_id = %s AND ended_at IS NULL"


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser of a user, or of a family (then without a user)."""

    session_id: UUID
    user_id: str | None
    role: Role
    bindings: dict[str, str | list[str]]
    name: str
    browser: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    ended_at: datetime | None

    @property
    def bound(self) -> Bindings:
        """The row scope."""
        return Bindings.from_json(self.bindings)

    def is_over(self, now: datetime) -> bool:
        """Whether its life is over, or nobody used it for too long."""
        idle = FAMILY_IDLE if self.user_id is None else IDLE
        return now >= self.expires_at or now >= self.seen_at + idle


async def begin_session(
    connection: AsyncConnection[Any],
    *,
    user_id: str | None,
    role: Role,
    bindings: Bindings,
    name: str,
    browser: str,
    address: str,
    now: datetime,
) -> str:
    """Begin a session under a new token, which is returned and not kept: no earlier cookie lives on in it."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    row = {
        "session_id": uuid7(),
        "token": _digest(token),
        "user_id": user_id,
        "role": role,
        "bindings": Jsonb(bindings.to_json()),
        "name": name,
        "browser": browser.replace("\0", "")[:_SHORT],
        "address": address[:_SHORT],
        "now": now,
        "expires_at": now + LIFE,
    }
    await connection.execute(_INSERT, row)
    return token


async def find_session(connection: AsyncConnection[Any], token: str, *, now: datetime) -> Session | None:
    """The running session of a token; it is marked as used at most once a minute."""
    cursor = connection.cursor(row_factory=class_row(Session))
    session = await (await cursor.execute(_FIND.encode(), [_digest(token)])).fetchone()
    if session is None or session.is_over(now):
        return None
    if now - session.seen_at >= _SEEN_EVERY:
        await connection.execute(_SEEN, [now, session.session_id])
    return session


async def list_sessions(connection: AsyncConnection[Any], session: Session, *, now: datetime) -> list[Session]:
    """The running sessions of the same user or family, newest first, at most 100."""
    cursor = connection.cursor(row_factory=class_row(Session))
    values = {"user_id": session.user_id, "bindings": Jsonb(session.bindings), "now": now}
    found = await (await cursor.execute(_OF_USER.encode(), values)).fetchall()
    return [one for one in found if not one.is_over(now)]


async def end_session(connection: AsyncConnection[Any], own: Session, session_id: UUID, *, now: datetime) -> None:
    """End one of the sessions of the same user or family. Raises LedgerError `session_not_found`."""
    if all(one.session_id != session_id for one in await list_sessions(connection, own, now=now)):
        raise LedgerError("session_not_found")
    await connection.execute(_END, [now, session_id])


async def end_sessions_of(connection: AsyncConnection[Any], user_id: str, *, now: datetime) -> int:
    """End every session of a user; how many that were."""
    return (await connection.execute(_END_ALL, [now, user_id])).rowcount


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
