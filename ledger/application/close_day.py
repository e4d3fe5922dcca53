"""The daily close: of one account, or of every account in a scope, in order of their opening, partition by partition.

A close may be asked twice, by several processes at once, and killed at any instant: what is due on a day is decided
once (the same date again changes nothing), each partition is closed by one process at a time, and a close that was
interrupted goes on after the last page of accounts that it kept in its record.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

import msgspec

from ledger.application.alert_clock import AlertsClosed
from ledger.application.caller import Caller
from ledger.application.case_clock import CasesClosed
from ledger.application.close_record import CloseRecord, Pass, scope_key
from ledger.application.ledger import Ledger
from ledger.application.reconciliation import Reconciled
from ledger.application.recording import ReadPool, record, record_each, require_day
from ledger.application.wind_down import WindDownsContinued
from ledger.domain.commands import CloseDay
from ledger.domain.errors import LedgerError
from ledger.projections.paging import Scope
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome

PAGE: Final = 500
"""So many accounts of a partition are closed together: enough to share commits, few enough to leave others room."""
AT_ONCE: Final = 4
"""So many partitions are closed at a time: while one page is decided, the accounts of the next are read."""

OnProgress = Callable[[date, int, int], None]
"""Told the day, how many of its accounts are done, and how many there are."""


class DayClosed(msgspec.Struct, kw_only=True):
    """How many accounts were closed, in how many something happened, by how many events; refusals by code.

    `missed` are the days that were closed before it because nobody had closed them; `reconciled` what the comparison
    with the banks found, `alerts` and `cases` what it did about these, `wind_downs` about institutions wound up.
    """

    closed_on: date
    accounts: int = 0
    changed: int = 0
    events: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    missed: list[date] = []
    reconciled: Reconciled | None = None
    alerts: AlertsClosed | None = None
    cases: CasesClosed | None = None
    wind_downs: WindDownsContinued | None = None

    def add(self, part: Pass) -> None:
        """Count what a pass over one partition did."""
        self.accounts += part.accounts
        self.changed += part.changed
        self.events += part.events
        for code, count in part.refused.items():
            self.refused[code] = self.refused.get(code, 0) + count


async def close_account(ledger: Ledger, caller: Caller, *, account_id: UUID, on: date) -> Outcome:
    """Close one account's day; the same day again changes nothing."""
    return await record(ledger, caller, CloseDay(account_id=account_id, effective_on=on))


async def close_day(
    ledger: Ledger,
    pool: ReadPool,
    caller: Caller,
    *,
    scope: Scope,
    on: date,
    catch_up: bool = False,
    page: int = PAGE,
    on_progress: OnProgress = lambda _day, _done, _total: None,
) -> DayClosed:
    """Close the day of every account in the scope that was open on it. Raises `date_too_early`, `date_in_future`.

    With `catch_up`, the days since the last complete close are closed first, each in its order: what fell due on a
    missed day counts for that day, without what was earned since, and the periods that it starts run from today
    (`Context.clock_starts_on`).
    """
    require_day(on)
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    async with _record(pool) as kept:
        missed = await _missed(kept, scope_key(scope), on, caller.idempotency_key) if catch_up else []
        for day in missed:
            await _Close(ledger, kept, caller, scope, day, page, on_progress).run()
        closed = await _Close(ledger, kept, caller, scope, on, page, on_progress).run()
    closed.missed = missed
    return closed


@asynccontextmanager
async def _record(pool: ReadPool) -> AsyncGenerator[CloseRecord]:
    async with pool.connection() as connection:
        await connection.set_autocommit(True)
        try:
            yield CloseRecord(connection)
        finally:
            if not connection.closed:
                await connection.execute("SELECT pg_advisory_unlock_all()")
                await connection.set_autocommit(False)


async def _missed(kept: CloseRecord, scope: str, on: date, request_key: UUID | None) -> list[date]:
    earlier = await kept.closed_by(request_key, on) if request_key is not None else []
    if earlier:
        return earlier
    last = await kept.last_complete(scope)
    return [] if last is None else [last + timedelta(days=days) for days in range(1, (on - last).days)]


class _Close:
    """One day's close over one scope."""

    def __init__(
        self,
        ledger: Ledger,
        kept: CloseRecord,
        caller: Caller,
        scope: Scope,
        on: date,
        page: int,
        on_progress: OnProgress,
    ) -> None:
        self._ledger = ledger
        self._kept = kept
        self._caller = caller
        self._scope = scope
        self._on = on
        self._page = page
        self._on_progress = on_progress
        self._accounts: dict[int, list[tuple[int, UUID]]] = {}
        self._done = 0
        self._closed = DayClosed(closed_on=on)

    async def run(self) -> DayClosed:
        """Close every partition: first those that nobody closes now, then, one by one, those that others had taken."""
        asked_at = await self._kept.now()
        self._accounts = await self._kept.accounts(self._scope, self._on)
        if not self._accounts:
            return self._closed
        waiting = iter(await self._kept.partitions())
        taken: list[int] = []

        async def close_free_ones() -> None:
            for partition in waiting:
                if await self._kept.try_lock(partition):
                    await self._close_partition(partition, asked_at)
                else:
                    taken.append(partition)

        async with asyncio.TaskGroup() as workers:
            for _ in range(AT_ONCE):
                workers.create_task(close_free_ones())
        for partition in sorted(taken):
            await self._kept.lock(partition)
            await self._close_partition(partition, asked_at)
        return self._closed

    async def _close_partition(self, partition: int, asked_at: datetime) -> None:
        """The partition's accounts page by page; it is locked, and is left afterwards."""
        part, done = await self._kept.begin(
            self._on, scope_key(self._scope), partition, asked_at=asked_at, request_key=self._caller.idempotency_key
        )
        accounts = self._accounts.get(partition, [])
        if done:
            self._tell(len(accounts))
        else:
            left = [one for one in accounts if one[0] > part.through_position]
            self._tell(len(accounts) - len(left))
            for start in range(0, len(left), self._page):
                page = left[start : start + self._page]
                await self._close_page(part, [account_id for _, account_id in page])
                part.through_position = page[-1][0]
                crash_point("close.page")
                await self._kept.advance(part, finished=start + self._page >= len(left))
            if not left:
                await self._kept.advance(part, finished=True)
        await self._kept.unlock(partition)
        self._closed.add(part)

    async def _close_page(self, part: Pass, page: Sequence[UUID]) -> None:
        # Keys of the pass: what an interrupted page decided is found again and counted, though it is not decided again.
        of_pass = replace(self._caller, idempotency_key=part.key, request_hash=b"", expected_version=None)
        requests = [of_pass.part(str(one), CloseDay(account_id=one, effective_on=self._on)) for one in page]
        for result in await record_each(self._ledger, requests):
            part.accounts += 1
            if isinstance(result, LedgerError):
                part.refused[result.code] = part.refused.get(result.code, 0) + 1
            else:
                part.changed += bool(result.events)
                part.events += len(result.events)
        self._tell(len(page))

    def _tell(self, more: int) -> None:
        self._done += more
        self._on_progress(self._on, self._done, sum(map(len, self._accounts.values())))
