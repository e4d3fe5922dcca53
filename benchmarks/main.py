"""All measurements in one run, each beside its yardstick, on a scratch database of the configured server."""

import asyncio
import contextlib
import subprocess
import sys
import uuid
from collections.abc import Callable, Generator, Iterable, Iterator
from pathlib import Path

import msgspec
import psycopg
import uvloop
from psycopg import sql
from psycopg.conninfo import make_conninfo

from benchmarks import closes as closes_of
from benchmarks import existing_store, in_process, library, over_http, pages, raw, views
from benchmarks.made_up import open_accounts
from benchmarks.measurement import Measurement, measured
from ledger.application.ledger import Ledger
from ledger.storage.migrate import migrate

PARTITIONS = 4
GROUPS = ("writer", "http", "library", "history", "views", "store", "memory", "closes", "pages")
Say = Callable[[str], None]


@contextlib.contextmanager
def scratch_database(url: str) -> Generator[str]:
    """A migrated database beside the configured one, dropped afterwards."""
    name = f"escrow_bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            scratch = make_conninfo(url, dbname=name)
            migrate(scratch, PARTITIONS)
            yield scratch
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def run(url: str, pgbench: Path, *, full: bool, only: str = "", say: Say = lambda _: None) -> Iterator[Measurement]:
    """Measurements as they are made. `full` takes the budgets' sizes, else smaller ones, named in each note; `only`
    restricts to one of `GROUPS`."""
    seconds = 10 if full else 3
    groups: tuple[Callable[[str], Iterable[Measurement]], ...] = (
        lambda db: _writer(db, pgbench, seconds, say),
        lambda db: _http(db, seconds, say),
        lambda db: _library(db, seconds, say),
        lambda db: _history(db, 1_000_000 if full else 60_000, say),
        lambda db: _views(db, say),
        lambda db: _store(db, 10_000_000 if full else 200_000, say),
        lambda db: _memory(db, say),
        lambda db: _closes(db, 1_000 if full else 100, say),
        lambda db: _pages(db, say),
    )
    for name, group in zip(GROUPS, groups, strict=True):
        if only in ("", name):
            with scratch_database(url) as database:
                yield from group(database)


def _writer(url: str, pgbench: Path, seconds: int, say: Say) -> Iterator[Measurement]:
    async def singles(accounts: int) -> float:
        async with Ledger(url, PARTITIONS) as ledger:
            return await in_process.single_commands(ledger, accounts=accounts, seconds=seconds)

    async def batches() -> float:
        async with Ledger(url, PARTITIONS) as ledger:
            return await in_process.batches(ledger, batches=seconds * 15)

    for name, accounts in (("commands_many_accounts", 1_000), ("commands_hot_account", 1)):
        say(name)
        before = raw.single_inserts(url, pgbench, seconds=seconds)
        value = uvloop.run(singles(accounts))
        after = raw.single_inserts(url, pgbench, seconds=seconds)
        yield measured(name, value, "commands/s", (before + after) / 2)
    say("events_in_batches")
    before = raw.batched_inserts(url, batches=seconds * 15)
    value = uvloop.run(batches())
    after = raw.batched_inserts(url, batches=seconds * 15)
    yield measured("events_in_batches", value, "events/s", (before + after) / 2)


def _http(url: str, seconds: int, say: Say) -> Iterator[Measurement]:
    async def prepare() -> tuple[str, list[uuid.UUID]]:
        async with Ledger(url, PARTITIONS) as ledger:
            return await over_http.bank_secret(url), await open_accounts(ledger, 1_000)

    secret, accounts = asyncio.run(prepare())
    with over_http.server(url, secret) as server:
        token = server.token()
        server.per_second(over_http.deposit_requests(token, accounts, 2_000))
        say("http_deposit")
        count = 4_000 * seconds
        before = server.per_second(over_http.empty_requests(count))
        value = server.per_second(over_http.deposit_requests(token, accounts, count))
        after = server.per_second(over_http.empty_requests(count))
        yield measured("http_deposit", value, "requests/s", (before + after) / 2)
        say("http_batches")
        inserts = raw.batched_inserts(url, batches=seconds * 15, keyed=False)
        value = 100 * server.per_second(over_http.batch_requests(token, accounts, 100 * seconds))
        again = raw.batched_inserts(url, batches=seconds * 15, keyed=False)
        yield measured("http_batches", value, "deposits/s", (inserts + again) / 2)


def _library(url: str, seconds: int, say: Say) -> Iterator[Measurement]:
    async def ours() -> float:
        async with Ledger(url, PARTITIONS) as ledger:
            return await in_process.single_commands(ledger, accounts=1, seconds=seconds)

    for name, history in (("library_short_account", 10), ("library_long_account", 20_000)):
        say(name)
        naive = library.naive_commands_per_second(url, history=history, seconds=seconds)
        yield measured(name, uvloop.run(ours()), "commands/s", naive, "one naive caller")


def _history(url: str, events: int, say: Say) -> Iterator[Measurement]:
    async def both() -> tuple[float, float]:
        async with Ledger(url, PARTITIONS) as ledger:
            return await in_process.long_against_short(ledger, events=events, contracts=5_000)

    say("long_account")
    long, short = uvloop.run(both())
    yield measured("long_account", long, "microseconds", short, f"{events:,} events, 5,000 contracts")


def _views(url: str, say: Say) -> Iterator[Measurement]:
    say("views_follow")
    found = uvloop.run(views.follow(url, PARTITIONS, seconds=10))
    written = found.written_per_second
    yield measured(
        "views_follow", found.reached_share * written, "events/s", written, "writer and views in one process, 10 s"
    )
    yield measured("views_lag", found.lag_p99_s, "seconds", 1.0)
    existing_store.grow_to(url, 200_000)
    say("rebuild")
    rate, events = asyncio.run(views.rebuilt_per_second(url))
    yield measured("rebuild", rate, "events/s", 50_000, f"{events:,} events")


def _store(url: str, events: int, say: Say) -> Iterator[Measurement]:
    async def prepare() -> str:
        async with Ledger(url, PARTITIONS) as ledger:
            await in_process.batches(ledger, batches=40)
            return await over_http.bank_secret(url)

    secret = uvloop.run(prepare())
    existing_store.seconds_to_start(url, secret)  # the views are made
    say("start")
    grown = existing_store.grow_to(url, events)
    seconds = sorted(existing_store.seconds_to_start(url, secret) for _ in range(3))[1]
    yield measured("start", seconds, "seconds", 3.0, f"{grown:,} events")


def _memory(url: str, say: Say) -> Iterator[Measurement]:
    say("memory")
    command = [sys.executable, "-m", "benchmarks.hot_memory", url, str(PARTITIONS), "5000"]
    result = subprocess.run(command, cwd=over_http.ROOT, capture_output=True, text=True, check=True)
    yield measured("memory", int(result.stdout) / 2**30, "GiB", 2.0, "5,000 accounts, 20 contracts, 40 deposits each")


def _closes(url: str, history: int, say: Say) -> Iterator[Measurement]:
    async def closes() -> tuple[float, float, dict[int, float]]:
        async with closes_of.town_over(url, PARTITIONS) as town:
            await town.grow_to(500)
            young = await town.seconds_of_a_close()
            await town.grow_older(history)
            old = await town.seconds_of_a_close()
            by_size = {500: old}
            for institutions in (1_000, 5_160):
                await town.grow_to(institutions)
                by_size[institutions] = await town.seconds_of_a_close()
            return young, old, by_size

    say("closes")
    young, old, by_size = uvloop.run(closes())
    yield measured("close_of_long_histories", old, "seconds", young, f"500 institutions, {history} events more each")
    each = {institutions: seconds / institutions * 1e6 for institutions, seconds in by_size.items()}
    told = ", ".join(f"{institutions:,}: {seconds:.2f} s" for institutions, seconds in by_size.items())
    yield measured("close_of_a_city", each[5_160], "microseconds", each[500], f"one close by institutions: {told}")


def _pages(url: str, say: Say) -> Iterator[Measurement]:
    say("pages")
    uvloop.run(pages.fill(url, PARTITIONS))
    for time in uvloop.run(pages.page_times(url, PARTITIONS)):
        note = f"at most {time.most_ms:.0f} ms of {pages.ROUNDS}"
        found = measured("page", time.median_ms, "ms", pages.BUDGET_MS, note)
        yield msgspec.structs.replace(found, name=f"{time.role} {time.page}")
