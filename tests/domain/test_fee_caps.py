"""The caps on one charge: months, lessons, amount; gifts and split contracts counted."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.events import ChargeFinding, ContractSigned, LeaveRecorded, Package
from ledger.domain.months import add_months, months_spanned
from ledger.domain.policy import Enforcement
from tests.domain.scenario import MONDAY, Scenario, package, under

CAPS: dict[str, Any] = {"fee_cap_months": 3, "fee_cap_lessons": 60, "fee_cap_amount_fen": 500_000}
MARCH, MAY_31 = date(2025, 3, 1), date(2025, 5, 31)
ALERT: Mapping[str, Enforcement] = dict.fromkeys(("fee.cap_months", "fee.cap_lessons", "fee.cap_amount"), "alert")


def refuses(code: str, scenario: Scenario, contract_id: str, *packages: Package, **said: Any) -> dict[str, Any]:
    """The figures of the refusal."""
    terms = {"starts_on": MARCH, "ends_on": MAY_31, "packages": packages or (package(1, 1_000, 10),)} | said
    refusal = scenario.refuses(code, c.SignContract, contract_id=contract_id, contract_no=f"no-{contract_id}", **terms)
    return dict(refusal.figures)


def sign(scenario: Scenario, contract_id: str, *packages: Package, **said: Any) -> ContractSigned:
    terms = {"starts_on": MARCH, "ends_on": MAY_31, "packages": packages or (package(1, 1_000, 10),)} | said
    return scenario.one(
        ContractSigned, c.SignContract, contract_id=contract_id, contract_no=f"no-{contract_id}", **terms
    )


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2025, 3, 1), date(2025, 3, 1), 1),
        (date(2025, 3, 1), date(2025, 5, 30), 3),
        (date(2025, 3, 1), date(2025, 5, 31), 3),
        (date(2025, 3, 1), date(2025, 6, 1), 4),
        (date(2025, 3, 15), date(2025, 6, 14), 3),
        (date(2025, 3, 15), date(2025, 6, 15), 4),
        (date(2024, 11, 30), date(2025, 2, 27), 3),
        (date(2024, 11, 30), date(2025, 2, 28), 4),
        (date(2024, 12, 31), date(2025, 12, 30), 12),
    ],
)
def test_a_span_counts_the_months_that_it_begins(first: date, last: date, months: int) -> None:
    assert months_spanned(first, last) == months


def test_a_month_on_from_a_day_that_the_next_month_does_not_have_is_its_last_day() -> None:
    assert add_months(date(2025, 1, 31), 1) == date(2025, 2, 28)
    assert add_months(date(2024, 3, 31), -1) == date(2024, 2, 29)
    assert add_months(date(2025, 3, 3), -12) == date(2024, 3, 3)
    assert add_months(date(9999, 12, 1), 3) == date.max
    assert add_months(date(1, 1, 5), -1) == date.min


@pytest.mark.parametrize("ends_on", [date(2025, 5, 30), MAY_31])
def test_a_charge_up_to_the_cap_in_months_is_signed(ends_on: date) -> None:
    assert sign(under(**CAPS), "c1", ends_on=ends_on).findings == ()


def test_a_day_beyond_the_cap_in_months_is_refused() -> None:
    figures = refuses("fee_cap_months", under(**CAPS), "c1", ends_on=date(2025, 6, 1))
    assert figures == {"months": 4, "limit": 3}


@pytest.mark.parametrize("packages", [(package(1, 1, 59),), (package(1, 1, 60),), (package(1, 1, 50, gifts=10),)])
def test_lessons_up_to_the_cap_are_signed(packages: tuple[Package, ...]) -> None:
    sign(under(**CAPS), "c1", *packages)


@pytest.mark.parametrize(
    "packages",
    [
        (package(1, 1, 61),),
        (package(1, 1, 60, gifts=1),),
        (package(1, 1, 30), package(2, 1, 30, gifts=1)),
        (Package(number=1, price_fen=1, paid_lessons=61, list_price_fen=1, time_card=True),),
    ],
)
def test_a_lesson_beyond_the_cap_is_refused_gifts_packages_and_cards_counted(packages: tuple[Package, ...]) -> None:
    assert refuses("fee_cap_lessons", under(**CAPS), "c1", *packages) == {"lessons": 61, "limit": 60}


def test_where_both_bases_are_used_the_shorter_applies() -> None:
    scenario = under(**CAPS)
    refuses("fee_cap_months", scenario, "c1", package(1, 1, 10), ends_on=date(2025, 6, 1))
    refuses("fee_cap_lessons", scenario, "c1", package(1, 1, 61), ends_on=MARCH)
    only_lessons = under(fee_cap_lessons=60)
    sign(only_lessons, "c1", package(1, 1, 60), ends_on=date(2026, 3, 1))


@pytest.mark.parametrize("price_fen", [499_999, 500_000])
def test_an_amount_up_to_the_cap_is_signed(price_fen: int) -> None:
    sign(under(**CAPS), "c1", package(1, price_fen, 10))


def test_a_fen_beyond_the_cap_is_refused_but_for_academic_courses() -> None:
    scenario = under(**CAPS)
    figures = refuses("fee_cap_amount", scenario, "c1", package(1, 500_001, 10))
    assert figures == {"amount_fen": 500_001, "limit_fen": 500_000}
    sign(scenario, "c1", package(1, 500_001, 10), category="academic")


def test_contracts_signed_within_the_days_are_one_charge() -> None:
    """30 lessons and 25 with 6 gifts, for times that do not meet."""
    for days, split in [(29, True), (30, True), (31, False)]:
        scenario = under(**(CAPS | {"fee_cap_months": 0}))
        sign(scenario, "c1", package(1, 1_000, 30), ends_on=date(2025, 3, 31))
        scenario.later(days)
        later = {"starts_on": date(2025, 6, 1), "ends_on": date(2025, 6, 30)}
        more = package(1, 1_000, 25, gifts=6)
        if split:
            assert refuses("fee_cap_lessons", scenario, "c2", more, **later)["lessons"] == 61
            sign(scenario, "c2", package(1, 1_000, 24, gifts=6), **later)
        else:
            sign(scenario, "c2", more, **later)


def test_contracts_that_run_at_the_same_time_are_one_charge_whenever_they_were_signed() -> None:
    scenario = under(**(CAPS | {"fee_cap_months": 0, "fee_cap_lessons": 0}))
    sign(scenario, "c1", package(1, 300_000, 30))
    scenario.later(60)
    overlapping = {"starts_on": MAY_31, "ends_on": date(2025, 8, 1)}
    figures = refuses("fee_cap_amount", scenario, "c2", package(1, 200_001, 30), **overlapping)
    assert figures == {"amount_fen": 500_001, "limit_fen": 500_000}
    sign(scenario, "c2", package(1, 200_000, 30), **overlapping)
    scenario.later(31)
    sign(scenario, "c3", package(1, 500_000, 30), starts_on=date(2025, 9, 1), ends_on=date(2025, 11, 1))


def test_split_contracts_span_from_the_first_day_to_the_last() -> None:
    scenario = under(**CAPS)
    sign(scenario, "c1", ends_on=date(2025, 4, 30))
    figures = refuses("fee_cap_months", scenario, "c2", starts_on=date(2025, 5, 1), ends_on=date(2025, 6, 1))
    assert figures == {"months": 4, "limit": 3}
    sign(scenario, "c2", starts_on=date(2025, 5, 1), ends_on=MAY_31)


@pytest.mark.parametrize("other", [{"student_id": "student-2"}, {"subject": "dance"}, {"billing": "after_lesson"}])
def test_another_child_subject_or_way_of_paying_is_another_charge(other: dict[str, Any]) -> None:
    scenario = under(**CAPS)
    sign(scenario, "c1", package(1, 1, 60))
    sign(scenario, "c2", package(1, 1, 60), **other)
    refuses("fee_cap_lessons", scenario, "c3", package(1, 1, 1))


def test_what_came_back_is_charged_no_more() -> None:
    scenario = under(**CAPS)
    sign(scenario, "c1", package(1, 600, 60))
    scenario.pay("c1", 600)
    scenario.teach_many("c1", 2)
    scenario.do(c.RequestRefund, contract_id="c1")
    scenario.do(c.AnswerRefund)
    assert refuses("fee_cap_lessons", scenario, "c2", package(1, 1, 59))["lessons"] == 61
    sign(scenario, "c2", package(1, 1, 58))


def test_an_ended_contract_is_forgotten() -> None:
    scenario = under(**CAPS)
    sign(scenario, "c1", package(1, 1, 60))
    scenario.do(c.EndContract, contract_id="c1")
    assert scenario.account.contracts_of == {}
    sign(scenario, "c2", package(1, 1, 60))


def test_where_the_pack_says_alert_the_contract_is_signed_and_says_what_was_found() -> None:
    scenario = under(**CAPS, enforcement=ALERT)
    signed = sign(scenario, "c1", package(1, 500_001, 61), ends_on=date(2025, 6, 1))
    assert signed.findings == (
        ChargeFinding(rule="fee.cap_months", value=4, limit=3),
        ChargeFinding(rule="fee.cap_lessons", value=61, limit=60),
        ChargeFinding(rule="fee.cap_amount", value=500_001, limit=500_000),
    )
    assert signed.rules == ("refund.gift", "fee.cap_months", "fee.cap_lessons", "fee.cap_amount")
    assert signed.policy == "own@1"


def test_where_the_pack_says_off_nothing_is_found() -> None:
    scenario = under(**CAPS, enforcement=dict.fromkeys(ALERT, "off"))
    assert sign(scenario, "c1", package(1, 500_001, 61), ends_on=date(2025, 6, 1)).findings == ()


def test_a_refusal_goes_before_alerts() -> None:
    scenario = under(**CAPS, enforcement={"fee.cap_months": "alert"})
    refuses("fee_cap_lessons", scenario, "c1", package(1, 1, 61), ends_on=date(2025, 6, 1))


def test_nothing_is_capped_without_a_rule() -> None:
    assert sign(Scenario(), "c1", package(1, 10**9, 2_000), ends_on=date(2030, 1, 1)).findings == ()


def test_a_leave_that_moves_the_end_beyond_a_cap_is_refused_or_found() -> None:
    leave = {"lesson_id": "lesson-1", "lesson_on": MONDAY}
    scenario = under(**CAPS)
    sign(scenario, "c1")
    scenario.do(c.RecordLeave, **(leave | {"lesson_id": "lesson-0"}))
    scenario.refuses("fee_cap_months", c.RecordLeave, **leave, ends_on=date(2025, 6, 1))
    watched = under(**CAPS, enforcement=ALERT)
    sign(watched, "c1")
    event = watched.one(LeaveRecorded, c.RecordLeave, **leave, ends_on=date(2025, 6, 1))
    assert event.findings == (ChargeFinding(rule="fee.cap_months", value=4, limit=3),)
    assert event.rules == ("lesson.leave", "fee.cap_months")


def test_a_leave_within_the_cap_moves_the_end() -> None:
    scenario = under(**CAPS)
    sign(scenario, "c1", ends_on=MAY_31 - timedelta(days=1))
    scenario.do(c.RecordLeave, lesson_id="lesson-1", lesson_on=MONDAY, ends_on=MAY_31)
    assert scenario.account.contracts["c1"].ends_on == MAY_31


def test_the_sum_looks_at_the_childs_contracts_alone() -> None:
    """With the index emptied nothing is found any more: no other contract of the account is looked at."""
    scenario = under(**CAPS)
    sign(scenario, "c1", package(1, 1, 60))
    assert scenario.account.contracts_of == {"student-1": ["c1"]}
    refuses("fee_cap_lessons", scenario, "c2", package(1, 1, 1))
    scenario.account.contracts_of.clear()
    sign(scenario, "c2", package(1, 1, 1))
