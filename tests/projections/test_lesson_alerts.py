"""Rules of lessons, each just below, at and above its limit, in both languages."""

from datetime import UTC, datetime, time, timedelta, timezone
from typing import Any

import pytest

from ledger.domain.events import DrawLine, DrawReversed, LessonDelivered, LessonFinding, PremisesRecorded
from tests.projections.alert_judge import Judge, iso

IMPOSSIBLE = "lesson.impossible"
SILENT = "lesson.silent"


@pytest.fixture
def judge() -> Judge:
    return Judge()


TEACHER: dict[str, Any] = {"teacher_id": "t1"}
ROOM: dict[str, Any] = {"room_id": "r1"}
EAST = timezone(timedelta(hours=14))


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


@pytest.mark.parametrize("starts_at", [datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=EAST)])
def test_an_hour_at_the_end_of_the_calendar_stops_nothing(judge: Judge, starts_at: datetime) -> None:
    """No such lesson is recorded any more; one that was is in the log for ever."""
    judge.tell(
        LessonDelivered,
        lesson_id="l1",
        course_id="course-1",
        minutes=45,
        contracts=("c1",),
        starts_at=starts_at,
        **TEACHER,
    )
    judge.lesson("l2", time(9), **ROOM)
    judge.lesson("l3", time(9), **ROOM)
    assert judge.only(IMPOSSIBLE).state == "raised"


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
