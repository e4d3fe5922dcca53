"""The runner: follows all partitions of the log and keeps every view up to date, in one process at a time."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, NamedTuple, Self

import psycopg
import structlog
from psycopg import AsyncConnection

from ledger.domain.errors import LedgerError
from ledger.projections.catalogue import VIEWS
from ledger.projections.event_log import Decode, heads
from ledger.projections.follower import Follower, follow
from ledger.projections.positions import MovedError, read_positions
from ledger.projections.schema import create_views
from ledger.projections.view import Views
from ledger.projections.view_writer import ViewWriter

_log = structlog.get_logger("ledger.projections")
_LOCK = 0x0E5C_0002
"""First key of the advisory locks of followed partitions; the second is the partition."""
_TRY_LOCKS = "SELECT p, pg_try_advisory_lock(%s, p) FROM unnest(%s::int[]) AS p"
_IMPATIENT_POLL_S = 0.02
"""While somebody waits for a partition that another process follows."""
_GATHER_S = 0.03
"""After a pass over few events, when nobody waits: one over many costs little more."""
_MANY = 250


class _Waiter(NamedTuple):
    partition: int
    position: int
    reached: asyncio.Future[None]


class Runner:
    """Follows the log on a connection of its own. Start it with `start()` or as an async context manager.

    Each partition is followed by one process at a time (an advisory lock); the others stand by and take over once it
    has made no progress for `stand_by_s` while there are events. Events of this process are followed soon after
    `wake()`, those of others after at most `poll_interval_s`.

    `on_moved` is called when views moved. `failure` is the error of a view or of the log that stopped the runner for
    good: no event is ever left out. `interruption` is the text of the last database error while the runner
    tries to connect again.
    """

    def __init__(
        self,
        url: str,
        decode: Decode,
        *,
        views: Views = VIEWS,
        poll_interval_s: float = 0.2,
        batch: int = 5_000,
        most_rows: int = 200_000,
        stand_by_s: float = 0.0,
        on_moved: Callable[[], None] = lambda: None,
    ) -> None:
        self.failure: Exception | None = None
        self.interruption: str | None = None
        self._url = url
        self._decode = decode
        self._views = views
        self._poll_interval_s = poll_interval_s
        self._batch = batch
        self._most_rows = most_rows
        self._stand_by_s = stand_by_s
        self._on_moved = on_moved
        self._standing_still: dict[int, tuple[int, float]] = {}
        self._awake = asyncio.Event()
        self._followers: dict[int, Follower] = {}
        self._positions: dict[int, int] = {}
        self._heads: dict[int, int] = {}
        self._waiters: list[_Waiter] = []
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> None:
        """Create the views' tables where needed and begin to follow. psycopg.Error when there is no database."""
        assert self._task is None, "the runner was started before"
        async with await AsyncConnection[Any].connect(self._url, autocommit=True) as connection:
            await create_views(connection, self._views)
        self._task = asyncio.create_task(self._run(), name="projections")

    async def stop(self) -> None:
        """Stop following; what was not written is followed again at the next start."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        self._release_waiters(everybody=True)

    def wake(self) -> None:
        """Say that events were committed. Where another process follows, nothing is to be done."""
        if self._followers:
            self._awake.set()

    @property
    def healthy(self) -> bool:
        """Whether the log is being followed, here or by another process."""
        return self._task is not None and self.failure is None and self.interruption is None

    @property
    def following(self) -> frozenset[int]:
        """The partitions that this process follows."""
        return frozenset(self._followers)

    def position(self, partition: int) -> int:
        """What every view has reached in the partition, as far as is known here."""
        return self._positions.get(partition, 0)

    def lag(self) -> int:
        """How many events the views were behind the log at the last look, over all partitions."""
        return sum(max(0, head - self.position(partition)) for partition, head in self._heads.items())

    async def wait_for(self, partition: int, position: int, timeout_s: float) -> None:
        """Wait until every view has reached the position. Raises LedgerError `projection_behind`."""
        if self.position(partition) >= position:
            return
        if self._task is not None and self.failure is None:
            waiter = _Waiter(partition, position, asyncio.get_running_loop().create_future())
            self._waiters.append(waiter)
            self._awake.set()
            try:
                await asyncio.wait([waiter.reached], timeout=timeout_s)
            finally:
                self._waiters.remove(waiter)
        reached = self.position(partition)
        if reached < position:
            raise LedgerError("projection_behind", partition=partition, position=reached, wanted=position)

    async def _run(self) -> None:
        while self.failure is None:
            try:
                async with self._connections() as (connection, writer):
                    await self._follow(connection, writer)
            except psycopg.OperationalError as error:
                self.interruption = str(error).strip() or type(error).__name__
                _log.warning("projections_interrupted", reason=self.interruption)
                await asyncio.sleep(self._poll_interval_s)
            except Exception as error:
                self.failure = error
                self._release_waiters(everybody=True)
                _log.critical("projections_stopped", exc_info=error)

    @asynccontextmanager
    async def _connections(self) -> AsyncGenerator[tuple[AsyncConnection[Any], ViewWriter]]:
        """One that reads and holds the locks, and one that writes."""
        try:
            async with await AsyncConnection[Any].connect(self._url, autocommit=True) as connection:
                for view in self._views:
                    for table in view.tables:
                        await table.prepare(connection)
                writer = await ViewWriter.connect(self._url, self._views)
                try:
                    yield connection, writer
                finally:
                    await writer.close()
        finally:
            self._followers.clear()  # the locks ended with the connection

    async def _follow(self, connection: AsyncConnection[Any], writer: ViewWriter) -> None:
        while True:
            self._awake.clear()
            self._heads = await heads(connection)
            await self._take_over(connection)
            try:
                moved = await follow(connection, writer, self._followers.values(), self._heads, self._decode)
                for partition, follower in self._followers.items():
                    self._positions[partition] = follower.position
            except MovedError:
                for partition in self._followers:
                    await self._begin(connection, partition)
                moved = _MANY
            self.interruption = None
            self._release_waiters()
            if moved:
                self._on_moved()
            if not moved:
                await self._sleep()
            elif moved < _MANY and not self._waiters:
                await asyncio.sleep(_GATHER_S)

    async def _take_over(self, connection: AsyncConnection[Any]) -> None:
        others = [partition for partition in self._heads if partition not in self._followers]
        if not others:
            return
        standing = await read_positions(connection, self._views)
        for partition in others:
            self._positions[partition] = min(one.position for one in standing[partition].values())
        left = [partition for partition in others if self._is_left(partition)]
        if left:
            cursor = await connection.execute(_TRY_LOCKS, [_LOCK, left])
            for partition, taken in await cursor.fetchall():
                if taken:
                    await self._begin(connection, partition)

    def _is_left(self, partition: int) -> bool:
        """Whether nobody seems to follow the partition: events are there, and its views have not moved for a while."""
        position, now = self.position(partition), asyncio.get_running_loop().time()
        before, since = self._standing_still.get(partition, (-1, now))
        if position != before or (self._stand_by_s and position >= self._heads[partition]):
            self._standing_still[partition] = (position, now)
            since = now
        return now - since >= self._stand_by_s

    async def _begin(self, connection: AsyncConnection[Any], partition: int) -> None:
        standing = (await read_positions(connection, self._views))[partition]
        self._followers[partition] = Follower(partition, standing, batch=self._batch, most_rows=self._most_rows)
        self._positions[partition] = self._followers[partition].position

    async def _sleep(self) -> None:
        elsewhere = any(waiter.partition not in self._followers for waiter in self._waiters)
        timeout_s = min(_IMPATIENT_POLL_S, self._poll_interval_s) if elsewhere else self._poll_interval_s
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):  # `wait_for` would lose a cancellation that meets a wake-up
                await self._awake.wait()

    def _release_waiters(self, *, everybody: bool = False) -> None:
        for partition, position, reached in self._waiters:
            if not reached.done() and (everybody or self.position(partition) >= position):
                reached.set_result(None)
