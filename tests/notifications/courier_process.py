"""A process that does nothing but deliver: `python -m tests.notifications.courier_process URL`."""

import asyncio
import sys
from datetime import UTC, datetime

from ledger.notifications.courier import Courier


async def run(url: str) -> None:
    async with Courier(url, clock=lambda: datetime.now(UTC), allow_private=True, poll_interval_s=0.02):
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1]))
