"""Published prices, guide prices, amounts in the wrong unit, and the model contract."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commands as c
from ledger.domain.decisions.fees import MAX_COURSES
from ledger.domain.events import ChargeFinding, ContractSigned, FeeNoticePublished
from tests.domain.scenario import MONDAY, Scenario, package, under
from tests.domain.test_fee_caps import refuses, sign

NOTICED: dict[str, Any] = {"fee_notice": True}


def publish(scenario: Scenario, unit_price_fen: int = 100, **said: Any) -> FeeNoticePublished:
    said = {"valid_from": scenario.today} | said
    return scenario.one(FeeNoticePublished, c.PublishFeeNotice, unit_price_fen=unit_price_fen, **said)


def test_a_charge_needs_a_published_price() -> None:
    scenario = under(**NOTICED)
    assert refuses("fee_not_published", scenario, "c1", package(1, 1_000, 10)) == {"amount_fen": 1_000}
    publish(scenario, course_id="course-2")
    refuses("fee_not_published", scenario, "c1", package(1, 1_000, 10))
    publish(scenario)
    sign(scenario, "c1", package(1, 1_000, 10))


@pytest.mark.parametrize("price_fen", [999, 1_000])
def test_a_price_up_to_the_published_one_is_signed(price_fen: int) -> None:
    scenario = under(**NOTICED)
    publish(scenario)
    sign(scenario, "c1", package(1, price_fen, 10))


def test_a_fen_above_the_published_price_is_refused_package_by_package_and_without_gifts() -> None:
    scenario = under(**NOTICED)
    publish(scenario)
    above = {"amount_fen": 1_001, "limit_fen": 1_000}
    assert refuses("fee_above_notice", scenario, "c1", package(1, 1_001, 10)) == above
    assert refuses("fee_above_notice", scenario, "c1", package(1, 1_001, 10, gifts=5)) == above
    cheap = package(1, 500, 10)
    assert refuses("fee_above_notice", scenario, "c1", cheap, package(2, 1_001, 10)) == above


@pytest.mark.parametrize(("minutes", "limit_fen"), [(45, 1_000), (60, 1_333), (90, 2_000), (30, 666)])
def test_a_lesson_of_other_minutes_is_priced_pro_rata(minutes: int, limit_fen: int) -> None:
    scenario = under(**NOTICED)
    publish(scenario)
    refused = refuses("fee_above_notice", scenario, "c1", package(1, limit_fen + 1, 10), lesson_minutes=minutes)
    assert refused["limit_fen"] == limit_fen
    sign(scenario, "c1", package(1, limit_fen, 10), lesson_minutes=minutes)


def test_a_price_by_the_month_or_by_the_course_is_of_the_whole_contract() -> None:
    scenario = under(**NOTICED)
    publish(scenario, period="month")
    dates = {"starts_on": date(2025, 3, 10), "ends_on": date(2025, 5, 9)}
    halves = (package(1, 100, 10), package(2, 101, 10))
    assert refuses("fee_above_notice", scenario, "c1", *halves, **dates)["limit_fen"] == 200
    sign(scenario, "c1", package(1, 100, 10), package(2, 100, 10), **dates)
    publish(scenario, period="course", course_id="course-2")
    assert refuses("fee_above_notice", scenario, "c2", *halves, course_id="course-2")["limit_fen"] == 100
    sign(scenario, "c2", package(1, 60, 10), package(2, 40, 10), course_id="course-2")


def test_a_notice_is_in_force_from_its_first_day_to_its_last() -> None:
    scenario = under(**NOTICED)
    publish(scenario, valid_from=MONDAY + timedelta(days=2), valid_until=MONDAY + timedelta(days=3))
    for days, code in [(1, "fee_not_published"), (2, None), (3, None), (4, "fee_not_published")]:
        scenario.today = MONDAY + timedelta(days=days)
        if code is None:
            sign(scenario, f"c{days}", package(1, 1_000, 10))
        else:
            refuses(code, scenario, f"c{days}", package(1, 1_000, 10))


def test_a_later_notice_takes_the_place_of_the_earlier_from_its_first_day_on() -> None:
    scenario = under(**NOTICED)
    first = publish(scenario)
    second = publish(scenario, 200, valid_from=MONDAY + timedelta(days=1), valid_until=MONDAY + timedelta(days=1))
    assert ((first.version, first.supersedes), (second.version, second.supersedes)) == ((1, 0), (2, 1))
    refuses("fee_above_notice", scenario, "c1", package(1, 2_000, 10))
    scenario.later(1)
    sign(scenario, "c1", package(1, 2_000, 10))
    scenario.later(1)
    refuses("fee_not_published", scenario, "c2", package(1, 1, 10))


def test_versions_go_on_after_a_notice_ran_out() -> None:
    scenario = Scenario()
    publish(scenario, valid_until=MONDAY)
    scenario.later(1)
    publish(scenario, course_id="course-2")
    assert set(scenario.account.fees.notices) == {"course-2"}
    third = publish(scenario)
    assert (third.version, third.supersedes) == (3, 0)


def test_a_price_is_never_published_for_days_that_are_past() -> None:
    scenario = Scenario()
    yesterday, tomorrow = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
    scenario.refuses("fee_notice_dates_wrong", c.PublishFeeNotice, valid_from=yesterday)
    scenario.refuses("fee_notice_dates_wrong", c.PublishFeeNotice, effective_on=yesterday, valid_from=yesterday)
    scenario.refuses("fee_notice_dates_wrong", c.PublishFeeNotice, valid_from=tomorrow, valid_until=MONDAY)
    scenario.refuses("amount_not_positive", c.PublishFeeNotice, unit_price_fen=0)
    publish(scenario, valid_until=MONDAY)


def test_the_courses_with_a_notice_are_limited() -> None:
    scenario = Scenario()
    publish(scenario)
    notice = scenario.account.fees.notices["course-1"]
    scenario.account.fees.notices |= {f"other-{number}": notice for number in range(MAX_COURSES - 1)}
    scenario.refuses("fee_notices_many", c.PublishFeeNotice, course_id="one more")
    publish(scenario)


def test_an_alert_says_how_far_above_or_that_nothing_is_published() -> None:
    scenario = under(**NOTICED, enforcement={"fee.notice": "alert"})
    none = sign(scenario, "c1", package(1, 1_000, 10))
    assert none.findings == (ChargeFinding(rule="fee.notice", value=1_000, limit=0),)
    publish(scenario)
    above = sign(scenario, "c2", package(1, 1_005, 10))
    assert above.findings == (ChargeFinding(rule="fee.notice", value=1_005, limit=1_000),)
    assert "fee.notice" in above.rules


@pytest.mark.parametrize(
    ("minutes", "price_fen", "limit_fen"),
    [(45, 3_000, 3_000), (90, 6_000, 6_000), (60, 4_000, 4_000), (30, 2_001, 2_000)],
)
def test_an_academic_lesson_follows_the_guide_price_pro_rata(minutes: int, price_fen: int, limit_fen: int) -> None:
    scenario = under(fee_guide_price_fen=3_000, fee_standard_minutes=45)
    academic = {"category": "academic", "lesson_minutes": minutes}
    if price_fen > limit_fen:
        figures = refuses("fee_above_guide_price", scenario, "c1", package(1, price_fen, 1), **academic)
        assert figures == {"amount_fen": price_fen, "limit_fen": limit_fen}
    else:
        sign(scenario, "c1", package(1, price_fen - 1, 1), **academic)
        sign(scenario, "c2", package(1, price_fen, 1), **academic)
        refuses("fee_above_guide_price", scenario, "c3", package(1, price_fen + 1, 1), **academic)


def test_the_guide_price_may_be_exceeded_by_the_ceiling_and_binds_no_other_category() -> None:
    scenario = under(fee_guide_price_fen=3_000, fee_guide_ceiling_bp=1_000)
    sign(scenario, "c1", package(1, 33_000, 10), category="academic")
    figures = refuses("fee_above_guide_price", scenario, "c2", package(1, 33_001, 10), category="academic")
    assert figures == {"amount_fen": 33_001, "limit_fen": 33_000}
    sign(scenario, "c2", package(1, 33_001, 10), category="arts")


@pytest.mark.parametrize(("price_fen", "slip"), [(9, False), (10, True), (11, False)])
def test_a_price_of_exactly_a_hundredth_of_the_published_is_a_slip(price_fen: int, slip: bool) -> None:
    scenario = under(fee_unit_slip=100, enforcement={"fee.unit_slip": "alert"})
    publish(scenario)
    found = (ChargeFinding(rule="fee.unit_slip", value=10, limit=1_000),) if slip else ()
    assert sign(scenario, "c1", package(1, price_fen, 10)).findings == found


@pytest.mark.parametrize(("price_fen", "slip"), [(99_999, False), (100_000, True), (100_001, False)])
def test_a_price_of_exactly_a_hundred_times_the_published_is_a_slip(price_fen: int, slip: bool) -> None:
    scenario = under(fee_unit_slip=100)
    publish(scenario)
    if slip:
        figures = refuses("fee_unit_slip", scenario, "c1", package(1, price_fen, 10))
        assert figures == {"amount_fen": 100_000, "expected_fen": 1_000}
    else:
        sign(scenario, "c1", package(1, price_fen, 10))


def test_a_contract_follows_a_model_that_the_pack_names() -> None:
    scenario = under(contract_models=("2021", "2024"))
    signed = {"starts_on": MONDAY, "ends_on": MONDAY}
    sign(scenario, "c1", model_version="2021", **signed)
    sign(scenario, "c2", model_version="2024", **signed)
    assert refuses("contract_not_model", scenario, "c3", model_version="2020", **signed) == {
        "model_version": "2020",
        "models": "2021, 2024",
    }
    assert refuses("contract_not_model", scenario, "c3", **signed)["model_version"] == "-"
    alerted = under(contract_models=("2021",), enforcement={"contract.model": "alert"})
    found = alerted.one(
        ContractSigned, c.SignContract, contract_id="c1", contract_no="no-c1", packages=(package(1, 1, 1),)
    )
    assert found.findings == (ChargeFinding(rule="contract.model", value="-", limit="2021"),)
