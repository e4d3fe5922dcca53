"""A year of a city's daily closes is the same, byte for byte, closed day by day, killed on the way, or rebuilt.

`TORTURE_ROUNDS` plays 300 institutions for 365 days, which takes minutes; otherwise a few for some weeks.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import psycopg
import pytest
from psycopg import AsyncConnection

from ledger.application.verification.verify import verify
from ledger.projections.compare import compare
from ledger.projections.rebuild import rebuild
from ledger.storage.mapper import decode_event, encode_account
from tests.application.city_year import city_over, everything_in

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
TORTURED = "TORTURE_ROUNDS" in os.environ
INSTITUTIONS, DAYS = (300, 365) if TORTURED else (8, 50)
SEED = 7
KILLS = 40 if TORTURED else 4
PLACES = ("close.page", "writer.decided", "writer.appended", "projection.folded", "reconcile.page", "alerts.page")


def _live(url: str, done: Path, *, crash_point: str = "", seconds: float | None = None) -> int:
    """Go on with the year, until it is over, killed at the place, or killed after so many seconds; the exit code."""
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.application.year_process",
            url,
            str(SEED),
            str(INSTITUTIONS),
            str(DAYS),
            str(done),
        ],
        cwd=ROOT,
        env=os.environ | {"ESCROW_CRASH_POINT": crash_point},
    )
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


@pytest.mark.timeout(7_200 if TORTURED else 300)
async def test_a_year_is_the_same_however_often_it_is_killed_and_rebuilt(
    database_url: str, module_database_url: str, tmp_path: Path
) -> None:
    started = time.monotonic()
    async with city_over(database_url, SEED, INSTITUTIONS) as city:
        await city.live(DAYS)
        states = {one: encode_account(city.ledger.account_at_version(one)) for one in city.accounts}
    lived = time.monotonic()
    expected = everything_in(database_url)

    random, killed = Random(SEED), 0
    for _ in range(KILLS):
        place = f"{random.choice(PLACES)}:{random.randrange(1, DAYS)}" if random.random() < 0.7 else ""
        ended = _live(module_database_url, tmp_path / "done", crash_point=place, seconds=random.uniform(2, 6))
        killed += ended != 0
    assert killed, "the year was not over before it was killed once"
    assert _live(module_database_url, tmp_path / "done") == 0
    found = everything_in(module_database_url)
    assert [name for name in expected if found[name] != expected[name]] == []
    async with city_over(module_database_url, SEED, INSTITUTIONS) as city:
        assert {one: encode_account(city.ledger.account_at_version(one)) for one in city.accounts} == states

    await rebuild(database_url, decode_event, processes=1)
    assert everything_in(database_url) == expected
    async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
        assert await compare(connection, decode_event) == []
    assert (await asyncio.to_thread(verify, database_url, processes=1)).differences == []
    print(
        f"{INSTITUTIONS} institutions, {DAYS} days, {len(expected['events'])} events: {lived - started:.1f} s, "
        f"killed {killed} times: {time.monotonic() - lived:.1f} s"
    )
    _require_a_full_year(database_url)


def _require_a_full_year(url: str) -> None:
    """What was compared is not nothing: the clock did many kinds of things."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT topic, count(*) FROM escrow.events WHERE state::json ->> 'cause' = 'close_day' GROUP BY topic"
        ).fetchall()
    by_clock = Counter(dict(rows))
    assert len(by_clock) >= (12 if TORTURED else 5), by_clock
    if TORTURED:
        assert by_clock["account.payout_instructed"]
        assert by_clock["account.lesson_drawn"]
