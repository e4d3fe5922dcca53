"""A view rebuilt from zero has the rows that following gave it, byte for byte."""

import asyncio
import contextlib

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import AsyncConnection

from ledger.domain.errors import LedgerError
from ledger.projections.catalogue import VIEWS
from ledger.projections.compare import Difference, compare
from ledger.projections.rebuild import UnknownViewError, rebuild
from ledger.projections.runner import Runner
from ledger.projections.schema import create_views
from ledger.storage.mapper import decode_event
from tests.projections.log_writer import LogWriter, account_id, writing
from tests.projections.random_commands import DRAWS, Draw, command
from tests.projections.stored import PATIENCE_S, contents, follow


def play(writer: LogWriter, number: int, draws: list[Draw]) -> tuple[int, int] | None:
    """Let an account do what was drawn; where the log ends, or None when everything was refused."""
    account = account_id(number, number % 4)
    reached = None
    for draw in draws:
        with contextlib.suppress(LedgerError):
            rows = writer.decide(command(writer.account(account), draw))
            if rows:
                reached = number % 4, writer.append(number % 4, rows)
    return reached


async def differences(url: str) -> list[Difference]:
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        return await compare(connection, decode_event)


class Numbers:
    """Numbers of new accounts, over all examples of a test."""

    def __init__(self) -> None:
        self.last = 0

    def next(self) -> int:
        self.last += 1
        return self.last


@pytest.fixture
def numbers() -> Numbers:
    return Numbers()


@given(
    chunks=st.lists(st.lists(DRAWS, min_size=1, max_size=60), min_size=1, max_size=4),
    batch=st.integers(1, 40),
    most_rows=st.sampled_from([0, 3, 100_000]),
)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_rebuilt_equals_followed(
    database_url: str, numbers: Numbers, chunks: list[list[Draw]], batch: int, most_rows: int
) -> None:
    async def example() -> None:
        accounts = [numbers.next(), numbers.next()]
        with writing(database_url) as writer:
            for number in accounts:
                writer.open(account_id(number, number % 4))
            async with Runner(
                database_url, decode_event, poll_interval_s=0.01, batch=batch, most_rows=most_rows
            ) as runner:
                for chunk in chunks:
                    for number in accounts:
                        reached = play(writer, number, chunk)
                        if reached is not None:
                            await runner.wait_for(*reached, PATIENCE_S)
        await follow(database_url)
        before = contents(database_url)
        assert await differences(database_url) == []
        rebuilt = await rebuild(database_url, decode_event, batch=7)
        assert contents(database_url) == before
        assert rebuilt.events == sum(row[2] for row in before["positions"]) // len(VIEWS)

    asyncio.run(example())


DRAWN = [Draw(kind, pick, 9_000 + 37 * pick, pick % 9) for pick in range(6) for kind in range(40)]


def test_rebuilding_in_several_processes_gives_the_same_rows(database_url: str) -> None:
    with writing(database_url) as writer:
        for number in range(1, 5):
            writer.open(account_id(number, number % 4))
            play(writer, number, DRAWN)
    asyncio.run(follow(database_url))
    before = contents(database_url)
    asyncio.run(rebuild(database_url, decode_event, processes=2))
    assert contents(database_url) == before


def test_one_view_is_rebuilt_alone(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(account_id(1))
        play(writer, 4, [])
        writer.deposit(account_id(1), "r1", 5_000)
    asyncio.run(follow(database_url))
    before = contents(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE escrow_views.balances SET cash_fen = 1")
        connection.execute("UPDATE escrow_views.suspense SET amount_fen = 2")
    asyncio.run(rebuild(database_url, decode_event, "balances"))
    after = contents(database_url)
    assert after["balances"] == before["balances"]
    assert after["suspense"] != before["suspense"]


def test_an_unknown_view_is_refused(database_url: str) -> None:
    with pytest.raises(UnknownViewError):
        asyncio.run(rebuild(database_url, decode_event, "balance"))


def test_a_comparison_finds_changed_missing_and_surplus_rows(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(account_id(1))
        writer.sign(account_id(1), "c1")
        writer.deposit(account_id(1), "r1", 5_000, contract="c1")
        writer.deposit(account_id(1), "r2", 700)
    asyncio.run(follow(database_url))
    assert asyncio.run(differences(database_url)) == []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE escrow_views.balances SET loss_if_closed_today_fen = 9")
        connection.execute("DELETE FROM escrow_views.suspense")
        connection.execute(
            "INSERT INTO escrow_views.contract_days SELECT account_id, 'c9', effective_on, partition, 1"
            " FROM escrow_views.contract_days"
        )
    found = asyncio.run(differences(database_url))
    assert [(one.view, one.table, one.stored is None, one.derived is None) for one in found] == [
        ("balances", "balances", False, False),
        ("days", "contract_days", False, True),
        ("suspense", "suspense", True, False),
    ]
    assert found[0].stored is not None
    assert found[0].stored["loss_if_closed_today_fen"] == 9


def test_a_view_of_other_code_is_dropped_and_followed_anew(database_url: str) -> None:
    with writing(database_url) as writer:
        writer.open(account_id(1))
        writer.deposit(account_id(1), "r1", 5_000)
    asyncio.run(follow(database_url))
    before = contents(database_url)
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("UPDATE escrow_views.views_version SET version = 'older' WHERE view = 'suspense'")
        connection.execute("ALTER TABLE escrow_views.suspense DROP COLUMN reason")

    async def made() -> list[str]:
        async with await AsyncConnection.connect(database_url, autocommit=True) as connection:
            return await create_views(connection) + await create_views(connection)

    assert asyncio.run(made()) == ["suspense"]
    asyncio.run(follow(database_url))
    assert contents(database_url) == before
