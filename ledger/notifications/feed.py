"""The live feed of one process: follows the changes once for all its streams, each of which has a bounded buffer.

A stream that does not take what it is sent is ended; its reader comes back with the last id that it got. A stream that
begins at an earlier place reads the changes up to where the feed stands, and then takes over from the feed.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, suppress
from types import TracebackType
from typing import Any, Final, Self

import psycopg
import structlog
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.notifications.audience import Audience
from ledger.notifications.changes import WINDOW, Change, read_changes, readable
from ledger.notifications.cursor import WHOLE, Place, StreamCursor

BUFFER: Final = 1_000
"""Changes that a stream may be behind the feed."""

READY_S: Final = 5.0
"""The longest time for which a stream waits for the feed to begin."""

_log = structlog.get_logger("ledger.stream")


class StreamEnded(Exception):
    """The reader was too slow, or the feed ends: it is to come back with its last id."""


class Stream:
    """One reader's changes from its cursor on. `cursor` is what it was told after each change."""

    def __init__(self, feed: "Feed", audience: Audience, cursor: StreamCursor, limit: int) -> None:
        self.cursor = cursor
        self._feed = feed
        self._audience = audience
        self._limit = limit
        self._buffer: deque[Change] = deque()
        self._joined: dict[int, int] = {}
        self._arrived = asyncio.Event()
        self._ended = False

    def offer(self, change: Change) -> None:
        """Take a change from the feed, if it is for this reader and another process has not told it already."""
        told = self.cursor.get(change.partition, Place(0))
        if self._ended or (change.position, change.ordinal) <= told or not self._audience.may_see(change):
            return
        if len(self._buffer) >= self._limit:
            self.end()
            return
        self._buffer.append(change)
        self._arrived.set()

    def end(self) -> None:
        """End the stream after what was taken."""
        self._ended = True
        self._arrived.set()

    async def next(self, timeout_s: float) -> Change | None:
        """The next change, or None after so long without one. Raises `StreamEnded`."""
        if not self._buffer and not self._ended:
            try:
                await asyncio.wait_for(self._arrived.wait(), timeout_s)
            except TimeoutError:
                if not self._buffer:
                    self._stand_at(self._feed.reached)
                    return None
        if self._ended:
            raise StreamEnded
        change = self._buffer.popleft()
        if not self._buffer:
            self._arrived.clear()
        self.cursor[change.partition] = Place(change.position, change.ordinal)
        return change

    async def earlier(self, pool: AsyncConnectionPool[AsyncConnection[Any]]) -> AsyncGenerator[Change]:
        """The changes between the cursor and the place at which the stream joined the feed; to be read first."""
        for partition, joined in sorted(self._joined.items()):
            while True:
                position, ordinal = self.cursor.get(partition, Place(0))
                after = position if ordinal == WHOLE else position - 1
                if after >= joined:
                    break
                through = min(joined, after + WINDOW)
                async with pool.connection() as connection:
                    found = await read_changes(connection, partition, after=after, through=through)
                for change in found:
                    place = Place(change.position, change.ordinal)
                    if place > (position, ordinal) and self._audience.may_see(change):
                        self.cursor[partition] = place
                        yield change
                self.cursor[partition] = Place(through)

    def join(self, reached: Mapping[int, int]) -> None:
        """From here on the feed tells it; a reader without a cursor begins here."""
        self._joined = dict(reached)
        if not self.cursor:
            self._stand_at(reached)

    def _stand_at(self, reached: Mapping[int, int]) -> None:
        """All of this was told: nothing of it waits in the buffer."""
        for partition, position in reached.items():
            self.cursor[partition] = max(Place(position), self.cursor.get(partition, Place(0)))


class Feed:
    """An async context manager. It looks at the database only while somebody reads."""

    def __init__(self, url: str, *, poll_interval_s: float = 0.2, buffer: int = BUFFER) -> None:
        self.reached: dict[int, int] = {}
        self._url = url
        self._poll_interval_s = poll_interval_s
        self._buffer = buffer
        self._streams: set[Stream] = set()
        self._readers = 0
        self._awake = asyncio.Event()
        self._wanted = asyncio.Event()
        self._ready = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="stream")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self.end_streams()

    def wake(self) -> None:
        """Look now: something was committed."""
        self._awake.set()

    def end_streams(self) -> None:
        """End every stream; their readers come back, here or at another process."""
        for stream in list(self._streams):
            stream.end()

    @asynccontextmanager
    async def stream(self, audience: Audience, cursor: StreamCursor | None) -> AsyncGenerator[Stream]:
        """A reader's stream from its cursor on, or from now on. TimeoutError when the database is away."""
        self._readers += 1
        self._wanted.set()
        stream = Stream(self, audience, cursor or StreamCursor(), self._buffer)
        try:
            await asyncio.wait_for(self._ready.wait(), READY_S)
            stream.join(self.reached)
            self._streams.add(stream)
            yield stream
        finally:
            self._streams.discard(stream)
            self._readers -= 1
            if not self._readers:
                self._wanted.clear()
                self._ready.clear()

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                async with await AsyncConnection[Any].connect(self._url, autocommit=True) as connection:
                    await self._follow(connection)
            except (
                psycopg.OperationalError,
                psycopg.errors.UndefinedTable,
            ) as error:  # nothing is lost: the streams go on from where the feed stands
                _log.warning("stream_interrupted", reason=str(error).strip())
                await asyncio.sleep(self._poll_interval_s)
            except Exception as error:
                _log.critical("stream_failed", exc_info=error)
                self.end_streams()
                await asyncio.sleep(self._poll_interval_s)

    async def _follow(self, connection: AsyncConnection[Any]) -> None:
        while self._wanted.is_set():
            self._awake.clear()
            now = await readable(connection)
            if not self._ready.is_set():  # nobody reads yet: begin at the end
                self.reached = now
                self._ready.set()
            moved = False
            for partition, through in now.items():
                after = self.reached.setdefault(partition, through)
                if after < through:
                    until = min(through, after + WINDOW)
                    for change in await read_changes(connection, partition, after=after, through=until):
                        for stream in list(self._streams):
                            stream.offer(change)
                    self.reached[partition] = until
                    moved = True
            if not moved:
                await self._sleep()

    async def _sleep(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(self._poll_interval_s):  # `wait_for` would lose a cancellation at a wake-up
                await self._awake.wait()
