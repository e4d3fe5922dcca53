"""The writer without HTTP: single commands, batches, and what a long history costs."""

import asyncio
import statistics
import time
from collections.abc import Callable
from itertools import count
from uuid import UUID

from benchmarks.made_up import depositing, execute_all, open_accounts
from ledger.application.ledger import Ledger

_references = count()
_MOST_PER_SECOND = 40_000


async def commands_per_second(
    ledger: Ledger, next_account: Callable[[int], tuple[UUID, str]], *, callers: int, seconds: float
) -> float:
    """Acknowledged durable deposits a second, each caller waiting for its answer; the requests are made beforehand."""
    done = 0
    numbers = [next(_references) for _ in range(int(seconds * _MOST_PER_SECOND))]
    requests = iter(
        [depositing(account_id, f"b{n}", contract) for n in numbers for account_id, contract in [next_account(n)]]
    )

    async def caller() -> None:
        nonlocal done
        for request in requests:
            if time.perf_counter() > deadline:
                return
            await ledger.execute(request)
            done += 1

    started = time.perf_counter()
    deadline = started + seconds
    await asyncio.gather(*(caller() for _ in range(callers)))
    return done / (time.perf_counter() - started)


async def single_commands(ledger: Ledger, *, accounts: int, seconds: float, callers: int = 256) -> float:
    """Deposits a second over so many accounts."""
    ids = await open_accounts(ledger, accounts)
    return await commands_per_second(ledger, lambda n: (ids[n % accounts], "c0"), callers=callers, seconds=seconds)


async def batches(ledger: Ledger, *, batches: int, size: int = 1_000, accounts: int = 1_000) -> float:
    """Deposits a second when they are handed over `size` at a time."""
    ids = await open_accounts(ledger, accounts)
    requests = [[depositing(ids[n % accounts], f"k{next(_references)}") for n in range(size)] for _ in range(batches)]
    started = time.perf_counter()
    for batch in requests:
        await execute_all(ledger, batch)
    return batches * size / (time.perf_counter() - started)


async def long_against_short(ledger: Ledger, *, events: int, contracts: int, rounds: int = 5) -> tuple[float, float]:
    """Microseconds a command on an account with a long history and many contracts, and on a short one, in turn."""
    (long,) = await open_accounts(ledger, 1, contracts)
    for start in range(0, events, 2_000):
        await execute_all(
            ledger,
            [depositing(long, f"l{next(_references)}", f"c{(start + n) % contracts}") for n in range(2_000)],
        )
    (short,) = await open_accounts(ledger, 1)
    times: dict[UUID, list[float]] = {long: [], short: []}
    for _ in range(rounds):
        for account_id, spread in ((long, contracts), (short, 1)):
            requests = [depositing(account_id, f"m{next(_references)}", f"c{n % spread}") for n in range(2_000)]
            started = time.perf_counter()
            await execute_all(ledger, requests)
            times[account_id].append((time.perf_counter() - started) / 2_000 * 1e6)
            if account_id == short:  # keep it short: a new one each round
                (short,) = await open_accounts(ledger, 1)
                times[short] = times.pop(account_id)
    return statistics.median(times[long]), statistics.median(times[short])
