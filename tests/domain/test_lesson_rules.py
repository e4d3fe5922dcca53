"""No academic training on barred days and no lesson that ends too late: refused, reported, or not looked at."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.calendar import SchoolHoliday, WorkingCalendar
from ledger.domain.policy import FixedPolicies, Policy
from tests.domain.scenario import POLICIES, Scenario

CALENDAR = WorkingCalendar(
    closed=frozenset({date(2025, 4, 4)}),
    opened=frozenset({date(2025, 4, 27)}),
    years=frozenset({2025}),
    school_holidays=(SchoolHoliday("3307", date(2025, 7, 1), date(2025, 8, 31)),),
)


def training(category: str, **law: Any) -> Scenario:
    """A paid contract of that category, under that law, in July 2025."""
    scenario = Scenario(calendar=CALENDAR)
    scenario.policies = FixedPolicies(POLICIES | {"law": Policy(pack="law", **law)})
    scenario.do(c.AssignPolicy, pack="law")
    scenario.sign("c1", category=category, ends_on=date(2025, 12, 31))
    scenario.pay("c1", 1000)
    scenario.today = date(2025, 9, 30)
    return scenario


def delivered(events: list[e.Event]) -> e.LessonDelivered:
    assert isinstance(events[0], e.LessonDelivered)
    return events[0]


WEEKEND, HOLIDAY, SCHOOL = "weekend", "public_holiday", "school_holiday"
DAYS = [
    ("2025-04-25", WEEKEND, True),  # Friday
    ("2025-04-26", WEEKEND, False),  # Saturday
    ("2025-04-27", WEEKEND, True),  # a Sunday on which everybody works
    ("2025-04-28", WEEKEND, True),
    ("2025-04-03", HOLIDAY, True),
    ("2025-04-04", HOLIDAY, False),
    ("2025-04-05", HOLIDAY, True),
    ("2025-06-30", SCHOOL, True),
    ("2025-07-01", SCHOOL, False),
    ("2025-08-31", SCHOOL, False),
    ("2025-09-01", SCHOOL, True),
]


@pytest.mark.parametrize(("day", "kind", "allowed"), DAYS)
def test_academic_training_is_barred_on_the_packs_days(day: str, kind: str, allowed: bool) -> None:
    scenario = training("academic", lesson_barred_days=(kind,))
    said = {"lesson_id": "lesson-1", "contracts": ("c1",), "effective_on": date.fromisoformat(day)}
    if allowed:
        scenario.do(c.DeliverLesson, **said)
    else:
        refusal = scenario.refuses("lesson_barred_day", c.DeliverLesson, **said)
        assert refusal.figures == {"taught_on": day, "kind": kind}


def test_other_training_is_not_barred() -> None:
    scenario = training("arts", lesson_barred_days=(WEEKEND, HOLIDAY, SCHOOL))
    assert delivered(scenario.teach("lesson-1", "c1", effective_on=date(2025, 7, 5))).findings == ()


def test_one_academic_pupil_makes_the_class_academic() -> None:
    scenario = training("arts", lesson_barred_days=(WEEKEND,))
    scenario.sign("c2", category="academic", ends_on=date(2025, 12, 31))
    scenario.pay("c2", 1000)
    said = {"lesson_id": "lesson-1", "effective_on": date(2025, 9, 27)}
    scenario.refuses("lesson_barred_day", c.DeliverLesson, contracts=("c1", "c2"), **said)
    scenario.do(c.DeliverLesson, contracts=("c1",), **said)


def test_the_day_of_the_start_is_barred_as_well_as_the_day_that_is_told() -> None:
    scenario = training("academic", lesson_barred_days=(WEEKEND,))
    # Friday evening in London is Saturday morning in China.
    starts_at = datetime(2025, 9, 26, 17, tzinfo=UTC)
    said = {"lesson_id": "lesson-1", "contracts": ("c1",), "effective_on": date(2025, 9, 26)}
    assert scenario.refuses("lesson_barred_day", c.DeliverLesson, starts_at=starts_at, **said).figures == {
        "taught_on": "2025-09-27",
        "kind": WEEKEND,
    }
    scenario.do(c.DeliverLesson, starts_at=starts_at - timedelta(hours=2), **said)


MIDNIGHT = datetime(2025, 9, 29, 16, tzinfo=UTC)
"""The beginning of the day in China."""
ENDS = [datetime(9999, 12, 31, 23, 59, tzinfo=UTC), datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))]


@pytest.mark.parametrize("starts_at", [MIDNIGHT - timedelta(days=1, minutes=1), MIDNIGHT + timedelta(days=2), *ENDS])
def test_a_lesson_starts_on_its_day_or_next_to_it(starts_at: datetime) -> None:
    scenario = training("academic", lesson_barred_days=(WEEKEND,), **LATEST)
    said = {"lesson_id": "lesson-1", "contracts": ("c1",)}
    scenario.refuses("lesson_start_elsewhere", c.DeliverLesson, starts_at=starts_at, **said)


LATEST = {"lesson_latest_end": time(20, 30)}


@pytest.mark.parametrize(
    ("start", "minutes", "allowed"),
    [("11:45", 44, True), ("11:45", 45, True), ("11:45", 46, False), ("15:30", 60, False), ("00:00", 45, True)],
)
@pytest.mark.parametrize("category", ["academic", "sports"])
def test_no_lesson_ends_after_the_latest_end(start: str, minutes: int, allowed: bool, category: str) -> None:
    """Starts are UTC, eight hours behind China: 11:45 is 19:45 there, and 15:30 runs past midnight."""
    scenario = training(category, **LATEST)
    starts_at = datetime.combine(scenario.today, time.fromisoformat(start), UTC)
    said = {"lesson_id": "lesson-1", "contracts": ("c1",), "starts_at": starts_at, "minutes": minutes}
    if allowed:
        assert delivered(scenario.do(c.DeliverLesson, **said)).findings == ()
    else:
        assert scenario.refuses("lesson_ends_late", c.DeliverLesson, **said).figures["latest_end"] == "20:30"


def test_a_latest_end_needs_the_start() -> None:
    scenario = training("sports", **LATEST)
    scenario.refuses("lesson_start_missing", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))


def test_where_the_pack_says_alert_the_findings_are_recorded() -> None:
    enforcement = {"lesson.latest_end": "alert", "lesson.barred_days": "alert"}
    scenario = training("academic", lesson_barred_days=(WEEKEND,), enforcement=enforcement, **LATEST)
    starts_at = datetime(2025, 9, 27, 12, tzinfo=UTC)
    event = delivered(scenario.teach("lesson-1", "c1", effective_on=date(2025, 9, 27), starts_at=starts_at, minutes=60))
    assert [(finding.rule, finding.code) for finding in event.findings] == [
        ("lesson.barred_days", "lesson_barred_day"),
        ("lesson.latest_end", "lesson_ends_late"),
    ]
    assert event.findings[1].figures == {"ends_at": "2025-09-27T21:00+08:00", "latest_end": "20:30"}
    assert (event.policy, event.rules) == ("law@1", ("lesson.barred_days", "lesson.latest_end"))


def test_where_the_pack_says_off_nothing_is_looked_at() -> None:
    enforcement = {"lesson.latest_end": "off", "lesson.barred_days": "off"}
    scenario = training("academic", lesson_barred_days=(WEEKEND,), enforcement=enforcement, **LATEST)
    assert delivered(scenario.teach("lesson-1", "c1", effective_on=date(2025, 9, 27))).findings == ()


def test_a_class_is_not_taught_while_teaching_is_suspended() -> None:
    scenario = training("arts")
    scenario.do(c.SuspendAccount, effective_on=date(2025, 9, 29))
    scenario.refuses("lesson_while_suspended", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    scenario.teach("lesson-1", "c1", effective_on=date(2025, 9, 28))
