"""The runner loses and repeats nothing: late commits, killed connections, several processes, broken events."""

import asyncio
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import AsyncConnection

from ledger.domain.errors import LedgerError
from ledger.projections import balances
from ledger.projections.event_log import LogGapError
from ledger.projections.positions import OtherReleaseError
from ledger.projections.rebuild import rebuild
from ledger.projections.runner import Runner
from ledger.storage.mapper import decode_event
from tests.projections.log_writer import LogWriter, account_id, writing
from tests.projections.stored import PATIENCE_S, contents, until

pytestmark = pytest.mark.anyio
ACCOUNT = account_id(1)


def runner_of(url: str, *, poll_interval_s: float = 0.02) -> Runner:
    return Runner(url, decode_event, poll_interval_s=poll_interval_s)


async def cash_fen(url: str) -> int:
    async with await AsyncConnection[Any].connect(url) as connection:
        found = await balances.get(connection, ACCOUNT)
    assert found is not None
    return found.cash


async def rebuilt_is_the_same(url: str) -> bool:
    before = contents(url)
    await rebuild(url, decode_event)
    return contents(url) == before


async def beside(writer: LogWriter, change: LiteralString) -> None:
    """Change rows while the loop goes on: the runner may be within a transaction on the same ones."""
    await asyncio.to_thread(writer.connection.execute, change)


async def test_a_view_has_what_was_written_once_the_runner_was_waited_for(database_url: str) -> None:
    with writing(database_url) as writer:
        async with runner_of(database_url, poll_interval_s=60) as runner:
            for number in range(1, 6):
                if number == 1:
                    writer.open(ACCOUNT)
                position = writer.deposit(ACCOUNT, f"r{number}", 100)
                await runner.wait_for(0, position, PATIENCE_S)
                assert await cash_fen(database_url) == 100 * number
            assert runner.healthy
            assert runner.lag() == 0


async def test_waiting_for_a_position_that_does_not_come_ends_with_projection_behind(database_url: str) -> None:
    with writing(database_url) as writer:
        last = writer.open(ACCOUNT)
    async with runner_of(database_url) as runner:
        await runner.wait_for(0, last, PATIENCE_S)
        with pytest.raises(LedgerError) as caught:
            await runner.wait_for(0, last + 1, 0.2)
        assert caught.value.code == "projection_behind"
        assert caught.value.figures == {"partition": 0, "position": last, "wanted": last + 1}
    with pytest.raises(LedgerError, match="projection_behind"):
        await runner.wait_for(0, last + 1, PATIENCE_S)


async def test_rows_and_position_are_written_together_or_not_at_all(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        async with runner_of(database_url) as runner:
            await runner.wait_for(0, writer.deposit(ACCOUNT, "r1", 100), PATIENCE_S)
            before = contents(database_url)
            async with await AsyncConnection[Any].connect(database_url) as blocker:
                await blocker.execute("LOCK TABLE escrow_views.suspense IN EXCLUSIVE MODE")
                last = writer.deposit(ACCOUNT, "r2", 200)
                runner.wake()
                # By now it has moved the positions and written the balances, which come before in the same transaction.
                await until(lambda: bool(waiting_for_lock(writer)))
                writer.connection.execute("SELECT pg_terminate_backend(%s)", waiting_for_lock(writer))
                await until(lambda: runner.interruption is not None)
                assert not runner.healthy
                assert contents(database_url) == before
            await runner.wait_for(0, last, PATIENCE_S)
            assert runner.healthy
    assert await cash_fen(database_url) == 300
    assert await rebuilt_is_the_same(database_url)


def waiting_for_lock(writer: LogWriter) -> list[int]:
    """The process of whoever waits for the table of suspense items."""
    rows = writer.connection.execute(
        "SELECT pid FROM pg_locks WHERE NOT granted AND relation = 'escrow_views.suspense'::regclass"
    ).fetchall()
    return [pid for (pid,) in rows]


async def test_of_two_runners_each_partition_has_one_and_the_other_takes_over(database_url: str) -> None:
    with writing(database_url) as writer:
        first, second = runner_of(database_url), runner_of(database_url)
        await first.start()
        await until(lambda: len(first.following) == 4)
        async with second:
            last = writer.open(ACCOUNT)
            await second.wait_for(0, last, PATIENCE_S)
            assert second.following == frozenset()
            with pytest.raises(LedgerError, match="projection_behind"):
                await second.wait_for(0, last + 1, 0.1)
            await first.stop()
            await second.wait_for(0, writer.deposit(ACCOUNT, "r1", 100), PATIENCE_S)
            assert second.following == {0, 1, 2, 3}
    assert await rebuilt_is_the_same(database_url)


async def test_a_runner_never_goes_past_an_event_that_is_not_committed_yet(database_url: str) -> None:
    other, elsewhere = account_id(2), account_id(3, 1)
    with (
        writing(database_url) as writer,
        writing(database_url) as later,
        psycopg.connect(database_url) as slow,
    ):
        before = writer.open(ACCOUNT)
        async with runner_of(database_url) as runner:
            await runner.wait_for(0, before, PATIENCE_S)
            slow_writer = LogWriter(slow)
            slow_writer.accounts = writer.accounts
            late = slow_writer.deposit(ACCOUNT, "late", 100)
            after = asyncio.create_task(asyncio.to_thread(later.open, other))
            await runner.wait_for(1, writer.open(elsewhere), PATIENCE_S)
            with pytest.raises(LedgerError, match="projection_behind"):
                await runner.wait_for(0, late, 0.2)
            assert runner.position(0) == before
            assert not after.done()
            slow.commit()
            assert await after == late + 1
            await runner.wait_for(0, late + 1, PATIENCE_S)
    assert await cash_fen(database_url) == 100
    assert await rebuilt_is_the_same(database_url)


async def test_an_event_that_cannot_be_read_stops_the_runner_before_it(database_url: str) -> None:
    with writing(database_url) as writer:
        before = writer.open(ACCOUNT)
        async with runner_of(database_url) as runner:
            await runner.wait_for(0, before, PATIENCE_S)
            writer.connection.execute(
                "SELECT escrow.append(0, NULL, now(), ARRAY[%s], ARRAY[2], ARRAY['account.unknown'], ARRAY['{}'],"
                " ARRAY[1::smallint], ARRAY[NULL::uuid], ARRAY[NULL::bytea])",
                [ACCOUNT],
            )
            with pytest.raises(LedgerError, match="projection_behind"):
                await runner.wait_for(0, before + 1, PATIENCE_S)
            assert "account.unknown" in str(runner.failure)
            assert not runner.healthy
            assert runner.position(0) == before


async def test_a_gap_in_the_log_stops_the_runner_before_it(database_url: str) -> None:
    with writing(database_url) as writer:
        before = writer.open(ACCOUNT)
        writer.deposit(ACCOUNT, "r1", 100)
        writer.deposit(ACCOUNT, "r2", 100)
        writer.connection.execute("ALTER TABLE escrow.events DISABLE TRIGGER events_append_only")
        writer.connection.execute("DELETE FROM escrow.events WHERE partition = 0 AND position = %s", [before + 1])
    async with runner_of(database_url) as runner:
        await until(lambda: runner.failure is not None)
        assert isinstance(runner.failure, LogGapError)


async def test_a_runner_goes_on_after_a_rebuild_by_another_process(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(ACCOUNT)
        async with runner_of(database_url) as runner:
            await runner.wait_for(0, writer.deposit(ACCOUNT, "r1", 100), PATIENCE_S)
            await beside(writer, "UPDATE escrow_views.balances SET cash_fen = 7")
            await rebuild(database_url, decode_event)
            assert await cash_fen(database_url) == 100
            await runner.wait_for(0, writer.deposit(ACCOUNT, "r2", 100), PATIENCE_S)
            assert await cash_fen(database_url) == 200
    assert await rebuilt_is_the_same(database_url)


async def test_a_runner_stops_when_another_release_has_made_the_views_anew(database_url: str) -> None:
    with writing(database_url) as writer:
        last = writer.open(ACCOUNT)
        async with runner_of(database_url) as runner:
            await runner.wait_for(0, last, PATIENCE_S)
            await beside(
                writer,
                "UPDATE escrow_views.positions SET generation = generation + 1, position = 0 WHERE view = 'days'",
            )
            await beside(writer, "UPDATE escrow_views.views_version SET version = 'newer' WHERE view = 'days'")
            writer.deposit(ACCOUNT, "r1", 100)
            await until(lambda: runner.failure is not None)
            assert isinstance(runner.failure, OtherReleaseError)
