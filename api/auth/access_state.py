"""What a process must know to judge tokens without asking the database each time: keys and revoked clients.

It is read again every five seconds, so a revoked client is refused within about that time in every process. When the
database cannot be read for half a minute, tokens are no longer accepted: an old list of revocations is not a list.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.auth.keys import KeyRing, ensure_key_ring
from api.codes import ApiError

REFRESH_INTERVAL_S: Final = 5.0
STALE_AFTER_S: Final = 30.0
_SWEEP_EVERY: Final = 12

_REVOKED: Final = "SELECT client_id FROM escrow.api_clients WHERE revoked_at IS NOT NULL"
_SWEEP: Final = "DELETE FROM escrow.used_assertions WHERE expires_at < %(now)s"

Clock = Callable[[], float]
"""Seconds since 1970, as `time.time` gives them."""

log = structlog.get_logger("api.auth")


class AccessState:
    """Keys and revocations of one process, as of `refreshed_at` (seconds since 1970). Used from one event loop."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], *, clock: Clock) -> None:
        self.clock = clock
        self.revoked: frozenset[str] = frozenset()
        self.refreshed_at = float("-inf")
        self._pool = pool
        self._ring: KeyRing | None = None

    @property
    def ring(self) -> KeyRing:
        """The keys in force. Errors: ApiError `access_state_stale` before the first and long after the last reading."""
        self.check_fresh(self.clock())
        assert self._ring is not None
        return self._ring

    def check_fresh(self, now: float) -> None:
        """Errors: ApiError `access_state_stale` when the last reading is older than half a minute."""
        if now - self.refreshed_at > STALE_AFTER_S:
            raise ApiError("access_state_stale")

    async def refresh(self) -> None:
        """Reads keys and revocations now. Errors: psycopg.Error, PoolTimeout; the former state then stays."""
        started_at = self.clock()
        async with self._pool.connection(timeout=REFRESH_INTERVAL_S) as connection:
            ring = await ensure_key_ring(connection, now=datetime.fromtimestamp(started_at, UTC))
            rows = await (await connection.execute(_REVOKED)).fetchall()
        self._ring = ring
        self.revoked = frozenset(client_id for (client_id,) in rows)
        self.refreshed_at = started_at

    async def follow(self) -> None:
        """Refreshes for ever, and now and then removes assertions whose age alone refuses them; cancel to stop."""
        rounds = 0
        while True:
            await asyncio.sleep(REFRESH_INTERVAL_S)
            rounds += 1
            try:
                await self.refresh()
                if rounds % _SWEEP_EVERY == 0:
                    await self.sweep()
            except (psycopg.Error, PoolTimeout, OSError) as error:
                # Expected while the database is away: readiness and `check_fresh` report it.
                log.warning("access_state_not_refreshed", error=type(error).__name__)

    async def sweep(self) -> None:
        """Deletes the used assertions that have expired."""
        async with self._pool.connection(timeout=REFRESH_INTERVAL_S) as connection:
            await connection.execute(_SWEEP, {"now": datetime.fromtimestamp(self.clock(), UTC)})
