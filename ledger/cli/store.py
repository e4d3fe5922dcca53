"""Opening the store for a command: the database, its migrations checked, and the ledger over it."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NamedTuple, TypeVar

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.law import load_law
from ledger.application.ledger import Ledger
from ledger.application.recording import ReadPool
from ledger.projections.runner import Runner
from ledger.settings import Settings
from ledger.storage.database import Database
from ledger.storage.errors import StorageError
from ledger.storage.mapper import decode_event
from ledger.storage.migrate import migrate, pending_migrations

T = TypeVar("T")
_CATCH_UP_S = 600.0
_STORE_EXISTS = "SELECT to_regclass('escrow.store') IS NOT NULL"


@contextmanager
def open_store(settings: Settings) -> Generator[Database]:
    """The database with the schema of this release. Raises StorageError `migrations_pending` and those of opening."""
    with Database.open(settings) as database:
        require_migrated(database.url, settings.partitions)
        yield database


def with_connection(settings: Settings, do: Callable[[AsyncConnection[Any]], Awaitable[T]]) -> T:
    """What `do` returns; one transaction on the store."""

    async def run(url: str) -> T:
        async with await AsyncConnection[Any].connect(url) as connection:
            return await do(connection)

    with open_store(settings) as database:
        return asyncio.run(run(database.url))


def require_migrated(url: str, partitions: int) -> None:
    """Refuse a database whose schema is not this release's.

    Raises StorageError `migrations_pending`, `store_partitions`, and those of `pending_migrations`.
    """
    pending = pending_migrations(url)
    if pending:
        names = ", ".join(migration.label for migration in pending)
        raise StorageError(
            "migrations_pending",
            f"The database lacks {len(pending)} migration(s) of this release ({names}). Run `escrow migrate`.",
            f"数据库缺少本版本的{len(pending)}个迁移（{names}）。请运行 `escrow migrate`。",
            pending=len(pending),
        )
    migrate(url, partitions)  # nothing to apply: it checks the number of partitions


def store_exists(url: str) -> bool:
    """Whether a store was ever made in this database."""
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(_STORE_EXISTS).fetchone() == (True,)


class Books(NamedTuple):
    """The ledger of this process, a pool for reading, and the runner that keeps the views up to date."""

    ledger: Ledger
    pool: ReadPool
    runner: Runner


@asynccontextmanager
async def open_books(settings: Settings, url: str) -> AsyncGenerator[Books]:
    """A ledger beside whatever servers are running: they notice each other's events."""
    runner = Runner(url, decode_event, poll_interval_s=settings.projection_poll_interval_s)
    pool = AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=4, open=False)
    law = load_law(settings)
    ledger = Ledger(
        url,
        settings.partitions,
        policies=law.rulebook,
        calendar=law.calendar,
        queue_limit=settings.writer_queue_limit,
        max_batch=settings.writer_max_batch,
        on_commit=runner.wake,
    )
    async with pool, ledger, runner:
        yield Books(ledger, pool, runner)


async def catch_up(books: Books) -> None:
    """Wait until the views have reached everything recorded now. Raises LedgerError `projection_behind`."""
    for partition, position in books.ledger.writer.heads.items():
        await books.runner.wait_for(partition, position, _CATCH_UP_S)
