"""Reconciliation with the banks: of one account on demand, and of every account in a scope at the daily close.

What is compared is read from views that have caught up with the log; what it changes is decided with what the account
knows. So a comparison may be made twice, by several processes at once, and killed at any instant: nothing is recorded
twice, and what a killed one left out the next finds.
"""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.reading import Reader
from ledger.application.recording import record, record_each, require_day
from ledger.application.sent_transfers import with_sent_transfers
from ledger.domain.commands import AssignBreak, ReconcileAccount, ResolveBreak
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankBreakOverdue, BreakFound, BreakResolved, DayReconciled, TopUpDemanded
from ledger.domain.reconciliation.books import AccountBooks
from ledger.domain.reconciliation.compare import compare
from ledger.projections import balances, reconciliation_queries
from ledger.projections.paging import Cursor, Scope
from ledger.projections.reconciliation_books import read_books
from ledger.projections.reconciliation_rows import BreakRecord
from ledger.storage.crash_points import crash_point
from ledger.storage.requests import Outcome, Request

PAGE: Final = 500
CATCH_UP_S: Final = 600.0
"""The longest time for which a comparison waits until the views have everything that was recorded before it."""
_TRIES: Final = 3
"""An account whose bank speaks while it is compared is compared again."""
_THROUGH: Final = """
SELECT b.account_id::text, a.through_on FROM escrow_views.balances b
  LEFT JOIN escrow_views.reconciled_accounts a USING (account_id) WHERE b.account_id = ANY(%s::uuid[])
"""


class Reconciled(msgspec.Struct, kw_only=True):
    """What a comparison recorded: accounts looked at, days by state, breaks found by kind, resolved, and now overdue;
    top-ups demanded; refusals by code."""

    reconciled_on: date
    accounts: int = 0
    events: int = 0
    days: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    found: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    resolved: int = 0
    overdue: int = 0
    top_ups: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])

    def add(self, outcome: Outcome) -> None:
        """Count what was recorded of one account."""
        self.accounts += 1
        self.events += len(outcome.events)
        for event in outcome.events:
            match event:
                case DayReconciled():
                    self.days[event.state] = self.days.get(event.state, 0) + 1
                case BreakFound():
                    self.found[event.kind] = self.found.get(event.kind, 0) + 1
                case BreakResolved():
                    self.resolved += 1
                case BankBreakOverdue():
                    self.overdue += 1
                case TopUpDemanded():
                    self.top_ups += 1
                case _:
                    pass


async def reconcile_day(
    ledger: Ledger, reader: Reader, caller: Caller, *, scope: Scope, on: date, page: int = PAGE
) -> Reconciled:
    """Compare every account in the scope that was open on the day with its bank, through that day.

    An account that was compared through a later day already is compared through that. Raises `date_too_early`,
    `date_in_future`, `projection_behind`.
    """
    require_day(on)
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    await _catch_up(reader)
    done = Reconciled(reconciled_on=on)
    async for account_ids in _pages(reader, scope, on, page):
        await _reconcile(ledger, reader, caller, account_ids, on, done)
        crash_point("reconcile.page")
    return done


async def reconcile_account(
    ledger: Ledger, reader: Reader, caller: Caller, *, account_id: UUID, on: date
) -> Reconciled:
    """The same for one account, on demand; it must exist. Raises what the account refuses."""
    require_day(on)
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    await _catch_up(reader)
    done = Reconciled(reconciled_on=on)
    for refusal in await _reconcile(ledger, reader, caller, [str(account_id)], on, done):
        raise refusal
    return done


async def assign_break(
    ledger: Ledger, caller: Caller, known: BreakRecord, *, assignee: str, note: str, on: date
) -> Outcome:
    """Say who sees to a break. Raises `break_not_open`."""
    command = AssignBreak(
        account_id=UUID(known.account_id), effective_on=on, break_id=known.break_id, assignee=assignee, note=note
    )
    return await record(ledger, caller, command)


async def resolve_break(
    ledger: Ledger, caller: Caller, known: BreakRecord, *, reason: str, link: str, on: date
) -> Outcome:
    """Explain a break. Raises `break_not_open`."""
    command = ResolveBreak(
        account_id=UUID(known.account_id), effective_on=on, break_id=known.break_id, reason=reason, link=link
    )
    return await record(ledger, caller, command)


async def find_break(reader: Reader, break_id: str, scope: Scope) -> BreakRecord:
    """The break, if it is in the scope. Raises `break_not_found`."""
    for fresh in (False, True):
        if fresh:
            await reader.catch_up()
        if "\0" not in break_id:
            async with reader.pool.connection() as connection:
                found = await reconciliation_queries.get_break(connection, break_id, scope=scope)
            if found is not None:
                return found
    raise LedgerError("break_not_found", break_id=break_id)


async def _catch_up(reader: Reader) -> None:
    for partition, position in (await reader.heads()).items():
        await reader.runner.wait_for(partition, position, CATCH_UP_S)


async def _pages(reader: Reader, scope: Scope, on: date, page: int) -> AsyncGenerator[list[str]]:
    after: Cursor | None = None
    while True:
        async with reader.pool.connection() as connection:
            rows = await balances.list_page(connection, scope=scope, after=after, limit=page)
        if not rows:
            return
        opened = [row.account_id for row in rows if row.opened_on <= on]
        if opened:
            yield opened
        after = Cursor(rows[-1].partition, rows[-1].position)


async def _reconcile(
    ledger: Ledger, reader: Reader, caller: Caller, account_ids: Sequence[str], on: date, done: Reconciled
) -> list[LedgerError]:
    """Count what was recorded; what accounts refused."""
    waiting = list(account_ids)
    refusals: list[LedgerError] = []
    for left in reversed(range(_TRIES)):
        behind: list[str] = []
        async with reader.pool.connection() as connection:
            for through, group in (await _by_last_day(connection, waiting, on)).items():
                books = await read_books(connection, group, through=through)
                books = await with_sent_transfers(ledger, connection, books)
                results = await _decide(ledger, caller, books, through)
                for one, result in zip(books, results, strict=True):
                    if not isinstance(result, LedgerError):
                        done.add(result)
                    elif result.code == "reconciliation_behind" and left:
                        behind.append(one.account_id)
                    else:
                        done.accounts += 1
                        done.refused[result.code] = done.refused.get(result.code, 0) + 1
                        refusals.append(result)
        if not behind:
            break
        waiting = behind
        await _catch_up(reader)
    return refusals


async def _by_last_day(connection: AsyncConnection[Any], account_ids: list[str], on: date) -> dict[date, list[str]]:
    """The accounts by the day through which they are compared: never one before that of the last comparison."""
    groups: dict[date, list[str]] = {}
    async with connection.transaction():
        rows = await (await connection.execute(_THROUGH, [account_ids])).fetchall()
    for account_id, through_on in rows:
        groups.setdefault(max(on, through_on or on), []).append(account_id)
    return groups


async def _decide(
    ledger: Ledger, caller: Caller, books: Sequence[AccountBooks], through: date
) -> list[Outcome | LedgerError]:
    # Without keys: the same comparison again is told by what the account knows, not by who asked.
    asking = replace(caller, idempotency_key=None, request_hash=None, expected_version=None)
    requests: list[Request] = []
    for one in books:
        found = compare(one, through, ledger.calendar)
        command = ReconcileAccount(
            account_id=UUID(one.account_id),
            effective_on=through,
            seen_version=one.version,
            differences=found.differences,
            days=found.days,
            views=one.figures,
        )
        requests.append(asking.request(command))
    return await record_each(ledger, requests)
