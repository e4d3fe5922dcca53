"""A delivered lesson waits for the family: it confirms, or its silence counts when its days are over."""

from datetime import date, timedelta

import pytest

from ledger.domain import commands as c
from ledger.domain import events as e
from ledger.domain.decisions.lesson_confirmation import close_lessons
from ledger.domain.free_for_payout import free_for_payout
from tests.domain.scenario import MONDAY, Scenario, package, paid_contract

LAST_DAY = date(2025, 3, 24)
"""Fifteen working days after Monday 3 March 2025."""


def asked(price_fen: int = 1000, lessons: int = 10) -> Scenario:
    """A paid contract `c1` of a policy that asks families."""
    scenario = paid_contract(price_fen, lessons)
    scenario.do(c.AssignPolicy, pack="asked")
    return scenario


def draws(events: list[e.Event]) -> list[e.LessonDrawn]:
    return [event for event in events if isinstance(event, e.LessonDrawn)]


def test_a_delivered_lesson_draws_nothing_until_the_family_spoke() -> None:
    scenario = asked()
    [delivered] = scenario.teach("lesson-1", "c1")
    assert isinstance(delivered, e.LessonDelivered)
    assert delivered.lines == (e.DrawLine(contract_id="c1", package=1, lesson=1, amount_fen=100),)
    assert (delivered.deemed_on, delivered.policy, delivered.rules) == (LAST_DAY, "asked@1", ("lesson.deemed_after",))
    assert delivered.deemed_term == e.Term(starts_on=MONDAY, count=15, provisional=True)
    buckets = scenario.account.buckets
    assert (buckets.prepaid, buckets.earned) == (1000, 0)
    assert free_for_payout(scenario.account, scenario.today).free_fen == 0


def test_a_confirmed_lesson_is_drawn_and_payable_at_once() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    drawn = scenario.one(e.LessonDrawn, c.ConfirmLesson, lesson_id="lesson-1", how="code", device="token-7")
    assert (drawn.basis, drawn.releasable_on, drawn.lines[0].amount_fen) == ("confirmed", MONDAY, 100)
    assert drawn.confirmation is not None
    assert (drawn.confirmation.how, drawn.confirmation.device) == ("code", "token-7")
    assert drawn.confirmation.told_at == scenario.history[-2].recorded_at
    scenario.do(c.RequestPayout, amount_fen=100)
    scenario.refuses("lesson_already_drawn", c.ConfirmLesson, lesson_id="lesson-1")
    scenario.refuses("lesson_not_pending", c.ConfirmLesson, lesson_id="lesson-2")
    scenario.refuses("contract_not_found", c.ConfirmLesson, lesson_id="lesson-1", contract_id="c9")
    assert scenario.account.lessons_due == {}


def test_silence_draws_on_the_day_after_the_last_and_holds_for_five_working_days() -> None:
    scenario = asked()
    scenario.sign("c2", package(1, 100, 3))
    scenario.pay("c2", 100)
    scenario.teach("lesson-1", "c1", "c2")
    for day in (LAST_DAY - timedelta(days=1), LAST_DAY):
        scenario.today = day
        assert scenario.do(c.CloseDay) == []
    scenario.later(1)
    [drawn] = scenario.do(c.CloseDay)
    assert isinstance(drawn, e.LessonDrawn)
    assert [(line.contract_id, line.amount_fen) for line in drawn.lines] == [("c1", 100), ("c2", 33)]
    assert (drawn.basis, drawn.cause) == ("deemed", "close_day")
    assert drawn.rules == ("lesson.deemed_after", "lesson.deemed_holding")
    assert drawn.releasable_on == date(2025, 4, 1)
    assert scenario.do(c.CloseDay) == []
    scenario.today = date(2025, 3, 31)
    scenario.refuses("payout_not_free", c.RequestPayout, amount_fen=1)
    scenario.later(1).do(c.RequestPayout, amount_fen=133)


def test_a_close_draws_each_lesson_once_and_only_the_silent_families() -> None:
    scenario = asked()
    for contract_id in ("c2", "c3", "c4"):
        scenario.sign(contract_id, package(1, 100, 1))
        scenario.pay(contract_id, 100)
    scenario.teach("lesson-1", "c1", "c2", "c3", "c4")
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1", contract_id="c2")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1", contract_id="c3")
    scenario.later(3).teach("lesson-2", "c1")
    scenario.today = date(2025, 4, 30)
    drawn = draws(scenario.do(c.CloseDay))
    assert [(d.lesson_id, [line.contract_id for line in d.lines]) for d in drawn] == [
        ("lesson-1", ["c1", "c4"]),
        ("lesson-2", ["c1"]),
    ]
    assert scenario.account.contracts["c3"].prepaid_fen == 100


def test_a_lesson_told_late_leaves_the_family_no_less_time() -> None:
    scenario = asked()
    scenario.later(7)
    [delivered] = scenario.teach("lesson-1", "c1", effective_on=MONDAY)
    assert isinstance(delivered, e.LessonDelivered)
    assert delivered.deemed_on == date(2025, 3, 31)


def test_two_pending_lessons_never_draw_the_same_money() -> None:
    scenario = asked(price_fen=10000, lessons=3)
    lines: list[e.DrawLine] = []
    for number in range(1, 4):
        [delivered] = scenario.teach(f"lesson-{number}", "c1")
        assert isinstance(delivered, e.LessonDelivered)
        lines += delivered.lines
    assert [(line.lesson, line.amount_fen) for line in lines] == [(1, 3333), (2, 3333), (3, 3334)]
    scenario.refuses("lesson_none_left", c.DeliverLesson, lesson_id="lesson-4", contracts=("c1",))
    for number in (3, 1, 2):
        scenario.do(c.ConfirmLesson, lesson_id=f"lesson-{number}")
    assert (scenario.account.buckets.prepaid, scenario.account.buckets.earned) == (0, 10000)


@pytest.mark.parametrize(("paid_fen", "lessons"), [(65, 1), (66, 2), (67, 2)])
def test_pending_lessons_never_go_beyond_what_is_paid(paid_fen: int, lessons: int) -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.sign("c1", package(1, 100, 3))
    scenario.pay("c1", paid_fen)
    scenario.teach_many("c1", lessons)
    refusal = scenario.refuses("lesson_not_paid", c.DeliverLesson, lesson_id="one more", contracts=("c1",))
    assert refusal.figures["balance_fen"] == paid_fen - [0, 33, 66][lessons]


def test_a_lesson_waits_once_for_a_family() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.refuses("lesson_already_delivered", c.DeliverLesson, lesson_id="lesson-1", contracts=("c1",))


def test_a_pupil_told_later_of_the_same_lesson_has_a_clock_of_its_own() -> None:
    scenario = asked()
    scenario.sign("c2")
    scenario.pay("c2", 1000)
    scenario.teach("lesson-1", "c1")
    scenario.later(1).teach("lesson-1", "c2")
    scenario.today = LAST_DAY + timedelta(days=1)
    assert [line.contract_id for d in draws(scenario.do(c.CloseDay)) for line in d.lines] == ["c1"]
    scenario.later(1)
    assert [line.contract_id for d in draws(scenario.do(c.CloseDay)) for line in d.lines] == ["c2"]


def test_a_pending_lesson_is_taken_back_and_its_money_free_for_the_next() -> None:
    scenario = asked(price_fen=10000, lessons=3)
    scenario.teach_many("c1", 3)
    withdrawn = scenario.one(e.LessonWithdrawn, c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
    assert [(line.lesson, line.amount_fen) for line in withdrawn.lines] == [(2, 3333)]
    scenario.refuses("lesson_not_drawn", c.CorrectLesson, lesson_id="lesson-2", contracts=("c1",))
    [again] = scenario.teach("lesson-4", "c1")
    assert isinstance(again, e.LessonDelivered)
    assert [(line.lesson, line.amount_fen) for line in again.lines] == [(2, 3333)]


def test_a_correction_takes_back_what_waits_what_is_disputed_and_what_was_drawn() -> None:
    scenario = asked()
    for contract_id in ("c2", "c3"):
        scenario.sign(contract_id)
        scenario.pay(contract_id, 1000)
    scenario.teach("lesson-1", "c1", "c2", "c3")
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1", contract_id="c2")
    scenario.do(c.DisputeLesson, lesson_id="lesson-1", contract_id="c3")
    events = scenario.do(c.CorrectLesson, lesson_id="lesson-1", contracts=("c1", "c2", "c3"))
    assert [type(event) for event in events] == [e.LessonWithdrawn, e.DisputeResolved, e.DrawReversed]
    assert (scenario.account.buckets.prepaid, scenario.account.buckets.earned) == (3000, 0)
    assert all(contract.unreserved_fen == 1000 for contract in scenario.account.contracts.values())
    # What was conceded in a dispute is never asked for again.
    scenario.teach("lesson-1", "c1", "c2")
    scenario.refuses("lesson_missed", c.DeliverLesson, lesson_id="lesson-1", contracts=("c3",))


def test_confirmations_recoup_an_advance_first() -> None:
    scenario = paid_contract()
    scenario.teach("lesson-0", "c1")
    scenario.do(c.RequestPayout, amount_fen=100)
    scenario.settle("payout-1")
    scenario.do(c.CorrectLesson, lesson_id="lesson-0", contracts=("c1",))
    scenario.do(c.AssignPolicy, pack="asked")
    scenario.teach("lesson-1", "c1")
    assert scenario.account.buckets.advance == 100
    events = scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    assert [type(event) for event in events] == [e.LessonDrawn, e.AdvanceRecouped]
    assert (scenario.account.buckets.advance, scenario.account.buckets.earned) == (0, 0)


def test_nothing_is_drawn_while_lessons_are_frozen_and_the_next_close_after_draws() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.FreezeAccount, scope="lessons")
    scenario.refuses("account_frozen", c.ConfirmLesson, lesson_id="lesson-1")
    scenario.today = LAST_DAY + timedelta(days=1)
    assert scenario.do(c.CloseDay) == []
    scenario.do(c.UnfreezeAccount, scope="lessons")
    assert len(draws(scenario.do(c.CloseDay))) == 1


def test_the_law_of_the_day_of_the_lesson_counts_for_it() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.do(c.AssignPolicy, pack="default")
    assert [d.basis for d in draws(scenario.teach("lesson-2", "c1"))] == ["immediate"]
    assert [line.lesson for d in draws(scenario.history) for line in d.lines] == [2]
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    assert scenario.account.buckets.earned == 200


def test_pending_lessons_go_on_while_a_refund_is_open() -> None:
    scenario = asked()
    scenario.teach("lesson-1", "c1")
    scenario.teach("lesson-2", "c1")
    scenario.do(c.RequestRefund, contract_id="c1")
    quoted_fen = scenario.account.refunds["refund-1"].quoted_fen
    assert quoted_fen == 800
    scenario.refuses("contract_refund_open", c.DeliverLesson, lesson_id="lesson-3", contracts=("c1",))
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    scenario.do(c.DisputeLesson, lesson_id="lesson-2")
    scenario.do(c.AnswerRefund)
    assert scenario.account.contracts["c1"].prepaid_fen == 100
    scenario.settle(scenario.pending()[0])
    scenario.do(c.ResolveDispute, lesson_id="lesson-2", outcome="dropped")
    scenario.do(c.RequestRefund, contract_id="c1", refund_id="refund-2")
    assert scenario.account.refunds["refund-2"].quoted_fen == 100


def test_a_contract_does_not_end_while_a_lesson_waits() -> None:
    scenario = Scenario()
    scenario.do(c.AssignPolicy, pack="asked-gifts-last")
    scenario.sign("c1", package(1, 100, 1, gifts=1))
    scenario.pay("c1", 100)
    for number in (1, 2):
        scenario.teach(f"lesson-{number}", "c1")
    scenario.do(c.ConfirmLesson, lesson_id="lesson-1")
    scenario.do(c.DisputeLesson, lesson_id="lesson-2")
    assert scenario.account.contracts["c1"].prepaid_fen == 0
    scenario.today = MONDAY + timedelta(days=300)
    scenario.refuses("contract_lessons_open", c.EndContract, contract_id="c1")
    assert scenario.do(c.CloseDay) == []
    scenario.do(c.ResolveDispute, lesson_id="lesson-2", outcome="dropped")
    assert [type(event) for event in scenario.do(c.CloseDay)] == [e.ContractEnded]


def test_a_close_looks_at_due_lessons_only() -> None:
    """Thousands wait; the ones that are due are found by their day, not by looking at every contract."""
    scenario = asked()
    for number in range(2, 40):
        scenario.sign(f"c{number}")
        scenario.pay(f"c{number}", 1000)
    scenario.teach("due", "c1")
    scenario.later(1)
    for number in range(2, 40):
        scenario.teach(f"later-{number}", f"c{number}")
    scenario.today = LAST_DAY + timedelta(days=1)

    class Watched(dict[str, object]):
        asked_for: set[str] = set()  # noqa: RUF012

        def __getitem__(self, key: str) -> object:
            self.asked_for.add(key)
            return super().__getitem__(key)

        def values(self) -> object:  # pyright: ignore[reportIncompatibleMethodOverride]
            raise AssertionError("every contract is looked at")

    watched = Watched(scenario.account.contracts)
    scenario.account.contracts = watched  # pyright: ignore[reportAttributeAccessIssue]
    command = scenario.command(c.CloseDay)
    assert isinstance(command, c.CloseDay)
    assert len(draws(close_lessons(scenario.account, command, scenario.context()))) == 1
    assert watched.asked_for == {"c1"}
