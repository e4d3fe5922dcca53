"""The league tables at the size of a city: 5,160 institutions of 12 districts, a year of months, refunds and alerts.

`python -m benchmarks.league_tables DATABASE_URL` on an empty migrated database prints milliseconds; the bound is 150.
The views' rows are made up by SQL: what is measured is reading them.
"""

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import date
from importlib.resources import files
from typing import Any, Final

from psycopg import AsyncConnection

from ledger.domain.postings import BUCKETS
from ledger.projections.district_queries import rank_districts, rank_institutions
from ledger.projections.paging import Scope
from ledger.projections.reconciliation_queries import list_days
from ledger.projections.schema import create_views

INSTITUTIONS: Final = 5_160
TODAY: Final = date(2026, 9, 15)
BOUND_MS: Final = 150


async def measure(url: str, *, rounds: int = 30) -> dict[str, float]:
    """The 95th percentile of each question, in milliseconds."""
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        await create_views(connection)
        await _fill(connection)
        one = Scope(districts=("330701",))
        questions: dict[str, Callable[[], Awaitable[object]]] = {
            "districts by loss": lambda: rank_districts(connection, today=TODAY),
            "districts by overdue refunds": lambda: rank_districts(connection, today=TODAY, rank_by="overdue_refunds"),
            "one district": lambda: rank_districts(connection, today=TODAY, scope=one, district="330701"),
            "institutions of a month": lambda: rank_institutions(connection, month=date(2026, 9, 1)),
            "institutions, last page": lambda: rank_institutions(connection, month=date(2026, 3, 1), skip=5_100),
            "accounts broken on a day": lambda: list_days(connection, day=TODAY, state="broken"),
        }
        return {name: await _p95_ms(ask, rounds) for name, ask in questions.items()}


async def _fill(connection: AsyncConnection[Any]) -> None:
    names = [f"{bucket}_fen" for bucket in BUCKETS]
    script = files(__package__ or "").joinpath("league_tables.sql").read_text(encoding="utf-8")
    script = script.replace(":institutions", str(INSTITUTIONS)).replace(":buckets", ", ".join(names))
    await connection.execute(script.replace(":amounts", ", ".join("1000000" for _ in names)).encode())


async def _p95_ms(ask: Callable[[], Awaitable[object]], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        started = time.perf_counter()
        await ask()
        taken.append((time.perf_counter() - started) * 1_000)
    return statistics.quantiles(taken, n=20)[18]


def main() -> None:
    """Measure, print, and fail above the bound."""
    measured = asyncio.run(measure(sys.argv[1]))
    for name, value in measured.items():
        print(f"{name}: p95 {value:.0f} ms")
    if max(measured.values()) > BOUND_MS:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
