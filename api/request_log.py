"""Notes the requests of API clients and writes them down beside the requests: nobody waits for it, or fails by it.

The middleware appends to a bounded queue; a task of the server writes what is there each second, and deletes what is
older than the log is kept. What does not fit, and what the database would not take, is dropped and counted.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from api.auth.access_state import Clock
from api.metrics import GaugeReading
from ledger.application.request_log import AnsweredRequest, prune_requests, write_requests

MOST_WAITING: Final = 20_000
WRITTEN_AT_ONCE: Final = 1_000  # few enough that making their lines does not keep requests waiting
PRUNED_AT_ONCE: Final = 10_000
WRITE_EVERY_S: Final = 1.0
PRUNE_EVERY_S: Final = 60.0
_CONNECTION_WITHIN_S: Final = 2.0
_WRITE_WITHIN_S: Final = 15.0
_STOP_WITHIN_S: Final = 5.0

log = structlog.get_logger("api.request_log")


class RequestLog:
    """The log of one server process, kept for `keep_days`; 0 records nothing, and deletes what was. One event loop."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection[Any]], *, keep_days: int, clock: Clock) -> None:
        self.keep_days = keep_days
        self.written = 0
        self.dropped = 0
        self._pool = pool
        self._clock = clock
        self._waiting: deque[AnsweredRequest] = deque()
        self._failing = False
        self._prune_at = 0.0
        self._stop = asyncio.Event()

    def note(
        self, *, client_id: str, method: str, route: str, status: int, code: str, duration_s: float, request_id: str
    ) -> None:
        """Take a request that was just answered; it is in the table a second later."""
        if not self.keep_days:
            return
        if len(self._waiting) >= MOST_WAITING:
            self.dropped += 1
            return
        arrived = self._clock() - duration_s
        self._waiting.append(
            AnsweredRequest(arrived, client_id, method, route, status, code, int(duration_s * 1e6), request_id)
        )

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Writes until it is left, and then what still waits, for a few seconds at most."""
        self._stop = asyncio.Event()
        task = asyncio.create_task(self._follow())
        try:
            yield
        finally:
            self._stop.set()
            await asyncio.wait([task], timeout=_STOP_WITHIN_S)
            task.cancel()
            await asyncio.wait([task])
            self.dropped += len(self._waiting)
            self._waiting.clear()

    async def write(self) -> None:
        """Write what waits. Errors: psycopg.Error, PoolTimeout, OSError; what was under way is then dropped, because
        it may be there or not, and the rest waits on."""
        while self._waiting:
            async with self._pool.connection(timeout=_CONNECTION_WITHIN_S) as connection:
                batch = [self._waiting.popleft() for _ in range(min(WRITTEN_AT_ONCE, len(self._waiting)))]
                written = False
                try:
                    async with asyncio.timeout(_WRITE_WITHIN_S):
                        await write_requests(connection, batch)
                    written = True
                finally:
                    if written:
                        self.written += len(batch)
                    else:
                        self.dropped += len(batch)

    async def prune(self) -> int:
        """Delete a bounded number of requests that are too old; how many. Errors: as of `write`."""
        before = datetime.fromtimestamp(self._clock(), UTC) - timedelta(days=self.keep_days)
        async with self._pool.connection(timeout=_CONNECTION_WITHIN_S) as connection:
            async with asyncio.timeout(_WRITE_WITHIN_S):
                return await prune_requests(connection, before=before, limit=PRUNED_AT_ONCE)

    def gauges(self) -> Iterator[GaugeReading]:
        """What `/metrics` says of the log."""
        for name, documentation, value in (
            ("waiting", "Requests that wait to be written to the request log.", len(self._waiting)),
            ("written_total", "Requests written to the request log since the start.", self.written),
            ("dropped_total", "Requests that the request log lost since the start.", self.dropped),
        ):
            yield GaugeReading(f"escrow_request_log_{name}", documentation, value, {})

    async def _follow(self) -> None:
        while not self._stop.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), WRITE_EVERY_S)
            await self._round()

    async def _round(self) -> None:
        try:
            await self.write()
            due = self._clock() >= self._prune_at and not self._stop.is_set()
            if due and await self.prune() < PRUNED_AT_ONCE:
                self._prune_at = self._clock() + PRUNE_EVERY_S
        except (psycopg.Error, PoolTimeout, OSError) as error:
            # Expected while the database is away; what is lost is counted. Said once, and once when it is over.
            if not self._failing:
                log.warning("request_log_not_written", error=type(error).__name__)
            self._failing = True
        else:
            if self._failing:
                log.info("request_log_written_again", dropped=self.dropped)
            self._failing = False
