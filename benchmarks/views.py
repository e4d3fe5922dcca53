"""The views: do they keep up with the writer, how late are they, how fast are they made anew."""

import asyncio
import statistics
import time
from itertools import count
from typing import NamedTuple
from uuid import UUID

from benchmarks.made_up import depositing, open_accounts
from ledger.application.ledger import Ledger
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event

_references = count()
_LOOK_EVERY_S = 0.02


class Followed(NamedTuple):
    """At full speed: events written and the share of them that the views had reached when the writing stopped.
    At half of that speed: the 99th percentile of how late the views are, in seconds."""

    written_per_second: float
    reached_share: float
    lag_p99_s: float


async def follow(url: str, partitions: int, *, seconds: float, accounts: int = 1_000) -> Followed:
    """Write and follow in one process, as a server does."""
    runner = Runner(url, decode_event)
    async with Ledger(url, partitions, on_commit=runner.wake) as ledger, runner:
        ids = await open_accounts(ledger, accounts)
        await _until_reached(runner, ledger)
        before = _reached(runner, partitions)
        written = await _write(ledger, ids, seconds, per_second=None)
        reached = _reached(runner, partitions) - before
        await _until_reached(runner, ledger)
        rate = written / seconds
        lags: list[float] = []
        watching = asyncio.create_task(_watch(runner, ledger, lags, seconds))
        await _write(ledger, ids, seconds, per_second=rate / 2)
        await watching
        return Followed(rate, reached / written, statistics.quantiles(lags, n=100)[98])


async def _write(ledger: Ledger, ids: list[UUID], seconds: float, *, per_second: float | None) -> int:
    started = time.perf_counter()
    done = 0

    async def caller() -> None:
        nonlocal done
        while (passed := time.perf_counter() - started) < seconds:
            if per_second is not None and done > per_second * passed:
                await asyncio.sleep(0.002)
                continue
            done += 1
            number = next(_references)
            await ledger.execute(depositing(ids[number % len(ids)], f"v{number}"))

    await asyncio.gather(*(caller() for _ in range(128)))
    return done


def _reached(runner: Runner, partitions: int) -> int:
    return sum(runner.position(partition) for partition in range(partitions))


async def _until_reached(runner: Runner, ledger: Ledger) -> None:
    for partition, head in ledger.writer.heads.items():
        await runner.wait_for(partition, head, 120)


async def _watch(runner: Runner, ledger: Ledger, lags: list[float], seconds: float) -> None:
    """How long each look's head of the log needs until the views have reached it."""
    ends = time.perf_counter() + seconds
    waiting: list[asyncio.Task[None]] = []

    async def one() -> None:
        heads = ledger.writer.heads
        started = time.perf_counter()
        for partition, head in heads.items():
            await runner.wait_for(partition, head, 60)
        lags.append(time.perf_counter() - started)

    while time.perf_counter() < ends:
        waiting.append(asyncio.create_task(one()))
        await asyncio.sleep(_LOOK_EVERY_S)
    await asyncio.gather(*waiting)


async def rebuilt_per_second(url: str) -> tuple[float, int]:
    """Events a second of a rebuild of all views, and how many events there were."""
    started = time.perf_counter()
    done = await rebuild(url, decode_event)
    return done.events / (time.perf_counter() - started), done.events
