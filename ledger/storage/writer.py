"""The group-commit writer: commands wait in a queue, are decided in memory, and share one durable commit."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

import psycopg
import structlog

from ledger.domain.account import EscrowAccount
from ledger.domain.decisions import Context
from ledger.domain.errors import LedgerError
from ledger.domain.partition import partition_of
from ledger.postgres.pipeline import ConnectionLost, StatementRefused
from ledger.storage.batch import Batch, BrokenUnit
from ledger.storage.crash_points import crash_point
from ledger.storage.hot_accounts import HotAccounts, Loader
from ledger.storage.log import HEAD_MOVED, EventLog
from ledger.storage.pace import Pace
from ledger.storage.reconnection import connect_again, is_recorded
from ledger.storage.refusals import confirm_refusals
from ledger.storage.requests import Outcome, Request
from ledger.storage.seen import Seen
from ledger.storage.snapshots import Snapshots
from ledger.storage.units import LONG, Unit, grouped, in_parts, requests_of
from ledger.storage.waiting import WaitingUnits

_log = structlog.get_logger("ledger.writer")

_UNIQUE_VIOLATION, _SERIALIZATION, _DEADLOCK = "23505", "40001", "40P01"
_CONFLICTS = (HEAD_MOVED, _UNIQUE_VIOLATION, _SERIALIZATION, _DEADLOCK)
_CONTENDED_BATCHES = 64
"""After a conflict, so many batches take the partitions' locks before they decide."""
_LOCKED_ATTEMPTS = 100


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
        snapshots: Snapshots,
    ) -> None:
        self._url = url
        self._context = context
        self._clock = clock
        self._max_batch = max_batch
        self._unknown_after_s = unknown_after_s
        self._on_commit = on_commit
        self._snapshots = snapshots
        self._queue = WaitingUnits(queue_limit)
        self._accounts = HotAccounts(loader, max_accounts)
        self._heads: dict[int, int] = {}
        self._seen = Seen()
        self._contended = 0
        self._pause = False
        self._pace = Pace(max_batch)
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
        """Record what is waiting, then end. Later commands are refused with `ledger_stopping`.

        Raises what ended the writer before.
        """
        self._stopping = True
        self._queue.wake()
        if self._task is not None:
            try:
                await self._task
            finally:
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
        account = self._accounts.get(account_id.int)
        return account if isinstance(account, EscrowAccount) else None

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
        self._require_room()
        answer: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._queue.put((Unit(requests, answer),))
        return await answer

    async def submit_each(self, requests: Sequence[Request]) -> list[Outcome | LedgerError]:
        """Record requests that do not depend on each other's fate; one result each, in order, once all are durable.

        Raises `queue_full` or `ledger_stopping` when none of them can be taken now, and the error of an append that
        failed; how many are handed over at once is the caller's care.
        """
        self._require_room()
        if not requests:
            return []
        answer: asyncio.Future[list[Outcome | LedgerError]] = asyncio.get_running_loop().create_future()
        self._queue.put(grouped(requests, answer))
        return await answer

    def _require_room(self) -> None:
        if not self.alive:
            raise LedgerError("ledger_stopping")
        self._queue.require_room()

    async def _run(self) -> None:
        try:
            while self._queue or not self._stopping:
                await self._queue.come()
                while self._queue:
                    await self._process(self._take())
                if self._stopping:
                    self._queue.wake()
        except Exception as error:
            _log.critical("writer_failed", exc_info=error)
            raise
        finally:  # by a defect of ours, or cancelled: what was sent may be recorded, and nobody waits for ever
            self._queue.tell_all(LedgerError("outcome_unknown"))

    def _take(self, *, in_flight: int = 0) -> list[Unit]:
        """The next units; while others are on their way to the disk, only such whose accounts are in memory."""
        # Where other processes wait for the partitions' locks, they wait for few commits. A long queue goes with one
        # commit too: it is sent in parts, so that the database does not wait for the whole of it.
        whole = self._contended or (not in_flight and len(self._queue) > LONG)
        room = self._max_batch if whole else self._pace.size(len(self._queue) + in_flight)
        return self._queue.take(room, only=self._is_hot if in_flight else None)

    async def _process(self, units: list[Unit]) -> None:
        try:
            await self._load(units)
            if self._contended:
                self._contended -= 1
                await self._record_locked(units)
                return
            batch = await self._decide_in_parts(units)
            while batch is not None:
                units, batch = await self._record(units, batch)
        except BrokenUnit as broken:
            self._set_aside(broken, units)
        except (StatementRefused, psycopg.Error, OSError) as error:
            # Not a conflict: the disk is full, the server is read-only, a loader's connection failed.
            _log.error("append_failed", error=str(error))
            self._accounts.clear()
            for unit in units:
                unit.tell(error)
        except ConnectionLost:  # given up, because the process stops; everybody was told
            return
        except BaseException:
            self._queue.put_back(units)
            raise

    async def _decide_in_parts(self, units: list[Unit]) -> Batch | None:
        """A long batch is sent on while it is decided: one transaction, to which `_record` sends what is left.

        None when the connection was lost meanwhile. Raises `BrokenUnit`, and then nothing is left of what was sent.
        """
        first, *others = in_parts(units)
        batch = self._decide(first, self._heads)
        try:
            for part in others:
                if batch.appends:
                    self._database.send(batch.instant, batch.appends, batch.claims, self._heads)
                    crash_point("writer.part_sent")
                    await asyncio.sleep(0)
                self._decide(part, self._heads, batch)
        except BrokenUnit:
            await self._database.abandon()
            raise
        except ConnectionLost as error:
            await self._recover(units, batch, error)
            return None
        return batch

    async def _record(self, units: list[Unit], batch: Batch) -> tuple[list[Unit], Batch | None]:
        """The usual way: append with one round trip what was decided on the heads known here.

        While the database works, the next batch is decided on top of this one; it is returned, to be recorded next.
        If this one is not recorded after all, the next one's units go back to the queue.
        """
        ahead: tuple[list[Unit], Batch | None] = ([], None)
        try:
            await confirm_refusals(batch, self._database, self._seen, self._heads)
            if batch.appends:
                crash_point("writer.decided")
                started = time.perf_counter()
                appending = asyncio.ensure_future(self._database.append(batch.instant, batch.appends, batch.claims))
                await asyncio.sleep(0)  # it is sent, and those who were answered just now ask again
                ahead = self._decide_ahead(batch)
                await appending
                self._pace.committed(time.perf_counter() - started, batch.last_part)
                crash_point("writer.appended")
        except (ConnectionLost, StatementRefused) as error:
            self._take_back(*ahead)
            if isinstance(error, ConnectionLost):
                await self._recover(units, batch, error)
                return [], None
            batch.forget()
            await self._database.abandon()
            if error.sqlstate not in _CONFLICTS:
                raise
            self._contended = _CONTENDED_BATCHES
            self._queue.put_back(units)
            return [], None
        except BaseException:
            self._take_back(*ahead)
            batch.forget()
            raise
        self._settle(batch, ahead[1])
        return ahead

    def _decide_ahead(self, batch: Batch) -> tuple[list[Unit], Batch | None]:
        """The next batch, of units whose accounts are in memory, on the heads that `batch` will leave."""
        units = [] if self._pause else self._take(in_flight=len(batch.units))
        self._pause = False
        if not units:
            return [], None
        try:
            return units, self._decide(units, batch.heads_after)
        except BrokenUnit as broken:
            self._set_aside(broken, units)
            return [], None

    def _is_hot(self, unit: Unit) -> bool:
        return all(request.command.account_id.int in self._accounts for request in unit.requests)

    def _take_back(self, units: list[Unit], batch: Batch | None) -> None:
        """What was decided ahead of a batch that is not recorded is to be decided anew."""
        if batch is not None:
            batch.forget()
            self._queue.put_back(units)

    def _set_aside(self, broken: BrokenUnit, units: list[Unit]) -> None:
        """The unit that our code failed on is told; the others are decided without it."""
        _log.error("command_failed", exc_info=broken.error)
        broken.unit.tell(broken.error)
        self._queue.put_back([unit for unit in units if unit is not broken.unit])

    async def _record_locked(self, units: list[Unit]) -> None:
        """The way under contention: lock the partitions, read what others appended, decide, append, commit."""
        partitions = {partition_of(request.command.account_id, len(self._heads)) for request in requests_of(units)}
        for attempt in range(_LOCKED_ATTEMPTS):
            batch = None
            try:
                heads = await self._database.lock(partitions)
                await self._catch_up(heads)
                await self._seen.look_up(self._database, self._heads, requests_of(units))
                await self._load(units)
                batch = self._decide(units, self._heads)
                if batch.appends:
                    await self._database.append(batch.instant, batch.appends, batch.claims, commit=True)
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

    def _decide(self, units: list[Unit], heads: dict[int, int], batch: Batch | None = None) -> Batch:
        """Decide units on these heads at one instant, or as a further part of a batch. Raises `BrokenUnit`."""
        started = time.perf_counter()
        if batch is None:
            now = self._clock()
            self._recorded_at = now if self._recorded_at is None else max(now, self._recorded_at)
            batch = Batch(self._accounts, heads, self._seen, self._context, self._recorded_at)
        try:
            for unit in units:
                batch.decide(unit)
            batch.last_part = len(units)
            self._pace.decided(time.perf_counter() - started, len(units))
        except BrokenUnit as broken:
            batch.forget()
            for request in broken.unit.requests:
                self._accounts.pop(request.command.account_id.int, None)
            raise
        return batch

    async def _load(self, units: list[Unit]) -> None:
        await self._accounts.load(request.command.account_id for request in requests_of(units))

    async def _catch_up(self, heads: dict[int, int]) -> None:
        """Apply what other processes appended to the accounts in memory."""
        for partition, head in heads.items():
            known = self._heads[partition]
            if head > known:
                self._accounts.follow(await self._database.read(partition, after=known, until=head))
                self._heads[partition] = head

    def _settle(self, batch: Batch, ahead: Batch | None = None) -> None:
        """The batch is durable: move the heads, answer the callers, tell the followers."""
        for append in batch.appends:
            self._heads[append.partition] = append.head
        self.batches += 1
        self.commands += len(batch.units)
        for unit, said in zip(batch.units, batch.outcomes, strict=True):
            unit.tell(said)
        if not batch.touched:
            return
        self._on_commit()
        for account_id in self._snapshots.due(batch.touched):
            if ahead is not None and account_id in ahead.touched:
                self._pause = True  # the next batch is followed by none, and memory equals what is durable again
            elif isinstance(account := self._accounts.get(account_id), EscrowAccount):
                self._snapshots.take(account)

    async def _recover(self, units: list[Unit], batch: Batch | None, error: ConnectionLost) -> None:
        """The connection is lost and the commit may have happened: make sure of one outcome, then tell it.

        The lost backend is ended first, so that nothing is committed behind our back; then the log says whether the
        batch is there. If it is, its callers are answered; if not, it is decided anew.
        """
        _log.warning("connection_lost", error=str(error))
        if batch is not None:
            batch.forget()
        self._accounts.clear()
        deadline = asyncio.get_running_loop().time() + self._unknown_after_s

        def still_lost(reason: str) -> None:
            if self._stopping or asyncio.get_running_loop().time() > deadline:
                self._queue.put_back(units)
                self._queue.tell_all(LedgerError("outcome_unknown"))
                if self._stopping:
                    raise ConnectionLost(reason)

        while True:
            self._database = await connect_again(self._url, self._database, still_lost=still_lost)
            try:
                recorded = batch is not None and await is_recorded(self._database, batch)
                heads = await self._database.heads()
                break
            except ConnectionLost as again:
                still_lost(str(again))
        if recorded and batch is not None:
            self._settle(batch)
        else:
            self._contended = max(self._contended, 1)
            self._queue.put_back(units)
        self._heads = heads
