"""Decisions about alerts, and about what the rules are told beside the account's own history."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.charge_splits import ContractTerms, splits_of
from ledger.domain.decisions.alerts import FINDINGS, detection_of
from ledger.domain.events.alerts import FIRST_DETECTION
from ledger.domain.policy import FixedPolicies, Policy
from tests.domain.scenario import MONDAY, Scenario, paid_contract

ABOUT: dict[str, Any] = {
    "alert_id": "0-2-abc",
    "rule": "balance.below_minimum",
    "subject_kind": "account",
    "subject_id": "account-1",
}


@pytest.fixture
def scenario() -> Scenario:
    return paid_contract()


@pytest.mark.parametrize(
    ("event", "command", "said"),
    [
        (e.AlertAcknowledged, c.AcknowledgeAlert, {"note": "seen"}),
        (e.AlertAssigned, c.AssignAlert, {"assignee": "officer-1", "note": "yours"}),
        (e.AlertResolved, c.ResolveAlert, {"reason": "known"}),
        (e.AlertSilenced, c.SilenceAlert, {"reason": "audit", "until": MONDAY}),
    ],
)
def test_what_people_decide_about_an_alert_is_recorded_as_they_said_it(
    scenario: Scenario, event: type[e.Event], command: type[c.Command], said: dict[str, Any]
) -> None:
    recorded = scenario.one(event, command, **ABOUT, **said)
    assert {name: getattr(recorded, name) for name in ABOUT | said} == ABOUT | said


@pytest.mark.parametrize(("days", "refused"), [(-1, True), (0, False), (90, False), (91, True)])
def test_a_silence_ends_between_today_and_the_policys_longest(scenario: Scenario, days: int, refused: bool) -> None:
    until = MONDAY + timedelta(days=days)
    if refused:
        told = scenario.refuses("alert_silence_wrong", c.SilenceAlert, **ABOUT, reason="audit", until=until)
        assert told.figures["latest"] == (MONDAY + timedelta(days=90)).isoformat()
    else:
        silenced = scenario.one(e.AlertSilenced, c.SilenceAlert, **ABOUT, reason="audit", until=until)
        assert silenced.rules == ("alert.silence",)


def test_a_silence_runs_through_its_last_day(scenario: Scenario) -> None:
    scenario.refuses("alert_still_silenced", c.EndAlertSilence, **ABOUT, until=MONDAY)
    scenario.today = MONDAY + timedelta(days=1)
    scenario.one(e.AlertSilenceEnded, c.EndAlertSilence, **ABOUT, until=MONDAY)


def test_an_alert_is_escalated_after_the_policys_working_days(scenario: Scenario) -> None:
    friday = MONDAY + timedelta(days=4)
    scenario.today = friday + timedelta(days=3)
    told = scenario.refuses("alert_not_due", c.EscalateAlert, **ABOUT, waits_since=friday)
    assert told.figures["due_on"] == scenario.today.isoformat()
    scenario.today += timedelta(days=1)
    escalated = scenario.one(e.AlertEscalated, c.EscalateAlert, **ABOUT, waits_since=friday)
    assert (escalated.due_on, escalated.rules) == (friday + timedelta(days=3), ("alert.response",))


FIGURES: dict[str, dict[str, int | str]] = {
    "charge_split": {
        "student_id": "s",
        "subject": "piano",
        "accounts": 2,
        "contracts": 2,
        "value": 61,
        "limit": 60,
        "unit": "lessons",
    },
    "paid_elsewhere": {"amount_fen": 1, "report": "case-1"},
    "payer_is_staff": {"amount_fen": 1, "payment": "p1"},
}


@pytest.mark.parametrize("kind", FINDINGS)
def test_a_finding_has_the_figures_of_its_rules_sentence(scenario: Scenario, kind: str) -> None:
    said: dict[str, Any] = {"kind": kind, "subject_kind": "account", "subject_id": "a", "source": "comparison"}
    rule, figures = FINDINGS[kind].rules[0], FIGURES[kind]  # pyright: ignore[reportArgumentType]
    scenario.one(e.FindingRecorded, c.RecordFinding, **said, rule=rule, figures=figures)
    for wrong_rule, wrong in (
        ("bank.break", figures),
        (rule, figures | {"more": 1}),
        (rule, dict(list(figures.items())[1:])),
    ):
        scenario.refuses("finding_figures_wrong", c.RecordFinding, **said, rule=wrong_rule, figures=wrong)


@pytest.mark.parametrize(
    ("kind", "value", "before", "refused"),
    [
        ("capital_cut", 99, 100, False),
        ("capital_cut", 100, 100, True),
        ("teachers_left", 3, 4, False),
        ("teachers_left", 4, 4, True),
        ("legal_person_changed", 0, 0, False),
        ("promotion_spike", 9_000, 0, False),
        ("promotion_spike", -1, 0, True),
        ("promotion_spike", 1, -1, True),
    ],
)
def test_a_fact_says_what_its_kind_means(scenario: Scenario, kind: str, value: int, before: int, refused: bool) -> None:
    said: dict[str, Any] = {"kind": kind, "value": value, "before": before, "source": "register"}
    if refused:
        scenario.refuses("fact_wrong", c.RecordInstitutionFact, **said)
    else:
        recorded = scenario.one(e.InstitutionFactRecorded, c.RecordInstitutionFact, **said)
        assert (recorded.value, recorded.before) == (value, before)


def test_a_head_count_is_compared_with_the_pupils_under_contract_that_day(scenario: Scenario) -> None:
    said: dict[str, Any] = {"kind": "head_count", "value": 3, "before": 99, "source": "inspection"}
    contract = next(iter(scenario.account.contracts.values()))
    assert scenario.one(e.InstitutionFactRecorded, c.RecordInstitutionFact, **said).before == 1
    scenario.today = contract.ends_on + timedelta(days=1)
    assert scenario.one(e.InstitutionFactRecorded, c.RecordInstitutionFact, **said).before == 0


@pytest.mark.parametrize(
    ("opens_at", "closes_at", "rooms", "refused"),
    [
        (time(8), time(8, 1), {"r1": 1}, False),
        (time(8), time(20), {}, False),
        (time(8), time(8), {"r1": 1}, True),
        (time(8), time(20), {"r1": 1, "r2": 0}, True),
    ],
)
def test_premises_open_before_they_close_and_rooms_take_somebody(
    scenario: Scenario, opens_at: time, closes_at: time, rooms: dict[str, int], refused: bool
) -> None:
    said: dict[str, Any] = {"opens_at": opens_at, "closes_at": closes_at, "rooms": rooms}
    if refused:
        scenario.refuses("premises_wrong", c.RecordPremises, **said)
    else:
        scenario.one(e.PremisesRecorded, c.RecordPremises, **said)


def seats(number: int = 3, price_fen: int = 100) -> tuple[e.TimetableCourse, ...]:
    return (e.TimetableCourse(course_id="k", seats=number, price_fen=price_fen),)


def test_a_timetable_is_of_a_calendar_month_that_is_over(scenario: Scenario) -> None:
    first = MONDAY.replace(day=1)
    before = (first - timedelta(days=1)).replace(day=1)
    scenario.one(e.TimetableRecorded, c.RecordTimetable, month_starts_on=before, courses=seats())
    scenario.refuses("timetable_wrong", c.RecordTimetable, month_starts_on=first, courses=seats())
    scenario.refuses("timetable_wrong", c.RecordTimetable, month_starts_on=before.replace(day=2), courses=seats())
    scenario.refuses("timetable_wrong", c.RecordTimetable, month_starts_on=before, courses=seats(-1))
    scenario.refuses("amount_not_positive", c.RecordTimetable, month_starts_on=before, courses=seats(price_fen=0))


def test_what_alerts_judge_by_follows_the_pack() -> None:
    strict = Policy(pack="strict", large_movement_bp=500)
    scenario = paid_contract()
    scenario.policies = FixedPolicies({"default": Policy(), "strict": strict})
    assert scenario.account.detection == detection_of(Policy()) == FIRST_DETECTION
    assigned, changed = scenario.do(c.AssignPolicy, pack="strict", reason="the law")
    assert isinstance(assigned, e.PolicyAssigned)
    assert isinstance(changed, e.DetectionParametersSet)
    assert scenario.account.detection.large_movement_bp == 500
    scenario.policies = FixedPolicies({"strict": Policy(pack="strict", large_movement_bp=700)})
    changed = [one for one in scenario.do(c.CloseDay) if isinstance(one, e.DetectionParametersSet)]
    assert [one.parameters.large_movement_bp for one in changed] == [700]
    assert not any(isinstance(one, e.DetectionParametersSet) for one in scenario.do(c.CloseDay))


# Charges over several accounts

CAPS = Policy(fee_cap_months=3, fee_cap_lessons=60, fee_cap_amount_fen=500_000, fee_split_days=30)


def terms(account: str, **said: Any) -> ContractTerms:
    usual: dict[str, Any] = {
        "contract_id": f"c-{account}",
        "category": "arts",
        "signed_on": date(2026, 3, 1),
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 4, 30),
        "lessons": 30,
        "amount_fen": 250_000,
    }
    return ContractTerms(account_id=account, **usual | said)


@pytest.mark.parametrize(
    ("second", "rules"),
    [
        ({}, []),
        ({"lessons": 31}, ["fee.cap_lessons"]),
        ({"amount_fen": 250_001}, ["fee.cap_amount"]),
        ({"amount_fen": 250_001, "category": "academic"}, []),
        ({"starts_on": date(2026, 4, 1), "ends_on": date(2026, 5, 31)}, []),
        ({"starts_on": date(2026, 4, 1), "ends_on": date(2026, 6, 1)}, ["fee.cap_months"]),
        ({"lessons": 61}, []),  # the account itself tells of it
    ],
)
def test_caps_that_two_accounts_break_together(second: dict[str, Any], rules: list[str]) -> None:
    assert [split.rule for split in splits_of([terms("a"), terms("b", **second)], CAPS)] == rules


@pytest.mark.parametrize(
    ("signed", "starts", "split"),
    [(31, 61, True), (32, 61, False), (32, 60, True)],  # 30 days on; a day more; running at the same time
)
def test_contracts_far_apart_are_no_one_charge(signed: int, starts: int, split: bool) -> None:
    first = date(2026, 3, 1)
    later = terms(
        "b",
        lessons=31,
        signed_on=first + timedelta(days=signed - 1),
        starts_on=first + timedelta(days=starts),
        ends_on=date(2026, 5, 31),
    )
    assert bool(list(splits_of([terms("a"), later], CAPS))) is split


def test_contracts_of_one_account_are_its_own_to_add_up() -> None:
    assert list(splits_of([terms("a"), terms("a", contract_id="c2", lessons=31)], CAPS)) == []
