"""The courier: follows the changes for every endpoint, and delivers what is due; in one process at a time.

It works beside the writer and never inside its transactions. A change becomes a delivery once (its place is unique for
the endpoint), and a delivery is sent at least once: an end between the receiver's answer and its record sends it again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from random import Random, SystemRandom
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from ledger.notifications import deliveries, endpoints
from ledger.notifications.changes import WINDOW, Change, read_changes, readable
from ledger.notifications.deliveries import Attempt, Waiting
from ledger.notifications.endpoints import Endpoint
from ledger.notifications.retries import ATTEMPTS, DISABLED_AFTER, pause
from ledger.notifications.sender import GONE, Sender, is_delivered

_log = structlog.get_logger("ledger.webhooks")
_AWAY: Final = (psycopg.OperationalError, psycopg.errors.UndefinedTable, PoolTimeout)
"""The database is away, or the views are being made anew: try again."""
_LOCK: Final = 0x0E5C_0004
_IN_A_ROW: Final = 50
_KEPT_EVERY: Final = 1_000
"""Positions: an endpoint's place is written with its deliveries, else not more often than this."""

_POSITIONS: Final = "SELECT endpoint_id, partition, position FROM escrow.webhook_positions WHERE endpoint_id = ANY(%s)"
_KEEP: Final = "UPDATE escrow.webhook_positions SET position = %s WHERE endpoint_id = %s AND partition = %s"
_WORKED: Final = "UPDATE escrow.webhook_endpoints SET failing_since = NULL WHERE endpoint_id = %s"
_FAILED: Final = """
UPDATE escrow.webhook_endpoints SET failing_since = coalesce(failing_since, %s) WHERE endpoint_id = %s
RETURNING failing_since
"""


class Courier:
    """An async context manager that delivers in the background. `clock` and `random` decide about retries.

    `failure` is the defect that stopped it for good, if one did.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Callable[[], datetime],
        allow_private: bool = False,
        random: Random | None = None,
        poll_interval_s: float = 0.2,
        timeout_s: float = 15.0,
    ) -> None:
        self._url = url
        self._clock = clock
        self._random = random or SystemRandom()
        self._poll_interval_s = poll_interval_s
        self._sender = Sender(allow_private=allow_private, timeout_s=timeout_s)
        self._awake = asyncio.Event()
        self._reached: dict[tuple[UUID, int], int] = {}
        self._kept: dict[tuple[UUID, int], int] = {}
        self._sending: dict[UUID, asyncio.Task[None]] = {}
        # What is sent is recorded on other connections than the one that follows: transactions must not mix.
        self._pool = AsyncConnectionPool[AsyncConnection[Any]](
            url, min_size=0, max_size=4, open=False, kwargs={"autocommit": True}
        )
        self._task: asyncio.Task[None] | None = None
        self.failure: Exception | None = None

    async def __aenter__(self) -> Self:
        await self._pool.open()
        await self._sender.__aenter__()
        self._task = asyncio.create_task(self._run(), name="webhooks")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._sender.__aexit__(kind, error, trace)
        await self._pool.close()

    def wake(self) -> None:
        """Look now: something was committed, or time has passed."""
        self._awake.set()

    async def _run(self) -> None:
        while self.failure is None:
            try:
                async with await AsyncConnection[Any].connect(self._url, autocommit=True) as connection:
                    await self._stand_by(connection)
                    await self._work(connection)
            except _AWAY as error:
                _log.warning("webhooks_interrupted", reason=str(error).strip())
            except Exception as error:
                self.failure = error
                _log.critical("webhooks_stopped", exc_info=error)
            finally:
                await self._stop_sending()
            await asyncio.sleep(self._poll_interval_s)

    async def _stand_by(self, connection: AsyncConnection[Any]) -> None:
        """Until no other process delivers. The lock ends with the connection, however this process ends."""
        while True:
            cursor = await connection.execute("SELECT pg_try_advisory_lock(%s, 0)", [_LOCK])
            if await cursor.fetchone() == (True,):
                self._reached.clear()
                self._kept.clear()
                return
            await self._sleep()

    async def _work(self, connection: AsyncConnection[Any]) -> None:
        while True:
            self._awake.clear()
            moved = await self._follow(connection)
            for endpoint_id in await deliveries.due_endpoints(connection, self._clock()):
                if endpoint_id not in self._sending:
                    self._sending[endpoint_id] = asyncio.create_task(self._deliver(endpoint_id))
            if not moved:
                await self._sleep()

    async def _follow(self, connection: AsyncConnection[Any]) -> bool:
        """One window of each partition that has moved; whether there was any."""
        audiences = await endpoints.active_audiences(connection)
        if not audiences:
            return False
        unknown = [endpoint_id for endpoint_id in audiences if (endpoint_id, 0) not in self._reached]
        for endpoint_id, partition, position in await (await connection.execute(_POSITIONS, [unknown])).fetchall():
            self._reached[endpoint_id, partition] = self._kept[endpoint_id, partition] = position
        moved = False
        for partition, through in (await readable(connection)).items():
            behind: dict[int, list[UUID]] = defaultdict(list)
            for endpoint_id in audiences:
                if self._reached[endpoint_id, partition] < through:
                    behind[self._reached[endpoint_id, partition]].append(endpoint_id)
            for after, waiting in behind.items():
                until = min(through, after + WINDOW)
                changes = await read_changes(connection, partition, after=after, through=until)
                for endpoint_id in waiting:
                    seen = [change for change in changes if audiences[endpoint_id].may_see(change)]
                    await self._advance(connection, endpoint_id, partition, until, seen)
                moved = True
        return moved

    async def _advance(
        self, connection: AsyncConnection[Any], endpoint_id: UUID, partition: int, position: int, seen: list[Change]
    ) -> None:
        place = endpoint_id, partition
        if seen or position - self._kept[place] >= _KEPT_EVERY:
            async with connection.transaction():
                await deliveries.enqueue(connection, endpoint_id, seen, now=self._clock())
                await connection.execute(_KEEP, [position, endpoint_id, partition])
            self._kept[place] = position
        self._reached[place] = position

    async def _deliver(self, endpoint_id: UUID) -> None:
        """The endpoint's deliveries one after the other, until one fails or none is left."""
        try:
            while True:
                async with self._pool.connection() as connection:
                    waiting = await deliveries.next_of(connection, endpoint_id, limit=_IN_A_ROW)
                for one in waiting:
                    if not await self._try(endpoint_id, one):
                        return
                if not waiting:
                    return
        except _AWAY as error:
            _log.warning("webhooks_interrupted", reason=str(error).strip())
        finally:
            del self._sending[endpoint_id]
            self._awake.set()

    async def _try(self, endpoint_id: UUID, waiting: Waiting) -> bool:
        """Send it once and record what happened; whether the next one may follow at once."""
        async with self._pool.connection() as connection:
            endpoint = await endpoints.get(connection, endpoint_id)
        if endpoint.state != "active":
            return False
        attempt = await self._sender.send(endpoint, waiting, self._clock())
        async with self._pool.connection() as connection, connection.transaction():
            if not is_delivered(attempt):
                return await self._failed(connection, endpoint, waiting, attempt)
            await deliveries.tried(connection, waiting.delivery_id, attempt, state="delivered", next_at=None)
            if endpoint.failing_since is not None:
                await connection.execute(_WORKED, [endpoint.endpoint_id])
        return True

    async def _failed(
        self, connection: AsyncConnection[Any], endpoint: Endpoint, waiting: Waiting, attempt: Attempt
    ) -> bool:
        tries = waiting.tries + 1
        dead = tries >= ATTEMPTS
        next_at = None if dead else attempt.at + pause(tries, self._random)
        state = "dead" if dead else "pending"
        await deliveries.tried(connection, waiting.delivery_id, attempt, state=state, next_at=next_at)
        row = await (await connection.execute(_FAILED, [attempt.at, endpoint.endpoint_id])).fetchone()
        assert row is not None
        _log.warning(
            "webhook_failed",
            endpoint_id=str(endpoint.endpoint_id),
            delivery_id=str(waiting.delivery_id),
            status=attempt.status,
            error=attempt.error,
            tries=tries,
            dead=dead,
        )
        if attempt.status == GONE:
            await endpoints.disable(connection, endpoint.endpoint_id, because="receiver_gone", now=attempt.at)
        elif attempt.at - row[0] >= DISABLED_AFTER:
            await endpoints.disable(connection, endpoint.endpoint_id, because="failing", now=attempt.at)
        else:
            return dead
        return False

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_interval_s):  # `wait_for` would lose a cancellation at a wake-up
                await self._awake.wait()

    async def _stop_sending(self) -> None:
        tasks = list(self._sending.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
