"""An entry that the ledger has for a day long compared: the bank's books do not have it, and somebody must look."""

from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from tests.application.bank_day import DAY, MONDAY, PRICE_FEN, BankTown, bank_town, entry

pytestmark = pytest.mark.anyio

QUIET = 12
"""Days on which nothing moves: more than a comparison looks back by itself."""
WRONG_FEN = 3_000
LONG_BEFORE = MONDAY - timedelta(days=40)


async def _compared(town: BankTown, *, statements: bool) -> None:
    """One fee, and days that agree; the bank sends statements, or its balances alone."""
    await town.set_up()
    await town.pay("E1", PRICE_FEN)
    await town.statement(entry("E1", PRICE_FEN, on=MONDAY)) if statements else await town.report(PRICE_FEN)
    await town.close()
    for _ in range(QUIET):
        await _next(town, statements=statements)
    assert await town.breaks() == []


async def _next(town: BankTown, *, statements: bool) -> None:
    town.tomorrow()
    await town.statement() if statements else await town.report(PRICE_FEN)
    await town.close()


async def test_before_the_first_statement_the_statements_opening_balance_shows_it(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await _compared(town, statements=True)
        await town.pay("E2", WRONG_FEN, contract="", on=LONG_BEFORE)
        await _next(town, statements=True)
        found = await town.only_break()
        assert (found.kind, found.subject, found.difference_fen) == ("opening_differs", "statement-1", -WRONG_FEN)
        assert (await town.day()).state == "broken"
        assert (await town.account()).unconfirmed_fen == WRONG_FEN
        await town.do(
            c.ResolveBreak, break_id=found.break_id, reason="of the bank's own books before us", link="letter 7"
        )
        await _next(town, statements=True)
        assert await town.breaks() == []


@pytest.mark.parametrize("on", [LONG_BEFORE, MONDAY, MONDAY + 2 * DAY])
async def test_where_the_bank_reports_balances_alone_the_next_balance_shows_it(database_url: str, on: date) -> None:
    async with bank_town(database_url) as town:
        await _compared(town, statements=False)
        await town.pay("E2", WRONG_FEN, contract="", on=on)
        await _next(town, statements=False)
        found = await town.only_break()
        assert (found.kind, found.difference_fen) == ("closing_differs", -WRONG_FEN)
        assert (await town.account()).unconfirmed_fen == WRONG_FEN


async def test_a_difference_that_was_explained_is_none_when_the_entry_comes_late(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.report(PRICE_FEN)
        await town.close()
        found = await town.only_break()
        await town.do(c.ResolveBreak, break_id=found.break_id, reason="the fee comes with the file", link="letter 7")
        for _ in range(QUIET):
            await _next(town, statements=False)
        await town.pay("E1", PRICE_FEN, on=MONDAY)
        await _next(town, statements=False)
        assert await town.breaks() == []
