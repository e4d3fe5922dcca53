"""A process that closes a day of alerts, page by page, and may be killed on the way: URL, day."""

import asyncio
import sys
from datetime import UTC, date, datetime

from ledger.application.alert_clock import close_alerts
from ledger.projections.paging import EVERYTHING
from tests.application.alert_books import CLOCK
from tests.application.case_books import Clock, books_over


async def main(url: str, on: date) -> None:
    clock = Clock()
    clock.now = datetime(on.year, on.month, on.day, 8, tzinfo=UTC)
    async with books_over(url, clock) as books:
        await books.reader.catch_up()
        closed = await close_alerts(books.ledger, books.reader, CLOCK, scope=EVERYTHING, on=on, page=2)
        print(closed.silences_ended, closed.escalated, closed.splits, flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], date.fromisoformat(sys.argv[2])))
