"""Districts ranked as they stand, and institutions by month."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from psycopg import AsyncConnection

from ledger.domain.commands import (
    AnswerRefund,
    RecordUnexplainedDebit,
    RequestRefund,
    SettleInstruction,
)
from ledger.projections.district_queries import rank_districts, rank_institutions
from ledger.projections.paging import Scope
from tests.projections.log_writer import DAY, LogWriter, account_id, writing
from tests.projections.stored import follow

pytestmark = pytest.mark.anyio
MONTH = DAY.replace(day=1)


@asynccontextmanager
async def reading(url: str) -> AsyncGenerator[AsyncConnection[Any]]:
    await follow(url)
    async with await AsyncConnection[Any].connect(url, autocommit=True) as connection:
        yield connection


def refund(writer: LogWriter, account: UUID, *, paid_after: int | None) -> None:
    """A refund of the contract `c1`, agreed at once, and paid so many days later if at all."""
    writer.do(
        RequestRefund(
            account_id=account, effective_on=DAY, refund_id="r", contract_id="c1", reason="moved", ground="own"
        )
    )
    writer.do(AnswerRefund(account_id=account, effective_on=DAY, refund_id="r", agree=True))
    if paid_after is None:
        return
    (leg,) = writer.account(account).instructions
    writer.do(
        SettleInstruction(
            account_id=account,
            effective_on=DAY + timedelta(days=paid_after),
            bank="ICBK",
            instruction_id=leg,
            outcome="settled",
            amount_fen=writer.account(account).instructions[leg].amount_fen,
            bank_reference=f"paid-{account.int}",
            digest="d",
        )
    )


def town(writer: LogWriter) -> list[UUID]:
    """Two institutions in one district, one in another: with a loss of 300, a refund that waits, one paid in 4 days."""
    accounts = [account_id(1), account_id(2), account_id(3, 1)]
    for number, (account, district) in enumerate(zip(accounts, ("310115", "310115", "310104"), strict=True)):
        writer.open(account, institution=f"inst-{number}", district=district)
        writer.sign(account, "c1")
        writer.deposit(account, f"e-{number}", 1_000 * (number + 1), contract="c1")
    writer.do(
        RecordUnexplainedDebit(
            account_id=accounts[0],
            effective_on=DAY,
            bank="ICBK",
            bank_reference="x",
            amount_fen=300,
            kind="seizure",
            digest="d",
        )
    )
    refund(writer, accounts[1], paid_after=None)
    refund(writer, accounts[2], paid_after=4)
    return accounts


async def test_districts_add_up_their_accounts_and_are_ranked(database_url: str) -> None:
    with writing(database_url) as writer:
        town(writer)
    async with reading(database_url) as connection:
        first, second = await rank_districts(connection, today=DAY)
        by_waiting = await rank_districts(connection, today=DAY, rank_by="refund_days_bp")
        rest = await rank_districts(connection, today=DAY, skip=1, limit=1)
    assert (first.rank, first.district, first.institutions, first.accounts) == (1, "310115", 2, 2)
    assert (first.obligation_fen, first.cover_fen, first.exposure_fen, first.loss_fen) == (3_000, 2_700, 300, 300)
    assert (first.covered, first.open_refunds, first.overdue_refunds, first.deemed_bp) == (1, 1, 0, None)
    assert (second.rank, second.district, second.loss_fen, second.refund_days_bp) == (2, "310104", 0, 40_000)
    assert [one.district for one in by_waiting] == ["310104", "310115"]
    assert rest == [second]


async def test_a_reader_sees_her_districts_alone_and_a_family_none(database_url: str) -> None:
    with writing(database_url) as writer:
        town(writer)
    async with reading(database_url) as connection:
        own = await rank_districts(connection, today=DAY, scope=Scope(districts=("310104",)))
        assert [one.district for one in own] == ["310104"]
        assert await rank_districts(connection, today=DAY, scope=Scope(family_ids=("family-1",))) == []
        assert await rank_institutions(connection, month=MONTH, scope=Scope(family_ids=("family-1",))) == []
        assert await rank_districts(connection, today=DAY, district="310116") == []


async def test_institutions_are_ranked_by_what_they_did_in_a_month(database_url: str) -> None:
    with writing(database_url) as writer:
        accounts = town(writer)
    async with reading(database_url) as connection:
        by_loss = await rank_institutions(connection, month=MONTH)
        by_received = await rank_institutions(connection, month=MONTH, rank_by="received_fen", limit=2)
        next_month = await rank_institutions(connection, month=date(2026, 4, 1), district="310115")
        before = await rank_institutions(connection, month=date(2026, 2, 1))
    assert (by_loss[0].rank, by_loss[0].institution_id, by_loss[0].loss_fen) == (1, "inst-0", 300)
    assert [one.received_fen for one in by_received] == [3_000, 2_000]
    last = next(one for one in by_loss if one.account_id == str(accounts[2]))
    assert (last.refunds_asked, last.refunds_closed, last.refund_days_bp, last.refunded_fen) == (1, 1, 40_000, 3_000)
    # A month in which nothing happened: what was received is none, how it stands is as before.
    assert [(one.received_fen, one.loss_fen) for one in next_month] == [(0, 300), (0, 0)]
    assert before == []
