"""The process that keeps the views up to date beside the servers, which stand by: `python -m ledger.cli.follow`."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager

import uvloop

from api.observability import configure_logging
from ledger.projections.runner import Runner
from ledger.settings import Settings
from ledger.storage.mapper import decode_event

POLL_INTERVAL_S = 0.02


def run() -> None:
    """Follow the log until standard input ends or the process is told to stop."""
    settings = Settings()
    assert settings.database_url is not None
    configure_logging(level=settings.log_level, log_format=settings.log_format)
    uvloop.run(_follow(settings.database_url))


async def _follow(url: str) -> None:
    async with Runner(url, decode_event, poll_interval_s=POLL_INTERVAL_S):
        await asyncio.to_thread(sys.stdin.read)


@contextmanager
def following(url: str) -> Generator[None]:
    """A following process for as long as this one lives: its standard input is a pipe that ends with us."""
    environment = os.environ | {"ESCROW_DATABASE_URL": url}
    # A session of its own: Ctrl-C is the server's, which then ends this process in order.
    process = subprocess.Popen(
        [sys.executable, "-m", "ledger.cli.follow"], env=environment, stdin=subprocess.PIPE, start_new_session=True
    )
    try:
        yield
    finally:
        assert process.stdin is not None
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    run()
