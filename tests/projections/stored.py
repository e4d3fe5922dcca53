"""What the views' tables hold, and a runner over them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql

from ledger.projections.catalogue import VIEWS
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event

PATIENCE_S = 20.0


def contents(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of every view, and the positions, as text in the order of their text."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    with psycopg.connect(url) as connection:
        for view in VIEWS:
            for table in view.tables:
                query = sql.SQL('SELECT t::text COLLATE "C" AS row FROM {} t ORDER BY row').format(table.identifier)
                found[table.name] = connection.execute(query).fetchall()
        found["positions"] = connection.execute(
            "SELECT view, partition, position FROM escrow_views.positions ORDER BY view, partition"
        ).fetchall()
    return found


def heads(url: str) -> dict[int, int]:
    """The last position of each partition."""
    with psycopg.connect(url) as connection:
        return dict(connection.execute("SELECT partition, position FROM escrow.heads").fetchall())


async def follow(url: str, **options: Any) -> None:
    """Follow the log with a new runner to where it ends now."""
    async with Runner(url, decode_event, poll_interval_s=0.02, **options) as runner:
        for partition, head in heads(url).items():
            await runner.wait_for(partition, head, PATIENCE_S)


@asynccontextmanager
async def followed(url: str) -> AsyncGenerator[AsyncConnection[Any]]:
    """A connection to read from, after the log was followed to its end."""
    await follow(url)
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        yield connection


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    """Wait until something holds. TimeoutError after `PATIENCE_S`."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            found = condition()
            if await found if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.01)
