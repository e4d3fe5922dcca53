"""A pass over several partitions is written whole or not at all, and only on the rows that it was folded on."""

from typing import Any

import pytest
from psycopg import AsyncConnection

from ledger.domain.partition import partition_of
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.projections.view_writer import RowsMissingError
from ledger.storage.mapper import decode_event
from tests.conftest import PARTITIONS
from tests.projections.log_writer import account_id, writing
from tests.projections.stored import PATIENCE_S, contents, heads, until

pytestmark = pytest.mark.anyio
ACCOUNTS = [account_id(1, partition) for partition in range(PARTITIONS)]
"""One of each partition."""


async def reached(runner: Runner, url: str) -> None:
    for partition, head in heads(url).items():
        await runner.wait_for(partition, head, PATIENCE_S)


async def test_a_stored_row_that_is_gone_stops_the_follower_before_it_writes(database_url: str) -> None:
    with writing(database_url) as writer:
        for account in ACCOUNTS:
            writer.open(account)
        async with Runner(database_url, decode_event, poll_interval_s=60) as runner:
            await reached(runner, database_url)
            async with await AsyncConnection[Any].connect(database_url, autocommit=True) as connection:
                await connection.execute("DELETE FROM escrow_views.balances WHERE account_id = %s", [ACCOUNTS[0]])
            before = contents(database_url)
            for account in ACCOUNTS:
                writer.deposit(account, f"r-{account}", 100)
            runner.wake()
            await until(lambda: runner.failure is not None)
            assert isinstance(runner.failure, RowsMissingError)
            assert str(runner.failure) == "not all rows are stored: balances stored"
            assert not runner.healthy
        assert contents(database_url) == before

    await rebuild(database_url, decode_event)
    async with Runner(database_url, decode_event) as runner:
        await reached(runner, database_url)
    assert len(contents(database_url)["balances"]) == PARTITIONS


async def test_a_view_made_anew_in_one_partition_has_every_partition_folded_again(database_url: str) -> None:
    with writing(database_url) as writer:
        for account in ACCOUNTS:
            writer.open(account)
        async with Runner(database_url, decode_event, poll_interval_s=60) as runner:
            await reached(runner, database_url)
            async with await AsyncConnection[Any].connect(database_url, autocommit=True) as connection:
                await connection.execute(
                    "UPDATE escrow_views.positions SET generation = generation + 1"
                    " WHERE view = 'balances' AND partition = %s",
                    [partition_of(ACCOUNTS[1], PARTITIONS)],
                )
            for account in ACCOUNTS:
                writer.deposit(account, f"r-{account}", 100)
            runner.wake()
            await reached(runner, database_url)
            assert runner.healthy
        followed = contents(database_url)
    await rebuild(database_url, decode_event)
    assert contents(database_url) == followed
