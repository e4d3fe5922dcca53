"""The ledger of one process: commands in, durable outcomes out, and accounts as they are or were."""

import asyncio
import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from ledger.application.batch_keys import BatchKeys
from ledger.domain.account import EscrowAccount
from ledger.domain.calendar import WEEKENDS_ONLY, WorkingCalendar
from ledger.domain.decisions import Context
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankEntryEvent, Event
from ledger.domain.partition import partition_of
from ledger.domain.policy import DEFAULT_POLICIES, Policies
from ledger.storage.bank_entries import EntryName, RecordedEntry, bank_entry_events, recorded_entries, settlements
from ledger.storage.event_sourcing import LedgerApplication
from ledger.storage.loader import AccountLoader
from ledger.storage.recorder import Pool
from ledger.storage.requests import Outcome, Request
from ledger.storage.snapshots import Snapshots
from ledger.storage.writer import Writer

CHINA = ZoneInfo("Asia/Shanghai")
GC_THRESHOLD = (200_000, 20, 100)
"""Commands leave little garbage in cycles; rarer collections keep the slowest answers fast."""
Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The machine's time, UTC."""
    return datetime.now(UTC)


class Ledger:
    """An async context manager over one writer. All arguments are explicit: database, clock, policies, calendar."""

    def __init__(
        self,
        url: str,
        partitions: int,
        *,
        clock: Clock = system_clock,
        policies: Policies = DEFAULT_POLICIES,
        calendar: WorkingCalendar = WEEKENDS_ONLY,
        queue_limit: int = 20_000,
        max_batch: int = 2_000,
        on_commit: Callable[[], None] = lambda: None,
    ) -> None:
        self.url = url
        self.partitions = partitions
        self.clock = clock
        self.policies = policies
        self.calendar = calendar
        self._pool: Pool = ConnectionPool(
            url, min_size=1, max_size=4, open=False, connection_class=psycopg.Connection[TupleRow]
        )
        self.snapshots = Snapshots(self._pool)
        self.writer = Writer(
            url,
            AccountLoader(self._pool, partitions, self.snapshots.loaded),
            self.context,
            clock,
            queue_limit=queue_limit,
            max_batch=max_batch,
            on_commit=on_commit,
            snapshots=self.snapshots,
        )
        self.batch_keys = BatchKeys()
        self._account_ids: dict[tuple[str, str], UUID] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            self._pool.open()
            stack.callback(self._pool.close)
            self.application = LedgerApplication(self.url, self.partitions)
            stack.callback(self.application.close)
            stack.push_async_callback(self.snapshots.finish)
            await self.writer.start()
            stack.push_async_callback(self.writer.stop)
            self._stack = stack.pop_all()
        gc.collect()
        gc.freeze()  # what is loaded now lives for ever: do not look at it again
        gc.set_threshold(*GC_THRESHOLD)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    def today(self) -> date:
        """The date in China now."""
        return self.clock().astimezone(CHINA).date()

    def context(self, recorded_at: datetime, actor: str) -> Context:
        """What a decision at that instant, asked by that actor, is told from outside."""
        return Context(
            recorded_at=recorded_at,
            today=recorded_at.astimezone(CHINA).date(),
            actor=actor,
            policies=self.policies,
            calendar=self.calendar,
        )

    async def execute(self, request: Request) -> Outcome:
        """Record one command; its outcome is durable when this returns.

        Raises `LedgerError`: the decision's refusals, `version_mismatch`, `idempotency_key_reused`, `entry_reused`,
        `account_no_taken`, `queue_full`, `ledger_stopping`, `outcome_unknown`.
        """
        (outcome,) = await self.writer.submit(request)
        return outcome

    async def execute_all(self, requests: Sequence[Request]) -> list[Outcome | LedgerError]:
        """Record many commands that do not depend on each other's fate; one result each, in order.

        Raises `queue_full` or `ledger_stopping` when none of them can be taken now.
        """
        return await self.writer.submit_each(requests)

    async def execute_atomically(self, requests: Sequence[Request]) -> list[Outcome]:
        """Record all or none. Raises the first refusal."""
        return await self.writer.submit(*requests)

    def known_account(self, bank: str, account_no: str) -> UUID | None:
        """The same, if it was asked before; None says nothing."""
        return self._account_ids.get((bank, account_no))

    async def find_account(self, bank: str, account_no: str) -> UUID:
        """The account of a number at a bank, from the log's own unique keys. Raises `account_not_found`."""
        known = self.known_account(bank, account_no)
        if known is None:
            known = await asyncio.get_running_loop().run_in_executor(None, self._find_account, bank, account_no)
            self._account_ids[bank, account_no] = known
        return known

    def _find_account(self, bank: str, account_no: str) -> UUID:
        with self._pool.connection() as connection:
            row = connection.execute(
                "SELECT e.account_id FROM escrow.unique_keys u JOIN escrow.events e USING (partition, position) "
                "WHERE u.kind = 'account' AND u.key = %s",
                [f"{bank}/{account_no}"],
            ).fetchone()
        if row is None:
            raise LedgerError("account_not_found")
        return row[0]

    def recorded_entries(self, bank: str, references: Sequence[str]) -> dict[EntryName, RecordedEntry]:
        """Of a bank's entries with these references, those that are recorded, and how. Blocks: call it in a thread."""
        with self._pool.connection() as connection:
            return recorded_entries(connection, bank, references)

    def bank_entry_events(self, account_id: UUID) -> Iterator[BankEntryEvent]:
        """Every event that an entry of the bank made on the account, in order. Blocks: call it in a thread."""
        with self._pool.connection() as connection:
            yield from bank_entry_events(connection, partition_of(account_id, self.partitions), account_id)

    def settlements(self, account_id: UUID) -> list[Event]:
        """What the bank paid or got back of the account's instructions. Blocks: call it in a thread."""
        with self._pool.connection() as connection:
            return settlements(connection, partition_of(account_id, self.partitions), account_id)

    def taken_keys(self, kind: str, keys: Sequence[str]) -> dict[str, str]:
        """Of these unique keys, those that are taken, with their digests. Blocks: call it in a thread."""
        with self._pool.connection() as connection:
            rows = connection.execute(
                "SELECT key, digest FROM escrow.unique_keys WHERE kind = %s AND key = ANY(%s)", [kind, [*keys]]
            )
            return dict(rows.fetchall())

    def account_at_version(self, account_id: UUID, version: int | None = None) -> EscrowAccount:
        """The account now (as recorded) or as of one of its versions. Blocks: call it in a thread."""
        return self.application.account(account_id, version=version)

    def version_at(self, account_id: UUID, *, position: int | None = None, recorded_at: datetime | None = None) -> int:
        """The account's version as of a position of its partition, or of an instant. Blocks: call it in a thread.

        Positions and instants grow with the version, so about twenty index look-ups find it in any history.
        """
        column, wanted = ("position", position) if position is not None else ("recorded_at", recorded_at)
        partition = partition_of(account_id, self.partitions)
        within = "FROM escrow.events WHERE partition = %s AND account_id = %s"
        with self._pool.connection() as connection:
            row = connection.execute(f"SELECT max(version) {within}".encode(), [partition, account_id]).fetchone()
            low, high = 0, (row[0] or 0) if row else 0
            probe = f"SELECT {column} <= %s {within} AND version = %s".encode()
            while low < high:
                middle = (low + high + 1) // 2
                found = connection.execute(probe, [wanted, partition, account_id, middle]).fetchone()
                if found == (True,):
                    low = middle
                else:
                    high = middle - 1
        return low


__all__ = ["CHINA", "Clock", "Ledger", "Outcome", "Request", "system_clock"]
