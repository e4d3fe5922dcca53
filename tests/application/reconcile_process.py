"""A process that compares every account with its bank, page by page, and may be killed on the way: URL, day."""

import asyncio
import sys
from datetime import date

from ledger.application.reconciliation import reconcile_day
from ledger.projections.paging import EVERYTHING
from tests.application.bank_day import CLOCK, Clock, bank_town


async def _reconcile(url: str, on: date) -> None:
    clock = Clock()
    clock.day = on
    async with bank_town(url, clock) as town:
        await reconcile_day(town.ledger, town.reader, CLOCK, scope=EVERYTHING, on=on, page=1)


if __name__ == "__main__":
    asyncio.run(_reconcile(sys.argv[1], date.fromisoformat(sys.argv[2])))
