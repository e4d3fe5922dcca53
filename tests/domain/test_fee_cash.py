"""Cash that the institution took, and fees that families paid past the account."""

from datetime import timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain.events import (
    CashReportClosed,
    CashSweepOverdue,
    CashSwept,
    CashTaken,
    Event,
    FeePaid,
    FindingRecorded,
    OffbookLimitExceeded,
)
from tests.domain.scenario import MONDAY, Scenario, under


def cash(days: int = 5) -> Scenario:
    scenario = under(cash_sweep_days=days)
    scenario.sign("c1")
    return scenario


def overdue(events: list[Event]) -> list[CashSweepOverdue]:
    return [event for event in events if isinstance(event, CashSweepOverdue)]


def test_cash_is_to_be_in_the_account_within_the_days_from_the_day_on_which_it_was_taken() -> None:
    scenario = cash()
    scenario.later(2)
    event = scenario.one(CashTaken, c.ReportCash, amount_fen=500, effective_on=MONDAY)
    assert (event.due_on, event.rules) == (MONDAY + timedelta(days=5), ("cash.sweep",))


@pytest.mark.parametrize(("days", "late"), [(4, False), (5, False), (6, True)])
def test_cash_is_late_from_the_day_after(days: int, late: bool) -> None:
    scenario = cash()
    scenario.do(c.ReportCash, amount_fen=500)
    events = overdue(scenario.later(days).do(c.CloseDay))
    assert [(event.cash_id, event.amount_fen) for event in events] == ([("cash-1", 500)] if late else [])
    assert overdue(scenario.do(c.CloseDay)) == []
    assert overdue(scenario.later(1).do(c.CloseDay)) == ([] if late or days < 5 else overdue(scenario.history)[-1:])


def test_a_receipt_for_the_contract_brings_cash_in_oldest_first() -> None:
    scenario = cash()
    scenario.sign("c2")
    scenario.do(c.ReportCash, cash_id="other", contract_id="c2", amount_fen=100)
    scenario.do(c.ReportCash, amount_fen=500)
    scenario.do(c.ReportCash, cash_id="cash-2", amount_fen=300)
    paid, first, second = scenario.pay("c1", 600, payment_source="cash")
    assert isinstance(paid, FeePaid)
    assert isinstance(first, CashSwept)
    assert isinstance(second, CashSwept)
    assert [(one.cash_id, one.amount_fen, one.left_fen) for one in (first, second)] == [
        ("cash-1", 500, 0),
        ("cash-2", 100, 200),
    ]
    assert set(scenario.account.fees.cash_reports) == {"other", "cash-2"}
    [late] = overdue(scenario.later(6).do(c.CloseDay))[1:]
    assert (late.cash_id, late.amount_fen) == ("cash-2", 200)


def test_a_match_brings_cash_in_too() -> None:
    scenario = cash()
    scenario.do(c.ReportCash, amount_fen=500)
    scenario.pay("", 500)
    _, swept = scenario.do(c.MatchSuspense, suspense_id="suspense-1", contract_id="c1", amount_fen=500)
    assert isinstance(swept, CashSwept)
    assert (swept.bank_reference, scenario.account.fees.cash_reports) == ("entry-98", {})


def test_without_the_rule_cash_has_no_day() -> None:
    scenario = cash(0)
    event = scenario.one(CashTaken, c.ReportCash, amount_fen=500)
    assert (event.due_on, event.rules) == (None, ())
    assert overdue(scenario.later(400).do(c.CloseDay)) == []


def test_cash_is_reported_once_for_a_contract_that_is_open() -> None:
    scenario = cash()
    scenario.refuses("contract_not_found", c.ReportCash, contract_id="none", amount_fen=1)
    scenario.refuses("amount_not_positive", c.ReportCash, amount_fen=0)
    scenario.do(c.ReportCash, amount_fen=1)
    scenario.refuses("cash_reported_before", c.ReportCash, amount_fen=1)


def test_a_contract_whose_cash_is_out_does_not_end() -> None:
    scenario = cash()
    scenario.do(c.ReportCash, amount_fen=7)
    assert scenario.refuses("contract_cash_out", c.EndContract, contract_id="c1").figures["left_fen"] == 7
    scenario.later(400).do(c.CloseDay)
    assert "c1" in scenario.account.contracts
    closed = scenario.one(CashReportClosed, c.CloseCashReport)
    assert closed.amount_fen == 7
    scenario.refuses("cash_not_found", c.CloseCashReport)
    scenario.do(c.EndContract, contract_id="c1")


def report(scenario: Scenario, number: int, amount_fen: int) -> list[Event]:
    return scenario.do(
        c.RecordFinding,
        kind="paid_elsewhere",
        rule="fee.off_book",
        subject_kind="report",
        subject_id=f"report-{number}",
        figures={"amount_fen": amount_fen, "report": f"report-{number}"},
        source="hotline",
    )


@pytest.mark.parametrize(("second_fen", "beyond"), [(399_999, False), (400_000, False), (400_001, True)])
def test_reports_add_up_to_what_costs_the_licence(second_fen: int, beyond: bool) -> None:
    scenario = under(offbook_limit_fen=1_000_000)
    assert len(report(scenario, 1, 600_000)) == 1
    events = report(scenario, 2, second_fen)
    assert isinstance(events[0], FindingRecorded)
    if beyond:
        [exceeded] = events[1:]
        assert isinstance(exceeded, OffbookLimitExceeded)
        assert (exceeded.amount_fen, exceeded.limit_fen, exceeded.reports) == (1_000_001, 1_000_000, 2)
        assert exceeded.rules == ("offbook.revocation",)
    else:
        assert events[1:] == []


def test_one_report_alone_may_be_enough_and_one_told_again_counts_once() -> None:
    scenario = under(offbook_limit_fen=1_000_000)
    assert len(report(scenario, 1, 1_000_001)) == 2
    assert len(report(scenario, 1, 1_000_000)) == 1
    assert scenario.account.fees.paid_elsewhere == {"report-1": 1_000_000}


def test_without_the_rule_nothing_adds_up() -> None:
    assert len(report(Scenario(), 1, 10**12)) == 1
