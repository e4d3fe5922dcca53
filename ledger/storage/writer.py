"""The group-commit writer: commands wait in a queue, are decided in memory, and share one durable commit."""

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context
from ledger.domain.errors import LedgerError
from ledger.domain.partition import partition_of
from ledger.storage.batch import Batch, BrokenUnit, Unit
from ledger.storage.crash_points import crash_point
from ledger.storage.hot_accounts import HotAccounts, Loader
from ledger.storage.log import HEAD_MOVED, EventLog
from ledger.storage.pipeline import ConnectionLost, StatementRefused
from ledger.storage.requests import Outcome, Request
from ledger.storage.seen import Seen

_log = structlog.get_logger("ledger.writer")

_UNIQUE_VIOLATION, _SERIALIZATION, _DEADLOCK = "23505", "40001", "40P01"
_CONFLICTS = (HEAD_MOVED, _UNIQUE_VIOLATION, _SERIALIZATION, _DEADLOCK)
_CONTENDED_BATCHES = 64
"""After a conflict, so many batches take the partitions' locks before they decide."""
_LOCKED_ATTEMPTS = 100
_RECONNECT_PAUSE_S = 0.1


def _requests(units: Iterable[Unit]) -> list[Request]:
    return [request for unit in units for request in unit.requests]


class Writer:
    """Decides and records commands for every account of the store. One writer a process; several processes may write.

    A caller is answered only when its command's events are durable, or when it is refused. A refused command leaves
    no trace. After a failed append the accounts it touched are dropped from memory and loaded anew.
    """

    def __init__(
        self,
        url: str,
        loader: Loader,
        context: Callable[[datetime, str], Context],
        clock: Callable[[], datetime],
        *,
        queue_limit: int = 20_000,
        max_batch: int = 2_000,
        max_accounts: int = 20_000,
        unknown_after_s: float = 15.0,
        on_commit: Callable[[], None] = lambda: None,
        on_touched: Callable[[EscrowAccount], None] = lambda _: None,
    ) -> None:
        self._url = url
        self._context = context
        self._clock = clock
        self._queue_limit = queue_limit
        self._max_batch = max_batch
        self._unknown_after_s = unknown_after_s
        self._on_commit = on_commit
        self._on_touched = on_touched
        self._queue: deque[Unit] = deque()
        self._wake = asyncio.Event()
        self._accounts = HotAccounts(loader, max_accounts)
        self._heads: dict[int, int] = {}
        self._seen = Seen()
        self._contended = 0
        self._recorded_at: datetime | None = None
        self._stopping = False
        self._task: asyncio.Task[None] | None = None
        self.batches = 0
        self.commands = 0

    async def start(self) -> None:
        """Connect and begin. Raises `psycopg.OperationalError` when the database cannot be reached."""
        self._database = await EventLog.connect(self._url)
        self._heads = await self._database.heads()
        self._task = asyncio.create_task(self._run(), name="ledger-writer")

    async def stop(self) -> None:
        """Record what is waiting, then end. Later commands are refused with `ledger_stopping`."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
            await self._database.close()

    @property
    def alive(self) -> bool:
        """Whether commands can be recorded."""
        return self._task is not None and not self._task.done() and not self._stopping

    @property
    def waiting(self) -> int:
        """Units in the queue."""
        return len(self._queue)

    @property
    def hot_accounts(self) -> int:
        """Accounts in memory."""
        return len(self._accounts)

    def in_memory(self, account_id: UUID) -> EscrowAccount | None:
        """The account as the writer knows it, if it is in memory; not to be changed."""
        return self._accounts.get(account_id)

    @property
    def backend_pid(self) -> int:
        """PostgreSQL's process that serves the writer."""
        return self._database.backend_pid

    @property
    def heads(self) -> dict[int, int]:
        """The last position of each partition that this writer knows."""
        return dict(self._heads)

    async def submit(self, *requests: Request) -> list[Outcome]:
        """Record the requests together or not at all, and return their outcomes once they are durable.

        Raises the refusal of the first refused one, `queue_full`, `ledger_stopping`, or `outcome_unknown` when the
        database was lost for too long: then a repetition with the same key tells.
        """
        self.require_room()
        return await self.enqueue(requests)

    def require_room(self) -> None:
        """Raises `ledger_stopping` or `queue_full` when commands cannot be taken now."""
        if not self.alive:
            raise LedgerError("ledger_stopping")
        if len(self._queue) >= self._queue_limit:
            raise LedgerError("queue_full", waiting=len(self._queue))

    def enqueue(self, requests: tuple[Request, ...]) -> "asyncio.Future[list[Outcome]]":
        """Like `submit`, for many at once: the future is to be awaited, and the queue's limit is the caller's care."""
        unit = Unit(requests, asyncio.get_running_loop().create_future())
        self._queue.append(unit)
        self._wake.set()
        return unit.answer

    async def _run(self) -> None:
        while self._queue or not self._stopping:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._process(self._take())
            if self._stopping:
                self._wake.set()

    def _take(self) -> list[Unit]:
        units: list[Unit] = []
        size = 0
        while self._queue and size < self._max_batch:
            unit = self._queue.popleft()
            if not unit.answer.done():  # the caller has not gone away
                units.append(unit)
                size += len(unit.requests)
        return units

    async def _process(self, units: list[Unit]) -> None:
        try:
            await self._load(units)
            if self._contended:
                self._contended -= 1
                await self._record_locked(units)
            else:
                await self._record(units)
        except BrokenUnit as broken:
            _log.error("command_failed", exc_info=broken.error)
            self._answer(broken.unit, broken.error)
            self._queue.extendleft(reversed([unit for unit in units if unit is not broken.unit]))
        except (StatementRefused, psycopg.Error, OSError) as error:
            # Not a conflict: the disk is full, the server is read-only, a loader's connection failed.
            _log.error("append_failed", error=str(error))
            self._accounts.clear()
            for unit in units:
                self._answer(unit, error)

    async def _record(self, units: list[Unit]) -> None:
        """The usual way: decide on the heads known here, append with one round trip."""
        batch = self._new_batch()
        self._decide(batch, units)
        try:
            await self._confirm_refusals(batch)
            if batch.appends:
                crash_point("writer.decided")
                await self._database.append(self._instant, batch.appends, batch.claims)
                crash_point("writer.appended")
        except ConnectionLost as error:
            await self._recover(units, batch, error)
            return
        except StatementRefused as refused:
            batch.forget()
            if refused.sqlstate not in _CONFLICTS:
                raise
            self._contended = _CONTENDED_BATCHES
            await self._load(units)
            await self._record_locked(units)
            return
        self._settle(batch)

    async def _record_locked(self, units: list[Unit]) -> None:
        """The way under contention: lock the partitions, read what others appended, decide, append, commit."""
        partitions = {partition_of(request.command.account_id, len(self._heads)) for request in _requests(units)}
        for attempt in range(_LOCKED_ATTEMPTS):
            batch = None
            try:
                heads = await self._database.lock(partitions)
                await self._catch_up(heads)
                await self._seen.look_up(self._database, self._heads, _requests(units))
                await self._load(units)
                batch = self._new_batch()
                self._decide(batch, units)
                if batch.appends:
                    await self._database.append(self._instant, batch.appends, batch.claims, commit=True)
                else:
                    await self._database.rollback()
            except ConnectionLost as error:
                await self._recover(units, batch, error)
                return
            except BaseException as error:
                if batch is not None:
                    batch.forget()
                with contextlib.suppress(ConnectionLost):
                    await self._database.rollback()
                conflict = isinstance(error, StatementRefused) and error.sqlstate in _CONFLICTS
                if not conflict or attempt + 1 == _LOCKED_ATTEMPTS:
                    raise
                continue
            self._settle(batch)
            return

    def _new_batch(self) -> Batch:
        now = self._clock()
        self._instant = now if self._recorded_at is None else max(now, self._recorded_at)
        self._recorded_at = self._instant
        return Batch(self._accounts, self._heads, self._seen, self._context_of)

    def _context_of(self, actor: str) -> Context:
        return self._context(self._instant, actor)

    def _decide(self, batch: Batch, units: list[Unit]) -> None:
        try:
            for unit in units:
                batch.decide(unit)
        except BrokenUnit as broken:
            batch.forget()
            for request in broken.unit.requests:
                self._accounts.pop(request.command.account_id, None)
            raise

    async def _load(self, units: list[Unit]) -> None:
        await self._accounts.load(request.command.account_id for request in _requests(units))

    async def _catch_up(self, heads: dict[int, int]) -> None:
        """Apply what other processes appended to the accounts in memory."""
        for partition, head in heads.items():
            known = self._heads[partition]
            if head > known:
                self._accounts.follow(await self._database.read(partition, after=known, until=head))
                self._heads[partition] = head

    async def _confirm_refusals(self, batch: Batch) -> None:
        """No refusal on an old view, nor before the log was asked whether the command was recorded earlier.

        Raises `StatementRefused` with `HEAD_MOVED` when another process has moved a head that a refusal stands on.
        """
        doubtful = [answer.unit for answer in batch.answers if answer.doubtful]
        if not doubtful:
            return
        if await self._database.heads() != self._heads:
            raise StatementRefused(HEAD_MOVED, "another process appended")
        await self._seen.look_up(self._database, self._heads, _requests(doubtful))
        for index, answer in enumerate(batch.answers):
            if answer.doubtful:
                outcomes = self._seen.earlier_of(answer.unit.requests)
                if outcomes is not None:
                    batch.answers[index] = answer._replace(outcomes=outcomes)

    def _settle(self, batch: Batch) -> None:
        """The batch is durable: move the heads, answer the callers, tell the followers."""
        for append in batch.appends:
            self._heads[append.partition] = append.head
        self.batches += 1
        self.commands += len(batch.answers)
        for answer in batch.answers:
            self._answer(answer.unit, answer.outcomes)
        if batch.appends:
            self._on_commit()
            for account_id in batch.touched:
                self._on_touched(self._accounts[account_id])

    @staticmethod
    def _answer(unit: Unit, outcome: list[Outcome] | Exception) -> None:
        if unit.answer.done():
            return
        if isinstance(outcome, Exception):
            unit.answer.set_exception(outcome)
        else:
            unit.answer.set_result(outcome)

    async def _recover(self, units: list[Unit], batch: Batch | None, error: ConnectionLost) -> None:
        """The connection is lost and the commit may have happened: make sure of one outcome, then tell it.

        The lost backend is ended first, so that nothing is committed behind our back; then the log says whether the
        batch is there. If it is, its callers are answered; if not, it is decided anew.
        """
        _log.warning("connection_lost", error=str(error))
        if batch is not None:
            batch.forget()
        self._accounts.clear()
        lost = self._database.backend_pid
        await self._reconnect(units)
        try:
            await self._database.end_backend(lost)
        except StatementRefused as refused:
            _log.warning("lost_backend_not_ended", error=str(refused))
        try:
            recorded = batch is not None and bool(batch.appends) and await self._is_recorded(batch)
            self._heads = await self._database.heads() if not recorded else self._heads
        except ConnectionLost as again:
            await self._recover(units, batch, again)
            return
        if recorded and batch is not None:
            self._settle_after_loss(batch)
        else:
            self._contended = max(self._contended, 1)
            self._queue.extendleft(reversed(units))
            self._wake.set()

    async def _is_recorded(self, batch: Batch) -> bool:
        first = batch.appends[0]
        found = await self._database.read(first.partition, after=first.expected, until=first.expected + 1)
        return [(row.account_id, row.version, row.state) for row in found] == [
            (first.account_ids[0], first.versions[0], first.states[0])
        ]

    def _settle_after_loss(self, batch: Batch) -> None:
        touched, batch.touched = batch.touched, set()  # they are no longer in memory
        self._settle(batch)
        _log.info("batch_found_after_loss", accounts=len(touched))

    async def _reconnect(self, units: list[Unit]) -> None:
        """Connect again, however long it takes; callers are told `outcome_unknown` when it takes too long."""
        deadline = asyncio.get_running_loop().time() + self._unknown_after_s
        while True:
            try:
                await self._database.close()
                self._database = await EventLog.connect(self._url)
            except (psycopg.Error, OSError, ConnectionLost) as error:
                if self._stopping or asyncio.get_running_loop().time() > deadline:
                    for unit in [*units, *self._queue]:
                        self._answer(unit, LedgerError("outcome_unknown"))
                    self._queue.clear()
                    if self._stopping:
                        raise ConnectionLost(str(error)) from error
                await asyncio.sleep(_RECONNECT_PAUSE_S)
            else:
                return
