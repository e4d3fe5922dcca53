"""Rules of institutions, each just below, at and above its limit, in both languages."""

from datetime import date
from typing import Any

import pytest

from ledger.domain.events import (
    ContinuityArrived,
    ContinuityMatched,
    ContinuityReceived,
    FindingRecorded,
    InstitutionFactRecorded,
    PackageAmount,
    RefundAgreed,
    RefundRequested,
    TimetableCourse,
    TimetableRecorded,
)
from tests.projections.alert_judge import ACCOUNT, Judge, iso
from tests.projections.log_writer import DAY

OFF_BOOK = "fee.off_book"
RUNAWAY = "institution.runaway"


@pytest.fixture
def judge() -> Judge:
    return Judge()


def timetable(judge: Judge, month: str, seats: int, **said: Any) -> None:
    courses = (TimetableCourse(course_id="course-1", seats=seats, price_fen=100),)
    judge.tell(TimetableRecorded, month_starts_on=date.fromisoformat(f"{month}-01"), courses=courses, **said)


@pytest.mark.parametrize(("april_fen", "trips"), [(6_999, True), (7_000, False), (7_001, False)])
def test_fees_far_below_what_the_timetable_is_worth_for_two_months(judge: Judge, april_fen: int, trips: bool) -> None:
    judge.fee(6_999)
    judge.fee(april_fen, day=31)
    timetable(judge, "2026-03", 100, day=30)
    assert judge.alerts(OFF_BOOK) == []  # one month is none
    timetable(judge, "2026-04", 100, day=61)
    found = judge.alerts(OFF_BOOK)
    assert len(found) == trips
    if trips:
        assert found[0].message == (
            "For 2 months to 2026-04, fees of 13998 fen came in where the timetable's seats are worth 20000 fen: "
            "below 7000 basis points."
        )
        assert found[0].message_zh == ("截至2026-04连续2个月，课表座位应收20000分，实收13998分，低于万分之7000。")
        judge.fee(10_000, day=62)
        timetable(judge, "2026-05", 100, day=92)
        assert judge.only(OFF_BOOK).resolution == "In 2026-05 fees of 10000 fen came in against expected 10000 fen."


@pytest.mark.parametrize("matched", [False, True])
@pytest.mark.parametrize(("arrived_fen", "trips"), [(6_999, True), (7_000, False)])
def test_families_who_came_with_their_fees_from_another_account_paid_them(
    judge: Judge, arrived_fen: int, trips: bool, matched: bool
) -> None:
    timetable(judge, "2026-03", 100, day=30)
    moved: dict[str, Any] = {"transfer_id": "t1", "contract_id": "c1", "amount_fen": arrived_fen}
    lines = (PackageAmount(package=1, amount_fen=arrived_fen),)
    judge.tell(
        ContinuityReceived,
        day=31,
        offer_id="offer-1",
        from_account_id="other",
        from_contract_id="c9",
        lines=lines,
        payments=(),
        **moved,
    )
    if matched:
        judge.tell(ContinuityMatched, day=32, suspense_id="s1", payment_reference="r1", reason="shown", **moved)
    else:
        judge.tell(ContinuityArrived, day=32, bank="ICBK", bank_reference="r1", digest="d", **moved)
    timetable(judge, "2026-04", 100, day=61)
    assert len(judge.alerts(OFF_BOOK)) == trips


def test_months_that_do_not_follow_each_other_are_not_added_up(judge: Judge) -> None:
    timetable(judge, "2026-01", 100)
    timetable(judge, "2026-03", 100, day=31)
    assert judge.alerts(OFF_BOOK) == []


def fact(judge: Judge, kind: str, value: int = 0, before: int = 0, *, day: int = 0) -> None:
    judge.tell(InstitutionFactRecorded, day=day, kind=kind, value=value, before=before, source="register")


@pytest.mark.parametrize(("counted", "trips"), [(9, False), (10, False), (11, True)])
def test_more_pupils_than_contracts(judge: Judge, counted: int, trips: bool) -> None:
    fact(judge, "head_count", counted, 10)
    found = judge.alerts(OFF_BOOK)
    assert [one.message for one in found] == [
        "An inspection counted 11 pupils; 10 are under contract (register)."
    ] * trips
    assert [one.message_zh for one in found] == ["检查清点学员11人，签约学员仅10人（register）。"] * trips


def test_each_familys_report_of_a_fee_paid_elsewhere_is_an_alert_of_its_own(judge: Judge) -> None:
    for report in ("case-1", "case-2"):
        judge.tell(
            FindingRecorded,
            kind="paid_elsewhere",
            rule=OFF_BOOK,
            subject_kind="report",
            subject_id=report,
            figures={"amount_fen": 300, "report": report},
            source="complaint",
        )
    first, second = judge.alerts(OFF_BOOK)
    assert first.message == (
        "A family reports 300 fen paid to another account than the supervised one (report case-1)."
    )
    assert second.message_zh == "家长反映向监管账户之外支付了300分（线索case-2）。"


@pytest.mark.parametrize(("apart", "trips"), [(89, True), (90, True), (91, False)])
def test_a_new_legal_person_and_a_promotion_spike_within_the_policys_days(
    judge: Judge, apart: int, trips: bool
) -> None:
    fact(judge, "legal_person_changed")
    fact(judge, "promotion_spike", 9_000, day=apart)
    found = judge.alerts(RUNAWAY)
    assert [one.message for one in found] == [
        f"The legal person changed on {iso(0)}, a promotion spike was seen on {iso(apart)}: within 90 days."
    ] * trips
    assert [one.message_zh for one in found] == [
        f"{iso(0)}法定代表人变更，{iso(apart)}出现促销异常，间隔不超过90日。"
    ] * trips


def test_a_cut_of_capital_is_enough_alone(judge: Judge) -> None:
    fact(judge, "capital_cut", 100, 200)
    alert = judge.only(RUNAWAY)
    assert alert.message == "The registered capital was cut from 200 to 100 fen (register)."
    assert alert.message_zh == "注册资本由200分减至100分（register）。"


def weeks(judge: Judge, count: int, *, backlog: bool) -> None:
    """Each Monday more goes out, so that cash lasts for fewer days; or less does. And a refund more waits."""
    judge.reserve(1_000_000)
    judge.fee(1_000_000)
    for week in range(1, count + 1):
        judge.debit(10_000 * week, day=7 * week)
        if backlog:
            refund_of_week(judge, week)


def refund_of_week(judge: Judge, week: int) -> None:
    """Agreed at the week's end, so that the next sample sees it."""
    name = f"f{week}"
    judge.tell(RefundRequested, day=7 * week + 1, refund_id=name, contract_id="c1", reason="x", answer_due_on=DAY)
    judge.tell(
        RefundAgreed,
        day=7 * week + 1,
        refund_id=name,
        contract_id="c1",
        amount_fen=100 * week,
        by="institution",
        final=True,
        lines=(),
        pay_due_on=DAY,
    )


@pytest.mark.parametrize(("count", "backlog", "trips"), [(3, True, False), (5, True, True), (5, False, False)])
def test_cover_that_falls_while_refunds_pile_up(judge: Judge, count: int, backlog: bool, trips: bool) -> None:
    weeks(judge, count, backlog=backlog)
    found = judge.alerts(RUNAWAY)
    assert len(found) == trips
    if trips:
        assert "falling for weeks" in found[0].message
        assert "连续数周下降" in found[0].message_zh


def test_teachers_who_leave_count_with_another_sign(judge: Judge) -> None:
    fact(judge, "teachers_left", 3, 9)
    assert judge.alerts(RUNAWAY) == []
    weeks(judge, 5, backlog=False)
    alert = judge.only(RUNAWAY)
    assert alert.message == ("Teachers left, from 9 to 3 (register); cover falls or refunds pile up: 0 fen.")
    assert alert.message_zh == "教师由9人减至3人，同时待退费0分或备付下降（register）。"


def test_signs_that_are_over_resolve_the_alert(judge: Judge) -> None:
    fact(judge, "capital_cut", 1, 2)
    judge.reserve(1, day=90)
    assert judge.only(RUNAWAY).state == "raised"
    judge.reserve(1, day=98)
    alert = judge.only(RUNAWAY)
    assert (alert.state, alert.resolution) == ("resolved", f"No signs of a runaway in the 90 days to {iso(98)}.")
    assert alert.account_id == str(ACCOUNT)


def test_a_month_at_the_beginning_of_the_calendar_stops_nothing(judge: Judge) -> None:
    timetable(judge, "0001-01", 100)
    assert judge.alerts(OFF_BOOK) == []
