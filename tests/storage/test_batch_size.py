"""How many commands share a commit: where commits are slow, everybody who waits."""

import asyncio

import psycopg
import pytest

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
            owner.execute(SLOW)

        async def caller(number: int, rounds: range) -> None:
            for n in rounds:
                await ledger.execute(Request(deposit(ids[number], f"{number}-{n}"), "bank:test"))

        await asyncio.gather(*(caller(number, range(LEARNING)) for number in range(CALLERS)))
        before = ledger.writer.batches
        await asyncio.gather(*(caller(number, range(LEARNING, LEARNING + ROUNDS)) for number in range(CALLERS)))
        assert ledger.writer.batches - before <= ROUNDS + 3  # by halves it would be twice as many
