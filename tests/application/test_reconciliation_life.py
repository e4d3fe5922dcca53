"""What becomes of breaks: resolved by the other side or by a person, overdue once, never recorded twice."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path
from random import Random
from uuid import UUID

import pytest

from ledger.application import reconciliation
from ledger.domain import commands as c
from ledger.domain.errors import LedgerError
from ledger.domain.events import BankBreakOverdue, BreakFound, StatementEntry, TopUpDemanded
from ledger.projections import reconciliation_queries
from ledger.projections.paging import Scope
from tests.application.bank_day import ACCOUNT, CLOCK, DAY, MONDAY, PRICE_FEN, BankTown, Clock, bank_town, entry

pytestmark = pytest.mark.anyio
FEE = 100_000
ROOT = Path(__file__).parents[2]
YEARS = int(os.environ.get("TORTURE_ROUNDS", "1"))


async def paid(town: BankTown, *, pack: str = "default") -> None:
    """A clean Monday: one fee that both sides have; then it is Tuesday."""
    await town.set_up(pack=pack)
    await town.pay("E1", FEE)
    await town.statement(entry("E1", FEE, on=MONDAY))
    await town.close()
    town.tomorrow()


async def test_an_entry_and_what_takes_it_back_may_share_a_reference(database_url: str) -> None:
    """Neither is the other listed twice, nor in the wrong direction: the bank has both, the ledger the first."""
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.statement(entry("E2", 900, on=town.today), entry("E2", -900, on=town.today))
        await town.close()
        found = await town.only_break()
        assert (found.kind, found.subject, found.difference_fen, found.short_fen) == (
            "unexplained_debit",
            "E2 (-)",
            -900,
            900,
        )


async def test_a_payment_and_its_reversal_of_one_reference_are_two_breaks_found_once(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        await town.debit("E2", 900, "unknown")
        await town.statement()
        assert (await town.close()).found == {"missing_at_bank": 2}
        found = {one.subject: (one.difference_fen, one.ledger_fen) for one in await town.breaks()}
        assert found == {"E2": (-900, 900), "E2 (-)": (900, -900)}
        town.tomorrow()
        await town.statement()
        again = await town.close()
        assert (again.found, again.resolved) == ({}, 0)
        assert len(await town.breaks()) == 2


async def test_the_other_side_resolves_a_break_when_it_arrives(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.sign("c2")
        await town.statement(entry("E2", 900, on=town.today))
        await town.close()
        tuesday = town.today
        town.tomorrow()
        await town.pay("E2", 900, contract="c2", on=tuesday)
        await town.statement()
        done = await town.close()
        assert (done.resolved, done.found, done.days) == (1, {}, {"reconciled": 2})
        [resolved] = await town.breaks(state="resolved")
        assert (resolved.kind, resolved.how, resolved.resolved_on) == ("missing_in_ledger", "agreed", town.today)
        assert (await town.day(tuesday)).state == "reconciled"


async def test_a_person_explains_a_break_and_only_other_figures_find_it_anew(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.pay("E1", FEE)
        await town.report(FEE - 5)
        await town.close()
        known = await town.only_break()
        on = town.today
        await reconciliation.assign_break(town.ledger, CLOCK, known, assignee="li", note="ask the bank", on=on)
        await reconciliation.resolve_break(town.ledger, CLOCK, known, reason="rounding", link="letter 7", on=on)
        [explained] = await town.breaks(state="resolved")
        said = (explained.how, explained.reason, explained.link, explained.assignee, explained.resolved_by)
        assert said == ("explained", "rounding", "letter 7", "li", CLOCK.actor)
        assert (await town.close()).found == {}
        day = await town.day()
        assert (day.state, day.difference_fen, day.open_breaks) == ("reconciled", -5, 0)

        await town.report(FEE - 6)
        assert (await town.close()).found == {"closing_differs": 1}
        assert (await town.only_break()).break_id == known.break_id
        await reconciliation.resolve_break(town.ledger, CLOCK, known, reason="rounding", link="letter 8", on=on)
        with pytest.raises(LedgerError) as refused:
            await reconciliation.resolve_break(town.ledger, CLOCK, known, reason="again", link="", on=on)
        assert refused.value.code == "break_not_open"


async def test_a_break_is_overdue_once_and_never_before_its_day_is_over(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town, pack="patient")
        await town.statement(entry("E2", 700, on=town.today))
        await town.close()
        found = await town.only_break()
        assert found.due_on == town.today + 3 * DAY  # three working days from Tuesday: Friday
        while town.today < found.due_on:
            town.tomorrow()
            await town.statement()
            assert (await town.close()).overdue == 0
        town.tomorrow()
        assert (await town.close()).overdue == 1
        assert (await town.only_break()).overdue_on == town.today
        assert (await town.close()).events == 0
        town.tomorrow()
        assert (await town.close()).overdue == 0
        assert (await town.topics()).count(BankBreakOverdue.topic) == 1


async def test_breaks_past_their_day_are_one_alert_until_none_is_left(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        first_day = town.today
        await town.statement(entry("E2", 700, on=first_day), entry("E3", 40, on=first_day))
        await town.close()
        for _ in range(2):
            town.tomorrow()
            await town.statement()
            await town.close()
        [alert] = await town.alerts("bank.break")
        first, second = sorted(await town.breaks(), key=lambda one: one.break_id)
        figures = {"statement_on": first_day.isoformat(), "difference_fen": first.difference_fen}
        of_break = {"break_id": first.break_id, "kind": "missing_in_ledger", "due_on": first.due_on.isoformat()}
        assert (alert.state, alert.figures) == ("raised", figures | of_break)
        on = town.today
        for known, state in ((first, "raised"), (second, "resolved")):
            await reconciliation.resolve_break(town.ledger, CLOCK, known, reason="a loan", link="letter", on=on)
            assert [one.state for one in await town.alerts("bank.break")] == [state]


async def test_the_same_day_twice_changes_nothing_and_an_earlier_one_neither(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.statement(entry("E2", 700, on=town.today), closing_fen=FEE + 709)
        assert (await town.close()).events == 3  # a day, and two breaks
        recorded = await town.topics()
        for on in (town.today, MONDAY, town.today):
            done = await town.reconcile(on)
            assert (done.accounts, done.events) == (1, 0)
        assert await town.topics() == recorded


async def test_a_process_that_begins_anew_records_nothing_again(database_url: str) -> None:
    clock = Clock()
    async with bank_town(database_url, clock) as town:
        await paid(town)
        await town.statement(entry("E2", 700, on=town.today))
        await town.close()
    async with bank_town(database_url, clock) as town:
        assert (await town.reconcile()).events == 0
        assert (await town.only_break()).kind == "missing_in_ledger"


def reconciled_by_another_process(url: str, on: date, crash_point: str = "") -> int:
    """Its exit status, which is that of a kill if it came by the crash point."""
    command = [sys.executable, "-m", "tests.application.reconcile_process", url, on.isoformat()]
    environment = os.environ | {"ESCROW_CRASH_POINT": crash_point}
    return subprocess.run(command, cwd=ROOT, env=environment, timeout=120, check=False).returncode


@pytest.mark.parametrize(
    "crash_point", ["reconcile.page:1", "reconcile.page:2", "writer.decided:1", "writer.appended:2"]
)
async def test_a_comparison_that_was_killed_is_finished_by_the_next(database_url: str, crash_point: str) -> None:
    async with bank_town(database_url) as town:
        for number in range(2, 5):
            await open_another(town, number)
    assert reconciled_by_another_process(database_url, MONDAY, crash_point) == -9
    assert reconciled_by_another_process(database_url, MONDAY) == 0
    async with bank_town(database_url) as town:
        await town.reader.catch_up()
        async with town.reader.pool.connection() as connection:
            found = await reconciliation_queries.list_breaks(connection)
            query = "SELECT count(*) FROM escrow.events WHERE topic = 'account.break_found'"
            recorded = await (await connection.execute(query)).fetchone()
        assert [(one.kind, one.difference_fen) for one in found] == [("missing_in_ledger", 7)] * 3
        assert recorded == (3,)


async def open_another(town: BankTown, number: int) -> None:
    """One more account, whose bank lists a receipt that the ledger does not have."""
    account_id = UUID(int=ACCOUNT.int + number)
    await town.do(
        c.OpenAccount,
        account_id=account_id,
        institution_id=f"school-{number}",
        bank="ICBK",
        account_no=f"6222-{number}",
        district="330702",
        authorities=("education",),
    )
    await town.do(
        c.RecordBankStatement,
        account_id=account_id,
        bank="ICBK",
        statement_id="s",
        from_on=MONDAY,
        to_on=MONDAY,
        opening_fen=0,
        closing_fen=7,
        entries=(entry("E", 7, on=MONDAY),),
    )


async def test_a_later_word_of_the_bank_is_not_overruled(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        seen = await town.account()
        await town.statement()
        command = c.ReconcileAccount(account_id=ACCOUNT, effective_on=town.today, seen_version=seen.version)
        with pytest.raises(LedgerError) as refused:
            await town.ledger.execute(CLOCK.request(command))
        assert refused.value.code == "reconciliation_behind"
        assert refused.value.figures == {"seen_version": seen.version, "version": seen.version + 1}


async def test_money_that_the_bank_does_not_have_is_demanded_and_not_paid_out_at_once(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        await town.teach("lesson-1")
        await town.statement(entry("X1", -14_000, on=town.today, kind="seizure"))
        assert (await town.close()).top_ups == 1
        account = await town.account()
        # 90,000 fen are families' and 86,000 are left.
        assert (account.top_up_due_fen, account.top_up_due_on) == (4_000, town.today)
        assert account.unconfirmed_fen == 14_000
        with pytest.raises(LedgerError) as refused:
            await town.ask_payout("payout-1", 10_000)
        assert (refused.value.code, refused.value.figures["free_fen"]) == ("payout_not_free", 0)

        # The ledger records what left: the same money is not missing twice.
        await town.debit("X1", 14_000, "seizure")
        account = await town.account()
        assert (account.unconfirmed_fen, account.buckets.cash) == (0, FEE - 14_000)
        done = await town.close()
        assert done.top_ups == 0
        assert (await town.topics()).count(TopUpDemanded.topic) == 1


async def test_accounts_outside_the_scope_or_not_open_yet_are_left_alone(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)
        assert (await town.reconcile(scope=Scope(districts=("330703",)))).accounts == 0
        assert (await town.reconcile(MONDAY - DAY)).accounts == 0
        with pytest.raises(LedgerError) as refused:
            await town.reconcile(town.today + DAY)
        assert refused.value.code == "date_in_future"


async def test_a_balance_says_how_far_the_bank_confirmed_it(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await paid(town)

        async def confirmed(cash_fen: int, on: date) -> tuple[bool, date | None]:
            await town.reader.catch_up()
            async with town.reader.pool.connection() as connection:
                found = await reconciliation_queries.confirmation(connection, ACCOUNT, cash_fen=cash_fen, on=on)
            return found.reconciled, found.reconciled_on

        assert await confirmed(FEE, MONDAY) == (True, MONDAY)
        assert await confirmed(FEE, town.today) == (True, MONDAY)
        assert await confirmed(0, MONDAY - DAY) == (False, None)
        await town.sign("c2")
        await town.pay("E2", 900, contract="c2")
        assert await confirmed(FEE + 900, town.today) == (False, MONDAY)


async def test_cash_that_was_there_before_supervision_is_no_break(database_url: str) -> None:
    async with bank_town(database_url) as town:
        await town.set_up()
        await town.do(
            c.ImportOpeningBalance,
            cash_fen=5_000,
            earned_fen=5_000,
            reserve_fen=0,
            suspense_fen=0,
            document="count",
        )
        await town.statement(opening_fen=5_000)
        assert (await town.close()).found == {}
        assert (await town.day()).state == "reconciled"


@pytest.mark.parametrize("year", range(YEARS))
async def test_a_clean_year_finds_nothing(database_url: str, year: int) -> None:
    """Fees, lessons and payouts, each with a statement of what the bank booked; quiet days off go without."""
    draw = Random(2026 + year)
    async with bank_town(database_url) as town:
        await town.set_up(contract=False)
        earned_fen, number = 0, 0
        open_contracts: list[str] = []
        days = {"reconciled": 0}
        for _ in range(365):
            listed: list[StatementEntry] = []
            for _ in range(draw.randrange(3)):
                number += 1
                contract = f"c{number}"
                await town.sign(contract, family=f"family-{number}")
                await town.pay(f"E{number}", PRICE_FEN, contract=contract)
                listed.append(entry(f"E{number}", PRICE_FEN, on=town.today))
                open_contracts.append(contract)
            if open_contracts:
                number += 1
                taught = draw.choice(open_contracts)
                account = await town.account()
                if account.contracts[taught].prepaid_fen:
                    await town.teach(f"lesson-{number}", taught)
                    earned_fen += PRICE_FEN // 10
                else:
                    open_contracts.remove(taught)
            if earned_fen and draw.random() < 0.3:
                number += 1
                end_to_end = await town.ask_payout(f"payout-{number}", earned_fen)
                await town.settle(f"payout-{number}", earned_fen, reference=f"P{number}")
                reference = draw.choice([f"P{number}", f"books-{number}"])
                listed.append(entry(reference, -earned_fen, on=town.today, end_to_end=end_to_end))
                earned_fen = 0
            draw.shuffle(listed)
            if listed or town.ledger.calendar.is_working_day(town.today):
                await town.statement(*listed)
                days["reconciled"] += 1
            done = await town.close()
            assert (done.found, done.refused, done.top_ups, done.resolved) == ({}, {}, 0, 0), town.today
            town.tomorrow()
        assert await town.breaks(state=None) == []
        topics = await town.topics()
        assert topics.count("account.day_reconciled") == days["reconciled"]
        assert BreakFound.topic not in topics
        assert (await town.day(town.today - timedelta(days=1))).difference_fen in (0, None)
