"""The daily close: of one account, or of every account in a scope."""

from collections.abc import AsyncGenerator
from datetime import date
from typing import Final
from uuid import UUID

import msgspec

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool, record, record_each, require_day
from ledger.domain.commands import CloseDay
from ledger.domain.errors import LedgerError
from ledger.projections import balances
from ledger.projections.paging import Cursor, Scope
from ledger.storage.requests import Outcome

AT_ONCE: Final = 500
"""So many accounts are closed together: enough to share commits, few enough to leave others room in the queue."""


class DayClosed(msgspec.Struct, kw_only=True):
    """How many accounts were closed, in how many something happened, by how many events; refusals by code."""

    closed_on: date
    accounts: int = 0
    changed: int = 0
    events: int = 0
    refused: dict[str, int] = msgspec.field(default_factory=dict[str, int])


async def close_account(ledger: Ledger, caller: Caller, *, account_id: UUID, on: date) -> Outcome:
    """Close one account's day; the same day again changes nothing."""
    return await record(ledger, caller, CloseDay(account_id=account_id, effective_on=on))


async def close_day(ledger: Ledger, pool: ReadPool, caller: Caller, *, scope: Scope, on: date) -> DayClosed:
    """Close the day of every account in the scope. Raises `date_too_early`, `date_in_future`."""
    require_day(on)
    if on > ledger.today():
        raise LedgerError("date_in_future", date=on.isoformat(), today=ledger.today().isoformat())
    closed = DayClosed(closed_on=on)
    async for page in _account_pages(pool, scope):
        requests = [caller.part(str(one), CloseDay(account_id=one, effective_on=on)) for one in page]
        for result in await record_each(ledger, requests):
            closed.accounts += 1
            if isinstance(result, LedgerError):
                closed.refused[result.code] = closed.refused.get(result.code, 0) + 1
            else:
                closed.changed += bool(result.events)
                closed.events += len(result.events)
    return closed


async def _account_pages(pool: ReadPool, scope: Scope) -> AsyncGenerator[list[UUID]]:
    after: Cursor | None = None
    while True:
        async with pool.connection() as connection:
            page = await balances.list_page(connection, scope=scope, after=after, limit=AT_ONCE)
        if not page:
            return
        yield [UUID(row.account_id) for row in page]
        after = Cursor(page[-1].partition, page[-1].position)
