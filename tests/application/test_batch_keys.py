"""Keys of batches: many callers share a commit, and each learns whether its key was used for another batch."""

import asyncio
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from ledger.application.batch_keys import BatchKeys
from ledger.application.caller import Caller
from ledger.domain.errors import LedgerError

pytestmark = pytest.mark.anyio


def caller(key: int, content: bytes = b"one", actor: str = "bank:a") -> Caller:
    return Caller(actor, UUID(int=key), content)


async def take_all(url: str, *callers: Caller, keys: BatchKeys | None = None) -> list[str]:
    """What each is told: `taken`, or the refusal's code."""
    keys = keys or BatchKeys()
    async with AsyncConnectionPool[AsyncConnection[Any]](url, min_size=1, max_size=2, open=False) as pool:
        results = await asyncio.gather(*(keys.take(pool, one) for one in callers), return_exceptions=True)
        cursor = await (await pool.getconn()).execute("SELECT count(*) FROM escrow.batch_keys")
        assert await cursor.fetchone() == (len({(one.actor, one.idempotency_key) for one in callers}),)
    told: list[str] = []
    for result in results:
        assert result is None or isinstance(result, LedgerError), result
        told.append("taken" if result is None else result.code)
    return told


async def test_many_callers_take_their_keys_at_once_and_again(database_url: str) -> None:
    callers = [caller(number) for number in range(50)]
    for _ in range(2):
        assert await take_all(database_url, *callers) == ["taken"] * 50


async def test_a_key_used_for_another_batch_is_refused_in_the_same_commit_and_later(database_url: str) -> None:
    first, other, foreign = caller(1), caller(1, b"other"), caller(1, b"other", "bank:b")
    assert await take_all(database_url, first, other, first, foreign) == [
        "taken",
        "idempotency_key_reused",
        "taken",
        "taken",
    ]
    assert await take_all(database_url, other, foreign, first) == ["idempotency_key_reused", "taken", "taken"]


async def test_processes_that_take_the_same_keys_agree_on_one_batch(database_url: str) -> None:
    async with AsyncConnectionPool[AsyncConnection[Any]](database_url, min_size=4, max_size=4, open=False) as pool:
        processes = [BatchKeys() for _ in range(4)]
        results = await asyncio.gather(
            *(processes[number % 4].take(pool, caller(number // 4, bytes([number % 4]))) for number in range(80)),
            return_exceptions=True,
        )
    assert sum(result is None for result in results) == 20
    assert {type(result) for result in results} == {type(None), LedgerError}
