"""Lessons that did not happen for a family: leave in time, absences, and the lessons that make up for them."""

from datetime import timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from tests.domain.scenario import MONDAY, Scenario, paid_contract
from tests.domain.test_lesson_confirmation import LAST_DAY, asked, draws

TUESDAY = MONDAY + timedelta(days=1)


@pytest.mark.parametrize("pack", ["default", "asked"])
def test_leave_in_time_draws_nothing(pack: str) -> None:
    scenario = paid_contract()
    scenario.sign("c2")
    scenario.pay("c2", 1000)
    scenario.do(c.AssignPolicy, pack=pack)
    leave = scenario.one(e.LeaveRecorded, c.RecordLeave, lesson_id="lesson-1", lesson_on=TUESDAY)
    assert (leave.contract_id, leave.lesson_on, leave.rules) == ("c1", TUESDAY, ("lesson.leave",))
    scenario.later(1)
    refusal = scenario.refuses("lesson_missed", c.DeliverLesson, lesson_id="lesson-1", contracts=("c2", "c1"))
    assert refusal.figures == {"lesson_id": "lesson-1", "contract_id": "c1", "why": "leave"}
    scenario.teach("lesson-1", "c2")
    scenario.refuses("lesson_missed", c.RecordLeave, lesson_id="lesson-1", lesson_on=TUESDAY)
    scenario.refuses(
        "lesson_already_delivered", c.RecordLeave, lesson_id="lesson-1", lesson_on=TUESDAY, contract_id="c2"
    )


@pytest.mark.parametrize(
    ("pack", "days_before", "in_time"),
    [("default", 0, True), ("default", -1, False), ("leave-2", 3, True), ("leave-2", 2, True), ("leave-2", 1, False)],
)
def test_leave_is_in_time_up_to_the_notice_that_the_pack_asks(pack: str, days_before: int, in_time: bool) -> None:
    scenario = paid_contract()
    scenario.do(c.AssignPolicy, pack=pack)
    said = {"lesson_id": "lesson-1", "lesson_on": MONDAY + timedelta(days=days_before)}
    if in_time:
        scenario.one(e.LeaveRecorded, c.RecordLeave, **said)
    else:
        assert scenario.refuses("leave_late", c.RecordLeave, **said).figures["asked_on"] == MONDAY.isoformat()


def test_leave_lies_within_its_contract() -> None:
    scenario = paid_contract()
    contract = scenario.account.contracts["c1"]
    outside = contract.ends_on + timedelta(days=1)
    scenario.refuses("lesson_outside_contract", c.RecordLeave, lesson_id="lesson-1", lesson_on=outside)
    scenario.refuses("lesson_outside_contract", c.RecordAbsence, lesson_id="l", lesson_on=outside, contracts=("c1",))
    scenario.do(c.RecordLeave, lesson_id="lesson-1", lesson_on=contract.ends_on)


def test_leave_may_move_the_contracts_last_day_and_only_to_a_later_one() -> None:
    scenario = paid_contract()
    ends_on = scenario.account.contracts["c1"].ends_on
    later = ends_on + timedelta(days=1)
    said = {"lesson_id": "lesson-1", "lesson_on": TUESDAY}
    for wrong in (ends_on - timedelta(days=1), ends_on):
        scenario.refuses("leave_end_earlier", c.RecordLeave, ends_on=wrong, **said)
    leave = scenario.one(e.LeaveRecorded, c.RecordLeave, ends_on=later, **said)
    assert leave.ends_on == scenario.account.contracts["c1"].ends_on == later
    scenario.today = later
    scenario.teach("lesson-2", "c1", makes_up="lesson-1")
    scenario.do(c.RecordLeave, lesson_id="lesson-3", lesson_on=later)
    assert scenario.account.contracts["c1"].ends_on == later


def absent(scenario: Scenario, lesson_id: str, *contracts: str, who: str = "teacher") -> list[e.Event]:
    return scenario.do(c.RecordAbsence, lesson_id=lesson_id, lesson_on=MONDAY, absent=who, contracts=contracts)


@pytest.mark.parametrize("who", ["teacher", "pupil"])
def test_an_absence_is_never_drawn(who: str) -> None:
    scenario = paid_contract()
    [recorded] = absent(scenario, "lesson-1", "c1", who=who)
    assert isinstance(recorded, e.AbsenceRecorded)
    refusal = scenario.refuses("lesson_missed", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))
    assert refusal.figures["why"] == f"{who}_absent"
    scenario.refuses("lesson_missed", c.RecordAbsence, lesson_id="lesson-1", lesson_on=MONDAY, contracts=("c1",))
    scenario.refuses("lesson_without_students", c.RecordAbsence, lesson_id="l", lesson_on=MONDAY, contracts=())


def test_an_absence_takes_back_what_waits_and_what_was_drawn() -> None:
    scenario = asked()
    for contract_id in ("c2", "c3"):
        scenario.sign(contract_id)
        scenario.pay(contract_id, 1000)
    scenario.teach("lesson-1", "c1", "c2", "c3")
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1", contract_id="c2")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1", contract_id="c3")
    events = absent(scenario, "lesson-1", "c1", "c2", "c3")
    assert [type(event) for event in events] == [e.LessonWithdrawn, e.DrawReversed, e.AbsenceRecorded]
    assert [contract.unreserved_fen for contract in scenario.account.contracts.values()] == [1000] * 3
    scenario.today = LAST_DAY + timedelta(days=1)
    assert scenario.do(c.CloseDay) == []


def test_an_absence_waits_with_a_draw_whose_refund_is_open() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.RequestRefund, contract_id="c1")
    said = {"lesson_id": "lesson-1", "lesson_on": MONDAY, "contracts": ("c1",)}
    scenario.refuses("contract_refund_open", c.RecordAbsence, **said)


def test_a_make_up_names_the_missed_lesson_and_is_drawn_like_any_other() -> None:
    scenario = paid_contract()
    absent(scenario, "lesson-1", "c1")
    delivered, drawn = scenario.teach("lesson-2", "c1", makes_up="lesson-1")
    assert isinstance(delivered, e.LessonDelivered)
    assert isinstance(drawn, e.LessonDrawn)
    assert (delivered.makes_up, drawn.lines[0].lesson) == ("lesson-1", 1)
    refusal = scenario.refuses(
        "lesson_made_up_before", c.DeliverLesson, lesson_id="lesson-3", contracts=("c1",), makes_up="lesson-1"
    )
    assert refusal.figures["made_up_by"] == "lesson-2"
    scenario.refuses(
        "lesson_nothing_to_make_up", c.DeliverLesson, lesson_id="lesson-3", contracts=("c1",), makes_up="lesson-9"
    )


def test_a_make_up_that_was_taken_back_makes_up_for_nothing() -> None:
    for pack in ("default", "asked"):
        scenario = paid_contract()
        scenario.do(c.AssignPolicy, pack=pack)
        scenario.do(c.RecordLeave, lesson_id="lesson-1", lesson_on=TUESDAY)
        scenario.teach("lesson-2", "c1", makes_up="lesson-1")
        said = {"lesson_id": "lesson-3", "contracts": ("c1",), "makes_up": "lesson-1"}
        scenario.refuses("lesson_made_up_before", c.DeliverLesson, **said)
        scenario.do(c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
        scenario.do(c.DeliverLesson, **said)


def test_a_disputed_make_up_still_makes_up_until_it_is_dropped() -> None:
    scenario = asked()
    absent(scenario, "lesson-1", "c1")
    scenario.teach("lesson-2", "c1", makes_up="lesson-1")
    scenario.today = LAST_DAY + timedelta(days=1)
    assert len(draws(scenario.do(c.CloseDay))) == 1
    scenario.do(c.DisputeLesson, lesson_id="lesson-2")
    said = {"lesson_id": "lesson-3", "contracts": ("c1",), "makes_up": "lesson-1"}
    scenario.refuses("lesson_made_up_before", c.DeliverLesson, **said)
    scenario.do(c.ResolveDispute, lesson_id="lesson-2", outcome="dropped")
    scenario.do(c.DeliverLesson, **said)
