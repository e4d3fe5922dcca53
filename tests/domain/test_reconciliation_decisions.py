"""Decisions about reconciliation: what a comparison changes, and what people may do about breaks."""

from datetime import timedelta
from typing import Any, get_args

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.events import BreakKind
from ledger.domain.reconciliation.findings import BookFigures, DayFigures, Difference
from ledger.domain.reconciliation.kinds import OWNERS, break_id, debit_subject
from tests.domain.scenario import ACCOUNT_ID, MONDAY, Scenario, paid_contract

DAY = timedelta(days=1)
EXTRA = Difference(kind="missing_in_ledger", subject="E2", since_on=MONDAY, difference_fen=5, bank_fen=5)
EXTRA_ID = EXTRA.id_in(ACCOUNT_ID)


def compared(scenario: Scenario, *found: Difference, **said: object) -> list[e.Event]:
    return scenario.do(c.ReconcileAccount, seen_version=scenario.account.version, differences=found, **said)


def test_every_kind_has_an_owner() -> None:
    assert set(OWNERS) == set(get_args(BreakKind))
    assert len(OWNERS) >= 15


def test_a_break_is_found_once_and_resolved_when_it_is_no_more() -> None:
    scenario = paid_contract()
    [found] = compared(scenario, EXTRA)
    assert isinstance(found, e.BreakFound)
    assert (found.break_id, found.owner, found.due_on) == (EXTRA_ID, "bank", MONDAY + DAY)
    assert (found.policy, found.rules) == ("default@1", ("bank.break",))
    assert compared(scenario, EXTRA) == []
    [resolved] = compared(scenario)
    assert isinstance(resolved, e.BreakResolved)
    assert (resolved.break_id, resolved.how) == (EXTRA_ID, "agreed")
    assert scenario.account.breaks == {}


def test_other_figures_of_a_break_are_recorded_and_its_day_stays() -> None:
    scenario = paid_contract()
    compared(scenario, EXTRA)
    scenario.today += DAY
    more = Difference(kind="missing_in_ledger", subject="E2", since_on=MONDAY, difference_fen=6, bank_fen=6)
    [found] = compared(scenario, more)
    assert isinstance(found, e.BreakFound)
    assert (found.difference_fen, found.due_on) == (6, MONDAY + DAY)


def test_a_comparison_of_an_earlier_day_leaves_later_breaks_alone() -> None:
    scenario = paid_contract()
    later = Difference(kind="missing_in_ledger", subject="E2", since_on=MONDAY, difference_fen=5)
    compared(scenario, later)
    assert compared(scenario, effective_on=MONDAY - DAY) == []


def test_a_break_is_overdue_once_after_its_day() -> None:
    scenario = paid_contract()
    compared(scenario, EXTRA)
    scenario.today += DAY
    assert compared(scenario, EXTRA) == []
    scenario.today += DAY
    [overdue] = compared(scenario, EXTRA)
    assert isinstance(overdue, e.BankBreakOverdue)
    assert (overdue.break_id, overdue.kind, overdue.difference_fen) == (EXTRA_ID, "missing_in_ledger", 5)
    assert (overdue.statement_on, overdue.due_on) == (MONDAY, MONDAY + DAY)
    assert compared(scenario, EXTRA) == []


def test_what_people_say_of_a_break_must_be_about_an_open_one() -> None:
    scenario = paid_contract()
    compared(scenario, EXTRA)
    scenario.one(e.BreakAssigned, c.AssignBreak, break_id=EXTRA_ID)
    resolved = scenario.one(e.BreakResolved, c.ResolveBreak, break_id=EXTRA_ID)
    assert (resolved.how, resolved.reason, resolved.link) == ("explained", "posted by mistake", "letter-7")
    for command in (c.AssignBreak, c.ResolveBreak):
        assert scenario.refuses("break_not_open", command, break_id=EXTRA_ID).figures == {"break_id": EXTRA_ID}


def test_a_comparison_does_not_overrule_a_later_word() -> None:
    scenario = paid_contract()
    seen = scenario.account.version
    for command, said in (
        (c.ReportBankBalance, {"balance_fen": 7}),
        (c.RecordBankStatement, {"statement_id": "s", "opening_fen": 0, "closing_fen": 0}),
    ):
        scenario.do(command, **said)
        refusal = scenario.refuses("reconciliation_behind", c.ReconcileAccount, seen_version=seen)
        assert refusal.figures == {"seen_version": seen, "version": scenario.account.version}
    scenario.do(c.HoldFunds, amount_fen=1)  # no word of the bank
    assert scenario.do(c.ReconcileAccount, seen_version=scenario.account.version - 1) == []


def test_a_day_is_recorded_when_something_about_it_is_new() -> None:
    scenario = paid_contract()
    day = DayFigures(day=MONDAY, statement_id="s1", bank_fen=1005, cash_fen=1000, assets_fen=1000, liabilities_fen=1000)
    _, broken = compared(scenario, EXTRA, days=(day,))
    assert isinstance(broken, e.DayReconciled)
    assert (broken.state, broken.open_breaks, broken.families_fen, broken.lessons_fen) == ("broken", 1, 1000, 1000)
    _, agreed = compared(scenario, days=(day,))
    assert isinstance(agreed, e.DayReconciled)
    assert (agreed.state, agreed.bank_fen, agreed.cash_fen) == ("reconciled", 1005, 1000)


@pytest.mark.parametrize(
    ("kind", "figures"),
    [
        ("books_unbalanced", {"liabilities_fen": 999}),
        ("families_differ", {"families_fen": 999}),
        ("lessons_differ", {"lessons_fen": 999}),
    ],
)
def test_sums_of_the_views_that_do_not_agree_are_breaks_of_the_operator(
    kind: BreakKind, figures: dict[str, int]
) -> None:
    scenario = paid_contract()
    right = dict.fromkeys(BookFigures.__struct_fields__, 1000)
    assert compared(scenario, views=BookFigures(**right)) == []
    [found] = compared(scenario, views=BookFigures(**(right | figures)))
    assert isinstance(found, e.BreakFound)
    assert (found.kind, found.owner, found.subject) == (kind, "operator", "views")
    assert found.break_id == break_id(ACCOUNT_ID, kind, "views")


@pytest.mark.parametrize("subject", ["X1", debit_subject("X1")])
def test_cash_that_the_bank_does_not_have_pays_nobody(subject: str) -> None:
    scenario = paid_contract()
    scenario.do(c.DeliverLesson, lesson_id="l1", contracts=("c1",))
    gone = Difference(kind="seizure", subject=subject, since_on=MONDAY, difference_fen=-30, bank_fen=-30, short_fen=30)
    compared(scenario, gone)
    assert scenario.account.unconfirmed_fen == 30
    assert scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=100).figures["free_fen"] == 70
    scenario.do(c.RecordUnexplainedDebit, amount_fen=30, bank_reference="X1")
    assert scenario.account.unconfirmed_fen == 0
    assert scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=100).figures["free_fen"] == 70


def test_a_debit_of_what_is_here_a_credit_makes_half_of_it_good() -> None:
    """The bank took 30 where we have 30 more: 60 are missing, and the debit takes 30 of them out of the cash."""
    scenario = paid_contract()
    figures: dict[str, Any] = {"difference_fen": -60, "bank_fen": -30, "ledger_fen": 30, "short_fen": 60}
    compared(scenario, Difference(kind="wrong_direction", subject="X1", since_on=MONDAY, **figures))
    scenario.do(c.RecordUnexplainedDebit, amount_fen=30, bank_reference="X1")
    assert scenario.account.unconfirmed_fen == 30


def test_a_debit_leaves_what_is_missing_of_a_credit_of_its_reference() -> None:
    scenario = paid_contract()
    figures: dict[str, Any] = {"difference_fen": -40, "bank_fen": 60, "ledger_fen": 100, "short_fen": 40}
    compared(scenario, Difference(kind="amount_differs", subject="X1", since_on=MONDAY, **figures))
    scenario.do(c.RecordUnexplainedDebit, amount_fen=30, bank_reference="X1")
    assert scenario.account.unconfirmed_fen == 40
