"""The built-in packs at their limits beyond fees: advances, silence, minimum balances, payouts, refunds, closures."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

import msgspec
import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.calendar import WEEKENDS_ONLY
from ledger.domain.case import SupervisionCase
from ledger.domain.commands import cases as of_cases
from ledger.domain.decisions import Context
from ledger.projections.alert_rules.movement import large_movement
from tests.domain.case_scenario import CASE_ID, EDUCATION, StreamScenario
from tests.domain.scenario import Scenario, package
from tests.domain.test_fee_packs import NOW, RULEBOOK, of

E = TypeVar("E", bound=e.Event)
RUNNING: dict[str, Any] = {"starts_on": NOW, "ends_on": date(2026, 11, 30), "model_version": "2021"}


def paid(pack: str, amount_fen: int = 50_000, lessons: int = 10) -> Scenario:
    """An account of the pack with one running contract, paid in full."""
    scenario = of(pack, unit_price_fen=amount_fen)
    scenario.sign("c1", package(1, amount_fen, lessons), **RUNNING)
    scenario.pay("c1", amount_fen)
    return scenario


def rich(pack: str, earned_fen: int = 100_000) -> Scenario:
    """An account of the pack with nothing in it but money that the institution has earned."""
    scenario = of(pack)
    scenario.do(c.ImportOpeningBalance, cash_fen=earned_fen, earned_fen=earned_fen)
    return scenario


def teach(scenario: Scenario, lesson_id: str = "lesson-1") -> None:
    at = datetime(scenario.today.year, scenario.today.month, scenario.today.day, 8, tzinfo=UTC)
    scenario.teach(lesson_id, "c1", starts_at=at)


def find(kind: type[E], events: list[e.Event]) -> E:
    """The one event of its kind."""
    [found] = [event for event in events if isinstance(event, kind)]
    return found


def working_days(days: int) -> date:
    """The last of so many working days from `NOW` on."""
    return WEEKENDS_ONLY.add_working_days(NOW, days)


def ask(scenario: Scenario, amount_fen: int, name: str = "payout-1") -> None:
    scenario.do(c.RequestPayout, amount_fen=amount_fen, instruction_id=name)


def test_jinhua_advances_a_fifth_of_unconsumed_fees_and_not_a_fen_more() -> None:
    scenario = paid("jinhua")
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=10_001)
    scenario.do(c.RequestAdvance, amount_fen=9_999)
    scenario.do(c.RequestAdvance, amount_fen=1, instruction_id="advance-2")
    scenario.refuses("advance_above_limit", c.RequestAdvance, amount_fen=1, instruction_id="advance-3")


@pytest.mark.parametrize(("pack", "days"), [("zhejiang", 7), ("jinhua", 7), ("national", 15), ("beijing", 15)])
def test_silence_confirms_after_the_working_days_of_the_pack(pack: str, days: int) -> None:
    scenario = paid(pack)
    teach(scenario)
    for day, drawn in ((-1, 0), (0, 0), (1, 1)):
        scenario.today = working_days(days) + timedelta(days=day)
        events = scenario.do(c.CloseDay)
        assert sum(isinstance(event, e.LessonDrawn) for event in events) == drawn


@pytest.mark.parametrize(("fees_fen", "minimum_fen"), [(49_995, 9_999), (50_000, 10_000), (50_001, 10_001)])
def test_zigong_keeps_a_fifth_of_the_fees_rounded_up(fees_fen: int, minimum_fen: int) -> None:
    scenario = paid("zigong", fees_fen)
    assert find(e.MinimumBalanceHeld, scenario.do(c.CloseDay)).amount_fen == minimum_fen


def test_zigong_counts_the_fees_of_three_calendar_months() -> None:
    scenario = paid("zigong")
    scenario.do(c.CloseDay)
    scenario.today = date(2026, 11, 30)
    assert not [event for event in scenario.do(c.CloseDay) if isinstance(event, e.MinimumBalanceHeld)]
    scenario.today = date(2026, 12, 1)
    assert find(e.MinimumBalanceHeld, scenario.do(c.CloseDay)).amount_fen == 0


@pytest.mark.parametrize("pack", ["chongqing-kaizhou", "hefei"])
def test_kaizhou_and_hefei_keep_what_the_regulator_fixed(pack: str) -> None:
    scenario = rich(pack)
    scenario.do(c.SetMinimumBalance, amount_fen=40_000)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=60_001)
    ask(scenario, 59_999)
    ask(scenario, 1, "payout-2")
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1, instruction_id="payout-3")


def test_rongcheng_pays_two_minimum_balances_a_month() -> None:
    scenario = rich("rongcheng")
    scenario.do(c.SetMinimumBalance, amount_fen=10_000)
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=20_001)
    ask(scenario, 19_999)
    ask(scenario, 1, "payout-2")
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=1, instruction_id="payout-3")
    scenario.today = date(2026, 9, 30)
    scenario.refuses("payout_above_month", c.RequestPayout, amount_fen=1, instruction_id="payout-3")
    scenario.today = date(2026, 10, 1)
    ask(scenario, 20_000, "payout-3")


def test_xiamen_pays_by_the_week_within_seven_days() -> None:
    scenario = rich("xiamen")
    scenario.today = date(2026, 9, 5)  # a Saturday
    assert not [event for event in scenario.do(c.CloseDay) if isinstance(event, e.PayoutFellDue)]
    scenario.later(1)
    events = scenario.do(c.CloseDay)
    assert find(e.PayoutFellDue, events).due_on == date(2026, 9, 13)
    assert find(e.PayoutInstructed, events).amount_fen == 100_000


def test_wuhu_pays_fifteen_working_days_after_the_whole_order() -> None:
    scenario = paid("wuhu", lessons=1)
    teach(scenario)
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    finished = find(e.OrderFinished, scenario.do(c.CloseDay))
    assert finished.releasable_on == working_days(15)
    scenario.today = working_days(15) - timedelta(days=1)
    assert not [event for event in scenario.do(c.CloseDay) if isinstance(event, e.PayoutInstructed)]
    scenario.later(1)
    assert find(e.PayoutInstructed, scenario.do(c.CloseDay)).amount_fen == 50_000


@pytest.mark.parametrize(("closes_on", "lawful"), [(30, False), (1, True), (2, True)])
def test_chengdu_is_told_of_a_closure_a_month_ahead(closes_on: int, lawful: bool) -> None:
    scenario = of("chengdu")
    on = date(2026, 9 if closes_on == 30 else 10, closes_on)
    if lawful:
        assert find(e.ClosureNotified, scenario.do(c.NotifyClosure, closes_on=on)).earliest_on == date(2026, 10, 1)
    else:
        scenario.refuses("closure_notice_short", c.NotifyClosure, closes_on=on)


@pytest.mark.parametrize("pack", ["guangdong", "guangzhou"])
@pytest.mark.parametrize(("amount_fen", "large"), [(9_999, False), (10_000, False), (10_001, True)])
def test_guangdong_calls_a_movement_above_a_tenth_large(pack: str, amount_fen: int, large: bool) -> None:
    share_bp = rich(pack).policies.of(pack, NOW).large_movement_bp
    figures = large_movement(
        change_fen=-amount_fen, before_fen=100_000, earlier_outflows_fen=0, share_bp=share_bp, on=NOW
    )
    assert (figures is not None) is large


def test_guangzhou_announces_a_large_withdrawal_five_working_days_ahead() -> None:
    scenario = rich("guangzhou")
    ask(scenario, 10_000, "small")
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=10_001)
    announced = find(e.PayoutAnnounced, scenario.do(c.AnnouncePayout, amount_fen=50_000))
    assert announced.payable_on == working_days(5)
    scenario.today = working_days(5) - timedelta(days=1)
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=50_000)
    scenario.later(1)
    scenario.refuses("payout_not_announced", c.RequestPayout, amount_fen=50_001)
    ask(scenario, 50_000)


@pytest.mark.parametrize(
    ("pack", "before", "after"),
    [
        ("beijing", NOW + timedelta(days=5), NOW + timedelta(days=15)),
        ("guangzhou", working_days(5), working_days(10)),
        ("national", working_days(10), working_days(10)),
    ],
)
def test_an_agreed_refund_is_paid_within_the_days_of_the_place(pack: str, before: date, after: date) -> None:
    for taught, due_on in ((False, before), (True, after)):
        scenario = paid(pack)
        if taught:
            teach(scenario)
            scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
        scenario.do(c.RequestRefund, contract_id="c1")
        assert find(e.RefundAgreed, scenario.do(c.AnswerRefund)).pay_due_on == due_on
        scenario.today = due_on
        assert not [event for event in scenario.do(c.CloseDay) if isinstance(event, e.RefundOverdue)]
        scenario.later(1)
        assert find(e.RefundOverdue, scenario.do(c.CloseDay)).due_on == due_on


def test_the_national_risk_deposit_is_at_least_the_fees_of_one_cycle() -> None:
    scenario = of("national-deposit", unit_price_fen=50_000)
    scenario.sign("c1", package(1, 50_000, 10), **RUNNING)
    scenario.do(c.ReportKeptFee, contract_id="c1", amount_fen=50_000)
    scenario.pay("", 50_001, purpose="reserve")
    assert find(e.MinimumBalanceHeld, scenario.do(c.CloseDay)).amount_fen == 50_000
    scenario.do(c.ReleaseReserve, amount_fen=1)
    assert not scenario.account.top_up_due_fen


class LawfulCase(StreamScenario[SupervisionCase]):
    """A case under the built-in law."""

    def context(self) -> Context:
        return msgspec.structs.replace(super().context(), policies=RULEBOOK)


@pytest.mark.parametrize(
    ("kind", "step", "days"),
    [
        ("complaint", "acceptance", 7),
        ("clue", "investigation", 15),
        ("inspection", "inspection", 20),
        ("order", "decision", 20),
        ("complaint", "mediation", 45),
    ],
)
def test_a_step_of_a_case_has_the_days_of_the_pack(kind: str, step: str, days: int) -> None:
    scenario = LawfulCase(SupervisionCase(id=CASE_ID), acting=(EDUCATION,))
    scenario.today = NOW
    scenario.do(of_cases.OpenCase, kind=kind, pack="national")
    if step == "mediation":
        scenario.do(of_cases.FinishCaseStep)
        scenario.do(of_cases.StartCaseStep)
    for later, overdue in ((-1, False), (0, False), (1, True)):
        scenario.today = working_days(days) + timedelta(days=later)
        found = [event for event in scenario.do(of_cases.CloseCaseDay) if isinstance(event, e.CaseStepOverdue)]
        assert bool(found) is overdue
