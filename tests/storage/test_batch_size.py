"""How many commands share a commit: half of those who wait where the disk is quick, everybody where it is slow."""

import asyncio

import psycopg
import pytest

from ledger.storage.pace import Pace
from ledger.storage.requests import Request
from tests.storage.commands import deposit, new_ledger, open_accounts

pytestmark = pytest.mark.anyio
CALLERS, LEARNING, ROUNDS = 64, 30, 10
SLOW = """
CREATE FUNCTION public.take_time() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NULL; END';
CREATE TRIGGER slow AFTER INSERT ON escrow.unique_keys FOR EACH STATEMENT EXECUTE FUNCTION public.take_time();
"""


async def test_where_commits_are_slow_all_who_wait_share_one(database_url: str) -> None:
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, CALLERS)
        with psycopg.connect(database_url, autocommit=True) as owner:
            await asyncio.to_thread(owner.execute, SLOW)

        async def caller(number: int, rounds: range) -> None:
            for n in rounds:
                await ledger.execute(Request(deposit(ids[number], f"{number}-{n}"), "bank:test"))

        await asyncio.gather(*(caller(number, range(LEARNING)) for number in range(CALLERS)))
        before = ledger.writer.batches
        await asyncio.gather(*(caller(number, range(LEARNING, LEARNING + ROUNDS)) for number in range(CALLERS)))
        assert ledger.writer.batches - before <= ROUNDS + 3  # by halves it would be twice as many


def paced(*, decide_s: float, commit_s: float) -> Pace:
    """After a hundred batches of 128 of which each unit took so long, beside the commit's own time."""
    pace = Pace(max_batch=2_000)
    for _ in range(100):
        pace.decided(128 * decide_s, 128)
        pace.committed(commit_s + 128 * decide_s, 128)
    return pace


@pytest.mark.parametrize(
    ("outstanding", "size"), [(1, 1), (2, 2), (64, 33), (256, 128), (512, 128), (1_000, 250), (20_000, 2_000)]
)
def test_on_a_quick_disk_the_others_are_decided_meanwhile(outstanding: int, size: int) -> None:
    assert paced(decide_s=1e-5, commit_s=0.0).size(outstanding) == size


def test_the_limit_is_where_a_commit_takes_as_long_as_deciding_all_who_wait() -> None:
    pace = paced(decide_s=1e-5, commit_s=2.56e-3)
    assert (pace.size(250), pace.size(265)) == (2_000, 128)


def test_one_slow_append_does_not_make_a_slow_disk() -> None:
    pace = paced(decide_s=1e-5, commit_s=1e-4)
    pace.committed(5.0, 128)
    assert pace.size(256) == 128
