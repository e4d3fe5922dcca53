"""Each kind of break, from the bank's statement through the daily close to a break with its owner and figures."""

from datetime import date
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.events import BreakKind, BreakOwner
from ledger.domain.instruction_ids import end_to_end_id
from ledger.projections.reconciliation_rows import BreakRecord
from tests.application.bank_day import DAY, MONDAY, BankTown, bank_town, entry

pytestmark = pytest.mark.anyio
FEE = 100_000


def about(found: BreakRecord, kind: BreakKind, owner: BreakOwner, subject: str, **figures: Any) -> None:
    """Check a break; a figure that is not named is none, or 0."""
    names = ("difference_fen", "bank_fen", "ledger_fen", "bank_on", "ledger_on", "short_fen")
    usual: dict[str, Any] = {name: 0 if name in ("difference_fen", "short_fen") else None for name in names}
    assert (found.kind, found.owner, found.subject) == (kind, owner, subject)
    assert {name: getattr(found, name) for name in names} == usual | figures
    assert (found.state, found.due_on) == ("open", found.found_on + DAY)


async def paid(town: BankTown, *, pack: str = "default") -> None:
    """A clean Monday: one fee that both sides have; then it is Tuesday."""
    await town.set_up(pack=pack)
    await town.pay("E1", FEE)
    await town.statement(entry("E1", FEE, on=MONDAY))
    assert (await town.close()).found == {}
    town.tomorrow()


async def earned(town: BankTown, *, pack: str = "default") -> str:
    """The same with 10,000 fen earned, and an order to pay them out; its end-to-end id."""
    await paid(town, pack=pack)
    await town.teach("lesson-1")
    return await town.ask_payout("payout-1", 10_000)


async def state_of(town: BankTown, on: date | None = None) -> tuple[str, int | None]:
    day = await town.day(on)
    return day.state, day.difference_fen


async def test_missing_at_bank(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 500, contract="c2")
        await town.statement()
        assert (await town.close()).found == {"missing_at_bank": 1}
        figures = {"difference_fen": -500, "ledger_fen": 500, "ledger_on": town.today, "short_fen": 500}
        about(await town.only_break(), "missing_at_bank", "bank", "E2", **figures)
        assert await state_of(town) == ("broken", -500)


async def test_missing_in_ledger(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("E2", 700, on=town.today))
        assert (await town.close()).found == {"missing_in_ledger": 1}
        figures = {"difference_fen": 700, "bank_fen": 700, "bank_on": town.today}
        about(await town.only_break(), "missing_in_ledger", "bank", "E2", **figures)
        assert await state_of(town) == ("broken", 700)


async def test_amount_differs(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.statement(entry("E2", 600, on=town.today))
        await town.close()
        figures = {"difference_fen": -300, "bank_fen": 600, "ledger_fen": 900, "short_fen": 300}
        days = {"bank_on": town.today, "ledger_on": town.today}
        about(await town.only_break(), "amount_differs", "bank", "E2", **figures, **days)


async def test_date_differs(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("E2", 900, on=town.today))
        tuesday = town.today
        town.tomorrow()
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.statement()
        await town.close()
        days = {"bank_on": tuesday, "ledger_on": town.today}
        about(await town.only_break(), "date_differs", "bank", "E2", bank_fen=900, ledger_fen=900, **days)
        assert await state_of(town, tuesday) == ("broken", 900)
        assert await state_of(town) == ("reconciled", 0)


async def test_wrong_direction(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.statement(entry("E2", -900, on=town.today))
        await town.close()
        figures = {"difference_fen": -1800, "bank_fen": -900, "ledger_fen": 900, "short_fen": 1800}
        days = {"bank_on": town.today, "ledger_on": town.today}
        about(await town.only_break(), "wrong_direction", "bank", "E2", **figures, **days)


async def test_duplicate_entry(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("E1", FEE, on=town.today))
        await town.close()
        figures = {"difference_fen": FEE, "bank_fen": FEE, "bank_on": town.today}
        about(await town.only_break(), "duplicate_entry", "bank", "E1 (2)", **figures)


async def test_entry_outside_period(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2", on=MONDAY)
        await town.statement(entry("E2", 900, on=MONDAY))
        await town.close()
        figures = {"bank_fen": 900, "ledger_fen": 900, "bank_on": MONDAY, "ledger_on": MONDAY}
        about(await town.only_break(), "entry_outside_period", "bank", "E2", **figures)


async def test_unexplained_debit(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("X1", -400, on=town.today, kind="unknown"))
        await town.close()
        figures = {"difference_fen": -400, "bank_fen": -400, "bank_on": town.today, "short_fen": 400}
        about(await town.only_break(), "unexplained_debit", "bank", "X1", **figures)


@pytest.mark.parametrize(("kind", "owner"), [("bank_fee", "bank"), ("seizure", "institution")])
async def test_money_that_left_is_a_break_until_it_is_back(database_url: str, kind: Any, owner: BreakOwner) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("X1", -400, on=town.today, kind=kind))
        await town.close()
        figures = {"difference_fen": -400, "bank_fen": -400, "bank_on": town.today, "short_fen": 400}
        about(await town.only_break(), kind, owner, "X1", **figures)
        assert await state_of(town) == ("broken", -400)

        await town.debit("X1", 400, kind)
        await town.reconcile()
        agreed = {"bank_fen": -400, "ledger_fen": -400, "bank_on": town.today, "ledger_on": town.today}
        about(await town.only_break(), kind, owner, "X1", **agreed)
        assert await state_of(town) == ("reconciled", 0)

        town.tomorrow()
        await town.do(c.RestoreUnexplainedDebit, bank="ICBK", bank_reference="X2", amount_fen=400, digest="X2")
        await town.statement(entry("X2", 400, on=town.today, kind="restored"))
        assert (await town.close()).resolved == 1
        assert await town.breaks() == []


async def test_returned_unknown(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("R1", 250, on=town.today, kind="return", end_to_end="nobody-knows"))
        await town.close()
        figures = {"difference_fen": 250, "bank_fen": 250, "bank_on": town.today}
        about(await town.only_break(), "returned_unknown", "bank", "R1", **figures)


async def test_settlement_missing(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town)
        await town.statement(entry("P1", -10_000, on=town.today, end_to_end=end_to_end))
        await town.close()
        figures = {"difference_fen": -10_000, "bank_fen": -10_000, "bank_on": town.today}
        about(await town.only_break(), "settlement_missing", "bank", "P1", **figures)
        await town.settle("payout-1", 10_000, reference="P1")
        assert (await town.reconcile()).resolved == 1
        assert await state_of(town) == ("reconciled", 0)


async def test_paid_twice(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town)
        await town.settle("payout-1", 10_000, reference="P1")
        twice = [entry(name, -10_000, on=town.today, end_to_end=end_to_end) for name in ("P1", "P2")]
        await town.statement(*twice)
        await town.close()
        figures = {"difference_fen": -10_000, "bank_fen": -10_000, "bank_on": town.today, "short_fen": 10_000}
        about(await town.only_break(), "paid_twice", "bank", "P2", **figures)


async def test_paid_after_rejection(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town)
        await town.settle("payout-1", 10_000, outcome="rejected")
        await town.statement(entry("P1", -10_000, on=town.today, end_to_end=end_to_end))
        await town.close()
        figures = {"difference_fen": -10_000, "bank_fen": -10_000, "bank_on": town.today, "short_fen": 10_000}
        about(await town.only_break(), "paid_after_rejection", "bank", "P1", **figures)


async def test_settled_without_approval(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town, pack="controlled")
        await town.statement(entry("P1", -10_000, on=town.today, end_to_end=end_to_end))
        await town.close()
        figures = {"difference_fen": -10_000, "bank_fen": -10_000, "bank_on": town.today, "short_fen": 10_000}
        about(await town.only_break(), "settled_without_approval", "regulator", "P1", **figures)


async def test_settled_without_approval_as_the_bank_itself_reports_it(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town, pack="controlled")
        await town.settle("payout-1", 10_000, reference="P1")
        await town.statement(entry("P1", -10_000, on=town.today, end_to_end=end_to_end))
        await town.close()
        days = {"bank_on": town.today, "ledger_on": town.today}
        figures = {"bank_fen": -10_000, "ledger_fen": -10_000}
        about(await town.only_break(), "settled_without_approval", "regulator", "P1", **figures, **days)


async def test_opening_differs(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        said = await town.statement(opening_fen=FEE - 70)
        await town.close()
        figures = {"difference_fen": -70, "bank_fen": FEE - 70, "ledger_fen": FEE, "short_fen": 70}
        about(await town.only_break(), "opening_differs", "bank", said, **figures)


async def test_the_first_statement_continues_the_ledger_itself(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.pay("E1", FEE)
        town.tomorrow()
        said = await town.statement(opening_fen=FEE + 30)
        await town.close()
        figures = {"difference_fen": 30, "bank_fen": FEE + 30, "ledger_fen": FEE}
        about(await town.only_break(), "opening_differs", "bank", said, **figures)


async def test_closing_differs_where_the_bank_reports_balances_alone(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.pay("E1", FEE)
        await town.report(FEE - 5)
        await town.close()
        figures = {"difference_fen": -5, "bank_fen": FEE - 5, "ledger_fen": FEE, "short_fen": 5}
        about(await town.only_break(), "closing_differs", "bank", MONDAY.isoformat(), **figures)
        town.tomorrow()
        await town.report(FEE - 5)  # the same difference, carried on, is no new one
        assert (await town.close()).found == {}
        assert await state_of(town) == ("broken", -5)


async def test_statement_arithmetic(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        said = await town.statement(closing_fen=FEE + 9)
        await town.close()
        figures = {"difference_fen": 9, "bank_fen": FEE + 9, "ledger_fen": FEE}
        about(await town.only_break(), "statement_arithmetic", "bank", said, **figures)
        assert await state_of(town) == ("broken", 9)


async def test_statement_missing_from_the_next_working_day_on(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        tuesday = town.today
        assert (await town.close()).found == {}
        assert (await town.day()).state == "not_reported"
        town.tomorrow()
        assert (await town.close()).found == {"statement_missing": 1}
        about(await town.only_break(), "statement_missing", "bank", tuesday.isoformat())
        await town.statement(on=tuesday)
        await town.statement()
        assert (await town.reconcile()).resolved == 1
        assert await state_of(town, tuesday) == ("reconciled", 0)


async def test_a_weekend_needs_no_statement(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        for _ in range(4):  # Tuesday to Friday
            await town.statement()
            assert (await town.close()).found == {}
            town.tomorrow()
        for _ in range(2):
            assert (await town.close()).found == {}
            town.tomorrow()
        await town.statement()
        assert (await town.close()).found == {}
        assert await state_of(town) == ("reconciled", 0)


async def test_statement_incomplete(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        whole: dict[str, Any] = {"statement_id": "two", "closing_fen": FEE + 900, "opening_fen": FEE}
        await town.statement(entry("E2", 500, on=town.today), part=1, parts=2, **whole)
        await town.close()
        found = {one.kind: one for one in await town.breaks()}
        assert found.keys() == {"statement_incomplete", "amount_differs"}
        about(found["statement_incomplete"], "statement_incomplete", "bank", "two")
        assert (await town.day()).state == "not_reported"


async def test_a_statement_in_two_parts_is_whole(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.pay("E3", 50, contract="c2")
        whole: dict[str, Any] = {"statement_id": "two", "closing_fen": FEE + 950, "opening_fen": FEE}
        await town.statement(entry("E3", 50, on=town.today), part=2, parts=2, **whole)
        await town.statement(entry("E2", 900, on=town.today), part=1, parts=2, **whole)
        assert (await town.close()).found == {}
        assert await state_of(town) == ("reconciled", 0)


async def test_statement_repeated(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.pay("E1", FEE)
        listed = entry("E1", FEE, on=MONDAY)
        await town.statement(listed)
        again = await town.statement(listed, opening_fen=0)
        await town.close()
        about(await town.only_break(), "statement_repeated", "bank", again)
        assert await state_of(town) == ("reconciled", 0)


async def test_reported_balance_differs(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement()
        await town.report(FEE + 1)
        await town.close()
        figures = {"bank_fen": FEE + 1, "ledger_fen": FEE}
        about(await town.only_break(), "reported_balance_differs", "bank", town.today.isoformat(), **figures)


async def test_negative_balance(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("X1", -FEE - 80, on=town.today, kind="seizure"))
        await town.close()
        found = {one.kind: one for one in await town.breaks()}
        assert found.keys() == {"seizure", "negative_balance"}
        about(found["negative_balance"], "negative_balance", "bank", town.today.isoformat(), bank_fen=-80)


CORRUPTED: dict[BreakKind, str] = {
    "books_unbalanced": "UPDATE escrow_views.balances SET earned_fen = earned_fen + 7",
    "families_differ": "UPDATE escrow_views.contracts SET prepaid_fen = prepaid_fen + 7",
    "lessons_differ": "UPDATE escrow_views.contracts SET packages ="
    " jsonb_set(packages, '{0,drawn_fen}', to_jsonb((packages #>> '{0,drawn_fen}')::bigint - 7))",
}


@pytest.mark.parametrize("kind", CORRUPTED)
async def test_sums_of_the_ledger_that_do_not_agree_are_the_operators(database_url: str, kind: BreakKind) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement()
        await town.execute(CORRUPTED[kind])
        assert (await town.close()).found == {kind: 1}
        found = await town.only_break()
        sum_fen, against_fen = (FEE, FEE + 7) if kind == "books_unbalanced" else (FEE + 7, FEE)
        figures = {"bank_fen": sum_fen, "ledger_fen": against_fen, "difference_fen": sum_fen - against_fen}
        about(found, kind, "operator", "views", **figures)
        assert (await town.day()).state == "broken"


async def test_entries_meet_by_the_end_to_end_id_where_references_differ(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town)
        assert end_to_end == end_to_end_id("payout-1")
        await town.settle("payout-1", 10_000, reference="channel-77")
        await town.statement(entry("books-12", -10_000, on=town.today, end_to_end=end_to_end))
        assert (await town.close()).found == {}
        assert await state_of(town) == ("reconciled", 0)


async def test_a_statement_before_the_report_meets_it_by_the_end_to_end_id_too(database_url: str) -> None:
    async with bank_town(database_url) as town:
        end_to_end = await earned(town)
        await town.statement(entry("books-12", -10_000, on=town.today, end_to_end=end_to_end))
        await town.settle("payout-1", 10_000, reference="channel-77")
        assert (await town.close()).found == {}
        assert await state_of(town) == ("reconciled", 0)
