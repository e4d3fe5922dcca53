"""Processes, backends and servers die under load: every acknowledged command is there once, every unknown one zero
or one times, and a retry with the same key answers the same. `TORTURE_ROUNDS` repeats with other seeds."""

import asyncio
import os
import random
import tempfile
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from ledger.domain.errors import LedgerError
from ledger.postgres.pipeline import ConnectionLost
from ledger.storage.crash_points import CRASH_POINTS
from ledger.storage.embedded import EmbeddedServer
from ledger.storage.log import EventLog
from ledger.storage.migrate import migrate
from ledger.storage.reconnection import end_backend
from tests.conftest import PARTITIONS
from tests.storage.commands import deposit, keyed, new_ledger, open_accounts
from tests.storage.cutting_proxy import CuttingProxy
from tests.storage.load import Said, require_whole, start

pytestmark = pytest.mark.anyio
ROUNDS = int(os.environ.get("TORTURE_ROUNDS", "1"))


async def _retry_all(url: str, said: Said) -> None:
    """Ask everything again with the same keys: acknowledged commands answer the same, the others are recorded now."""
    async with new_ledger(url) as ledger:
        for reference, account_id in said.asked.items():
            outcome = await ledger.execute(keyed(deposit(account_id, reference)))
            place = (outcome.partition, outcome.position, outcome.version)
            if reference in said.acknowledged:
                assert outcome.replayed
                assert place == said.acknowledged[reference]
            said.acknowledged[reference] = place
    require_whole(url, said)


async def _accounts(url: str, count: int) -> list[UUID]:
    async with new_ledger(url) as ledger:
        return await open_accounts(ledger, count)


@pytest.mark.parametrize("point", [p for p in CRASH_POINTS if p.startswith("writer.")])
@pytest.mark.parametrize("count", [1, 5])
async def test_a_process_killed_at_a_named_point_loses_nothing_acknowledged(
    database_url: str, point: str, count: int
) -> None:
    ids = await _accounts(database_url, 5)
    # Only long batches go in parts.
    callers, commands = (1_200, 3) if point == "writer.part_sent" else (8, 20)
    process = start(database_url, "p", callers=callers, commands=commands, accounts=ids, crash_point=f"{point}:{count}")
    output, _ = process.communicate(timeout=120)
    assert process.returncode == -9
    said = Said()
    said.hear(output)
    assert len(said.acknowledged) < len(said.asked)
    require_whole(database_url, said)
    await _retry_all(database_url, said)


@pytest.mark.parametrize("seed", range(2 * ROUNDS))
async def test_a_process_killed_at_a_random_instant_loses_nothing_acknowledged(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    ids = await _accounts(database_url, 20)
    process = start(database_url, "p", callers=16, commands=100_000, accounts=ids)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    heard = [process.stdout.readline() for _ in range(chance.randrange(1, 2_000))]
    process.kill()
    rest = process.stdout.read()  # not communicate(), which passes over what is buffered here
    process.wait(timeout=60)
    said = Said()
    said.hear("".join(heard) + rest)
    require_whole(database_url, said)
    await _retry_all(database_url, said)


@pytest.mark.parametrize("seed", range(ROUNDS))
async def test_callers_do_not_notice_that_the_writer_lost_its_backend(database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    said = Said()
    async with new_ledger(database_url) as ledger:
        ids = await open_accounts(ledger, 10)
        running = True

        async def caller(number: int) -> None:
            for n in range(60):
                reference = f"{number}-{n}"
                account_id = ids[(number + n) % len(ids)]
                said.asked[reference] = account_id
                outcome = await ledger.execute(keyed(deposit(account_id, reference)))
                said.acknowledged[reference] = (outcome.partition, outcome.position, outcome.version)

        async def terminator() -> int:
            ended = 0
            async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
                while running and ended < 12:
                    await asyncio.sleep(chance.uniform(0.005, 0.05))
                    await connection.execute("SELECT pg_terminate_backend(%s)", [ledger.writer.backend_pid])
                    ended += 1
            return ended

        ending = asyncio.create_task(terminator())
        await asyncio.gather(*(caller(number) for number in range(16)))
        running = False
        assert await ending > 0
    require_whole(database_url, said)


@pytest.mark.parametrize("seed", range(3 * ROUNDS))
async def test_a_line_cut_between_commit_and_its_answer_gives_one_outcome(database_url: str, seed: int) -> None:
    """The server has committed, the writer never hears of it: it looks, and answers with what is recorded."""
    chance = random.Random(seed)
    said = Said()
    with tempfile.TemporaryDirectory() as directory:
        async with CuttingProxy(database_url, Path(directory)) as proxy, new_ledger(database_url) as direct:
            ids = await open_accounts(direct, 4)
            async with new_ledger(proxy.url) as ledger:
                for n in range(30):
                    proxy.swallow = chance.random() < 0.4
                    references = [f"{n}-{k}" for k in range(chance.randrange(1, 5))]
                    said.asked |= dict.fromkeys(references, ids[n % 4])
                    outcomes = await asyncio.gather(
                        *(ledger.execute(keyed(deposit(ids[n % 4], reference))) for reference in references)
                    )
                    for reference, outcome in zip(references, outcomes, strict=True):
                        assert not outcome.replayed
                        said.acknowledged[reference] = (outcome.partition, outcome.position, outcome.version)
            assert proxy.cuts > 3
    require_whole(database_url, said)


async def test_the_servers_side_of_a_lost_session_is_ended_before_anything_is_decided(database_url: str) -> None:
    """It holds a partition and could still commit: after `end_backend` it cannot, and the partition is free."""
    lost, other = await EventLog.connect(database_url), await EventLog.connect(database_url)
    await lost.lock([0])
    await end_backend(database_url, lost.session)
    with pytest.raises(ConnectionLost):
        await lost.rollback()
    assert await asyncio.wait_for(other.lock([0]), 5) == {0: 0}
    await other.rollback()
    await other.close()


async def test_a_killed_database_server_has_every_acknowledged_command(durable_server: EmbeddedServer) -> None:
    url = durable_server.start()
    migrate(url, PARTITIONS)
    said = Said()
    async with new_ledger(url) as ledger:
        ids = await open_accounts(ledger, 10)

        async def caller(number: int) -> None:
            for n in range(80):
                reference = f"{number}-{n}"
                said.asked[reference] = ids[number % len(ids)]
                try:
                    outcome = await ledger.execute(keyed(deposit(ids[number % len(ids)], reference)))
                except LedgerError as refusal:
                    said.refused[reference] = refusal.code
                else:
                    said.acknowledged[reference] = (outcome.partition, outcome.position, outcome.version)

        async def power_cut() -> None:
            while len(said.acknowledged) < 200:
                await asyncio.sleep(0.005)
            await asyncio.to_thread(durable_server.kill)
            await asyncio.to_thread(durable_server.start)

        await asyncio.gather(power_cut(), *(caller(number) for number in range(16)))
    assert set(said.refused.values()) <= {"outcome_unknown"}
    require_whole(url, said)
    await _retry_all(url, said)
