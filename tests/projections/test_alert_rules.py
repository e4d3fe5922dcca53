"""Each rule just below, at and above its limit, with what it says in both languages."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from ledger.domain.events import (
    DetectionParametersSet,
    DrawLine,
    DrawReversed,
    FindingRecorded,
    InstitutionFactRecorded,
    LessonFinding,
    MinimumBalanceHeld,
    PremisesRecorded,
    RefundAgreed,
    RefundContested,
    RefundInstructed,
    RefundLeg,
    RefundOverdue,
    RefundQuoted,
    RefundRequested,
    TimetableCourse,
    TimetableRecorded,
    TopUpMet,
    TopUpOverdue,
)
from ledger.domain.events.alerts import FIRST_DETECTION
from tests.projections.alert_judge import ACCOUNT, Judge
from tests.projections.log_writer import DAY

OFF_BOOK, RUNAWAY, IMPOSSIBLE, SILENT = "fee.off_book", "institution.runaway", "lesson.impossible", "lesson.silent"


@pytest.fixture
def judge() -> Judge:
    return Judge()


def iso(day: int) -> str:
    return (DAY + timedelta(days=day)).isoformat()


# Money


@pytest.mark.parametrize(("minimum_fen", "trips"), [(999, False), (1_000, False), (1_001, True)])
def test_cash_below_the_minimum(judge: Judge, minimum_fen: int, trips: bool) -> None:
    judge.reserve(1_000)
    judge.tell(MinimumBalanceHeld, amount_fen=minimum_fen, formula="fixed", inputs={})
    found = judge.alerts("balance.below_minimum")
    assert [one.message for one in found] == [
        "Cash of 1000 fen is 1 fen below the minimum balance of 1001 fen.",
    ] * trips
    assert [one.message_zh for one in found] == ["现金1000分低于最低余额1001分，差1分。"] * trips


def test_a_deposit_against_risks_has_to_cover_the_minimum_itself(judge: Judge) -> None:
    judge.fee(5_000)
    judge.reserve(99)
    judge.tell(MinimumBalanceHeld, amount_fen=100, formula="one_cycle", inputs={})
    assert judge.only("balance.below_minimum").figures["cash_fen"] == 99
    judge.reserve(1)
    assert judge.only("balance.below_minimum").state == "resolved"


@pytest.mark.parametrize(("debit_fen", "trips"), [(9, False), (10, False), (11, True)])
def test_cash_that_does_not_cover_the_families(judge: Judge, debit_fen: int, trips: bool) -> None:
    judge.fee(1_000)
    judge.reserve(10)
    judge.debit(debit_fen)
    found = judge.alerts("balance.shortfall")
    assert len(found) == trips
    if trips:
        assert found[0].message == (
            "Cash of 999 fen, 999 fen by the bank's statement, does not cover the required 1000 fen: 1 fen are missing."
        )
        assert found[0].message_zh == "现金999分（按银行对账999分）不足以覆盖应有的1000分，差1分。"


@pytest.mark.parametrize(("amount_fen", "trips"), [(99, False), (100, False), (101, True)])
def test_one_movement_above_the_share_of_the_balance(judge: Judge, amount_fen: int, trips: bool) -> None:
    judge.reserve(1_000)
    judge.debit(amount_fen, day=1)
    found = judge.alerts("movement.large")
    assert [one.message for one in found] == [
        f"101 fen moved out in 1 day(s) to {iso(1)}: above 1000 basis points of the 1000 fen held before."
    ] * trips
    assert [one.message_zh for one in found] == [
        f"截至{iso(1)}的1日内资金流出101分，超过此前余额1000分的万分之1000。"
    ] * trips


@pytest.mark.parametrize(("day", "trips"), [(5, True), (6, True), (7, False)])
@pytest.mark.parametrize(("amount_fen", "above"), [(50, False), (51, True)])
def test_outflows_of_seven_days_together(judge: Judge, day: int, amount_fen: int, trips: bool, above: bool) -> None:
    judge.reserve(1_000)
    judge.debit(50)
    judge.debit(amount_fen, day=day)
    assert len(judge.alerts("movement.large")) == (trips and above)


def test_another_pack_judges_movements_by_its_own_share(judge: Judge) -> None:
    parameters = {name: getattr(FIRST_DETECTION, name) for name in FIRST_DETECTION.__struct_fields__}
    judge.reserve(1_000)
    judge.debit(90)
    assert judge.alerts("movement.large") == []
    judge.tell(DetectionParametersSet, parameters=type(FIRST_DETECTION)(**parameters | {"large_movement_bp": 500}))
    judge.debit(1, day=1)
    assert judge.only("movement.large").figures["share_bp"] == 500


def test_a_top_up_past_its_day_is_an_alert_until_it_is_paid(judge: Judge) -> None:
    judge.tell(TopUpOverdue, day=1, amount_fen=500, due_on=DAY)
    alert = judge.only("reserve.top_up_overdue")
    assert alert.message == f"The top-up of 500 fen was due on {iso(0)} and is not paid."
    assert alert.message_zh == f"应补足的500分已于{iso(0)}到期，仍未到账。"
    judge.tell(TopUpMet, day=2, cash_fen=700)
    alert = judge.only("reserve.top_up_overdue")
    assert (alert.state, alert.resolution_zh) == ("resolved", "补足款已到账，现金700分。")


# Refunds


def refund(judge: Judge, quoted_fen: int = 1_000) -> None:
    judge.fee(5_000)
    judge.tell(RefundRequested, refund_id="f1", contract_id="c1", reason="moves", answer_due_on=DAY)
    judge.tell(RefundQuoted, refund_id="f1", basis="unconsumed", amount_fen=quoted_fen, lines=())


def test_each_step_of_a_refund_past_its_clock_has_its_alert_in_turn(judge: Judge) -> None:
    refund(judge)
    judge.tell(RefundOverdue, day=8, refund_id="f1", step="decision", due_on=DAY + timedelta(days=7))
    alert = judge.only("refund.overdue")
    assert alert.message == f"The decision of refund f1 was due on {iso(7)}; 0 fen are agreed and not paid."
    assert alert.message_zh == f"退费f1的裁决应于{iso(7)}前完成，已同意未支付0分。"
    judge.tell(
        RefundAgreed,
        day=9,
        refund_id="f1",
        contract_id="c1",
        amount_fen=1_000,
        by="order",
        final=True,
        lines=(),
        pay_due_on=DAY + timedelta(days=19),
    )
    judge.tell(RefundOverdue, day=20, refund_id="f1", step="payment", due_on=DAY + timedelta(days=19))
    assert [one.figures["step_zh"] for one in judge.alerts("refund.overdue")] == ["裁决", "支付"]
    assert [one.state for one in judge.alerts("refund.overdue")] == ["resolved", "raised"]


def test_an_offer_that_the_policy_calls_too_low(judge: Judge) -> None:
    refund(judge)
    judge.tell(RefundContested, refund_id="f1", offered_fen=999, quoted_fen=1_000, reason="rounding")
    assert judge.alerts("refund.lowball") == []  # one fen is rounding: the decision names the rule beyond it
    judge.tell(
        RefundContested, refund_id="f1", offered_fen=998, quoted_fen=1_000, reason="less", rules=("refund.lowball",)
    )
    alert = judge.only("refund.lowball")
    assert alert.message == "The institution offers 998 fen for refund f1, 2 fen below the quote of 1000 fen."
    assert alert.message_zh == "机构对退费f1仅同意998分，低于核算金额1000分2分。"


@pytest.mark.parametrize(
    ("paid_on", "refunded", "trips"),
    [
        (date(2026, 3, 21), 39, True),  # 31 March less 10 days; 10 April
        (date(2026, 3, 20), 39, False),
        (date(2026, 3, 21), 40, False),
        (date(2026, 3, 31), 30, True),
        (date(2026, 3, 30), 29, False),  # back before the month ended: nothing was reported
    ],
)
def test_money_that_comes_and_goes_around_the_end_of_a_month(
    judge: Judge, paid_on: date, refunded: int, trips: bool
) -> None:
    leg = RefundLeg(
        instruction_id="i1", end_to_end_id="e1", payment_reference="p1", route="r", amount_fen=5_000, paid_on=paid_on
    )
    refund(judge)
    judge.tell(RefundInstructed, day=refunded, refund_id="f1", legs=(leg,))
    found = judge.alerts("movement.round_trip")
    assert len(found) == trips
    if trips:
        back = iso(refunded)
        assert found[0].message == (
            f"Payment p1 of {paid_on} goes back on {back} with 5000 fen: both within 10 days of the end of the month, "
            "2026-03-31."
        )
        assert found[0].message_zh == f"{paid_on}的缴费p1于{back}退回5000分，均在月末2026-03-31前后10日内。"


def test_a_payer_who_is_linked_to_staff(judge: Judge) -> None:
    judge.tell(
        FindingRecorded,
        kind="payer_is_staff",
        rule="movement.round_trip",
        subject_kind="payment",
        subject_id="p1",
        figures={"amount_fen": 7, "payment": "p1"},
        source="register",
    )
    alert = judge.only("movement.round_trip")
    assert alert.message == "Payment p1 of 7 fen came from somebody linked to the institution's staff."
    assert alert.message_zh == "缴费p1（7分）的付款人与机构员工有关联。"


# Lessons

TEACHER: dict[str, Any] = {"teacher_id": "t1"}
ROOM: dict[str, Any] = {"room_id": "r1"}


@pytest.mark.parametrize(
    ("second", "trips"), [(time(9, 44), True), (time(9, 45), False), (time(8, 15), False), (time(8, 16), True)]
)
@pytest.mark.parametrize(
    ("who", "word", "word_zh"), [(TEACHER, "Teacher t1 gave", "教师t1"), (ROOM, "Room r1", "教室r1")]
)
def test_nobody_is_in_two_places_at_once(
    judge: Judge, second: time, trips: bool, who: dict[str, Any], word: str, word_zh: str
) -> None:
    judge.lesson("l1", time(9), **who)
    judge.lesson("l2", second, **who)
    found = judge.alerts(IMPOSSIBLE)
    assert len(found) == trips
    if trips:
        assert (found[0].subject_kind, found[0].subject_id, found[0].figures["other_id"]) == ("lesson", "l2", "l1")
        assert found[0].message.startswith(word)
        assert found[0].message_zh.startswith(word_zh)


def test_other_teachers_rooms_and_days_are_no_matter(judge: Judge) -> None:
    judge.lesson("l1", time(9), **TEACHER, **ROOM)
    judge.lesson("l2", time(9), teacher_id="t2", room_id="r2")
    judge.lesson("l3", time(9), day=1, **TEACHER, **ROOM)
    judge.lesson("l4", **TEACHER, **ROOM)  # without its hour
    assert judge.alerts(IMPOSSIBLE) == []


def test_a_lesson_that_was_taken_back_is_in_nobodys_way(judge: Judge) -> None:
    judge.fee(100)
    judge.lesson("l1", time(9), **TEACHER)
    judge.lesson("l2", time(9), **TEACHER)
    assert judge.only(IMPOSSIBLE).state == "raised"
    lines = (DrawLine(contract_id="c1", package=1, lesson=1, amount_fen=10),)
    judge.tell(DrawReversed, lesson_id="l2", lines=lines, from_earned_fen=10, from_advance_fen=0, reason="wrong")
    assert judge.only(IMPOSSIBLE).resolution == "Lesson l2 was taken back."
    judge.lesson("l3", time(10, 45), **TEACHER)
    judge.tell(DrawReversed, lesson_id="l1", lines=lines, from_earned_fen=10, from_advance_fen=0, reason="wrong")
    judge.lesson("l4", time(9), **TEACHER)
    assert len(judge.alerts(IMPOSSIBLE)) == 1


@pytest.mark.parametrize(
    ("starts", "trips"), [(time(8), False), (time(7, 59), True), (time(19, 45), False), (time(19, 46), True)]
)
def test_lessons_are_within_opening_hours(judge: Judge, starts: time, trips: bool) -> None:
    judge.tell(PremisesRecorded, opens_at=time(8), closes_at=time(20, 30), rooms={"r1": 3})
    judge.lesson("l1", starts)
    found = judge.alerts(IMPOSSIBLE)
    assert len(found) == trips
    if trips:
        ends = f"{(starts.hour * 60 + starts.minute + 45) // 60:02}:{(starts.minute + 45) % 60:02}"
        assert found[0].message == (
            f"Lesson l1 from {starts:%H:%M} to {ends} is outside the opening hours 08:00 to 20:30."
        )
        assert found[0].message_zh == f"课时l1（{starts:%H:%M}至{ends}）不在开放时间08:00至20:30内。"


@pytest.mark.parametrize(("pupils", "trips"), [(2, False), (3, False), (4, True)])
def test_a_room_takes_no_more_than_it_takes(judge: Judge, pupils: int, trips: bool) -> None:
    judge.tell(PremisesRecorded, opens_at=time(8), closes_at=time(20, 30), rooms={"r1": 3})
    judge.lesson("l0", pupils=9, room_id="r9")  # of this one nobody knows
    judge.lesson("l1", pupils=pupils, **ROOM)
    found = judge.alerts(IMPOSSIBLE)
    assert [one.message for one in found] == ["Lesson l1 had 4 pupils in room r1, which takes 3."] * trips
    assert [one.message_zh for one in found] == ["课时l1有学员4人，教室r1仅容纳3人。"] * trips


@pytest.mark.parametrize(
    ("code", "figures", "said", "said_zh"),
    [
        ("lesson_ends_late", {"ends_at": "20:31", "latest_end": "20:30"}, "ends at 20:31", "20:31"),
        ("lesson_barred_day", {"taught_on": "2026-03-07", "kind": "weekend"}, "2026-03-07", "2026-03-07"),
    ],
)
def test_what_the_decision_found_against_the_law(
    judge: Judge, code: str, figures: dict[str, Any], said: str, said_zh: str
) -> None:
    judge.lesson("l1", findings=(LessonFinding(rule="lesson.latest_end", code=code, figures=figures),))
    alert = judge.only(IMPOSSIBLE)
    assert said in alert.message
    assert said_zh in alert.message_zh


@pytest.mark.parametrize(("silent", "trips"), [(7, False), (8, False), (9, True)])
def test_the_share_of_lessons_that_nobody_confirmed(judge: Judge, silent: int, trips: bool) -> None:
    judge.fee(1_000)
    judge.draw(20 - silent)
    judge.draw(silent, silent=silent)
    found = judge.alerts(SILENT)
    assert len(found) == trips
    if trips:
        assert found[0].message == (
            f"Of 20 lessons drawn in the 30 days to {iso(0)}, 9 were drawn by silence or confirmed within 60 s: "
            "above 4000 basis points."
        )
        assert found[0].message_zh == (f"截至{iso(0)}的30日内消课20次，其中9次为视为确认或60秒内确认，超过万分之4000。")


@pytest.mark.parametrize(("draws", "trips"), [(19, False), (20, True)])
def test_few_lessons_are_no_share_to_speak_of(judge: Judge, draws: int, trips: bool) -> None:
    judge.fee(1_000)
    judge.draw(draws, silent=draws)
    assert len(judge.alerts(SILENT)) == trips


@pytest.mark.parametrize(("after_s", "trips"), [(59, True), (60, True), (61, False)])
def test_a_confirmation_at_once_counts_as_silence(judge: Judge, after_s: int, trips: bool) -> None:
    judge.fee(1_000)
    for number in range(20):
        judge.confirmed(f"c{number}", after_s=after_s)
    assert len(judge.alerts(SILENT)) == trips


def test_the_share_counts_the_last_days_alone_and_recovers(judge: Judge) -> None:
    judge.fee(1_000)
    judge.draw(20, silent=20)
    judge.draw(20, day=29)
    assert judge.only(SILENT).state == "raised"
    judge.draw(1, day=30)
    assert judge.only(SILENT).state == "resolved"


def test_many_families_that_confirm_from_one_device(judge: Judge) -> None:
    judge.fee(1_000)
    for number in (1, 2, 3, 3):
        judge.confirmed(f"c{number}", after_s=600, device="d1")
    judge.confirmed("c4", after_s=600, device="d2")
    judge.confirmed("c4", after_s=600, device="d1", day=30)  # the others are too long ago
    assert judge.alerts(SILENT) == []
    for number in (5, 6, 7):
        judge.confirmed(f"c{number}", after_s=600, device="d1", day=31)
    alert = judge.only(SILENT)
    assert (alert.subject_kind, alert.subject_id) == ("device", "d1")
    assert alert.message == "4 contracts were confirmed from one device in 30 days: above 3."
    assert alert.message_zh == "30日内同一设备确认了4份合同，超过3份。"


# Institutions


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
    assert alert.message == ("Teachers left, from 9 to 3 (register), while cover falls or refunds pile up: 0 fen.")
    assert alert.message_zh == "教师由9人减至3人，同时待退费0分或备付下降（register）。"


def test_signs_that_are_over_resolve_the_alert(judge: Judge) -> None:
    fact(judge, "capital_cut", 1, 2)
    judge.reserve(1, day=90)
    assert judge.only(RUNAWAY).state == "raised"
    judge.reserve(1, day=98)
    alert = judge.only(RUNAWAY)
    assert (alert.state, alert.resolution) == ("resolved", f"No signs of a runaway in the 90 days to {iso(98)}.")
    assert alert.account_id == str(ACCOUNT)
