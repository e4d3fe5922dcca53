"""What comes of a case: inspections, rectifications with due dates and re-checks, and what is done to the account."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import events as e
from ledger.domain.commands import cases as c
from tests.domain.case_scenario import ACCOUNT, MONDAY, case

TWO = (
    c.Demand(item_id="fire-exit", demand="clear the exit"),
    c.Demand(item_id="licence", demand="hang it up", due_on=MONDAY + timedelta(days=3)),
)


def test_an_inspection_ends_its_step() -> None:
    scenario = case(kind="inspection")
    recorded, done = scenario.do(c.RecordCaseInspection, passed=False, findings=2, head_count=40)
    assert isinstance(recorded, e.CaseInspectionRecorded)
    assert (recorded.findings, recorded.head_count, recorded.effective_on) == (2, 40, MONDAY)
    assert done == e.CaseStepDone(**_envelope(recorded), number=1)
    assert len(scenario.do(c.RecordCaseInspection)) == 1, "a second look has no step of its own"


def _envelope(event: e.Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in ("recorded_at", "effective_on", "actor", "cause")}


@pytest.mark.parametrize(("passed", "findings"), [(True, 1), (False, 0), (True, -1), (False, -1)])
def test_findings_and_verdict_agree(passed: bool, findings: int) -> None:
    case().refuses("inspection_findings_wrong", c.RecordCaseInspection, passed=passed, findings=findings)


def test_rectifications_are_due_on_the_named_day_or_the_policys() -> None:
    scenario = case()
    event = scenario.one(e.CaseRectificationRequired, c.RequireRectification, demands=TWO)
    assert [item.due_on for item in event.items] == [date(2025, 4, 2), date(2025, 3, 6)]
    assert event.rules == ("case.rectification",)
    scenario.refuses("rectification_exists", c.RequireRectification)
    twice = (c.Demand(item_id="a", demand="x"), c.Demand(item_id="a", demand="y"))
    scenario.refuses("rectification_exists", c.RequireRectification, demands=twice)
    late = (c.Demand(item_id="a", demand="x", due_on=MONDAY - timedelta(days=1)),)
    scenario.refuses("case_due_past", c.RequireRectification, demands=late)


def test_a_rectification_that_fails_is_due_again() -> None:
    scenario = case()
    scenario.do(c.RequireRectification)
    scenario.refuses("rectification_not_found", c.AnswerRectification, item_id="other")
    scenario.refuses("rectification_not_found", c.CheckRectification, item_id="other")
    scenario.one(e.CaseRectificationAnswered, c.AnswerRectification)
    assert scenario.state.rectifications["fire-exit"].answered
    failed = scenario.one(e.CaseRectificationChecked, c.CheckRectification, passed=False)
    assert (failed.due_on, failed.rules) == (date(2025, 3, 17), ("case.recheck",))
    assert not scenario.state.rectifications["fire-exit"].answered
    scenario.refuses("case_due_past", c.CheckRectification, passed=False, due_on=MONDAY - timedelta(days=1))
    assert scenario.refuses("rectifications_open", c.CloseCase).figures == {"count": 1}
    scenario.one(e.CaseRectificationChecked, c.CheckRectification)
    scenario.refuses("rectification_not_found", c.CheckRectification)
    scenario.refuses("rectification_exists", c.RequireRectification)
    scenario.do(c.CloseCase)


def test_a_rectification_is_overdue_after_each_of_its_last_days() -> None:
    scenario = case()
    scenario.do(c.FinishCaseStep)
    scenario.do(c.RequireRectification, demands=TWO)
    assert scenario.later(3).do(c.CloseCaseDay) == []
    overdue = scenario.later(1).one(e.CaseRectificationOverdue, c.CloseCaseDay)
    assert (overdue.item_id, overdue.due_on) == ("licence", date(2025, 3, 6))
    assert scenario.do(c.CloseCaseDay) == []
    scenario.do(c.CheckRectification, item_id="licence", passed=False, due_on=scenario.today)
    assert scenario.later(1).one(e.CaseRectificationOverdue, c.CloseCaseDay).item_id == "licence"


def test_an_action_is_decided_then_linked_and_the_case_can_end() -> None:
    scenario = case()
    decided = scenario.one(e.CaseActionDecided, c.DecideCaseAction)
    assert (decided.about_account_id, decided.refund_id, decided.amount_fen) == (ACCOUNT, "refund-1", 700)
    assert scenario.state.actions["action-1"].decided_by == "regulator:office@330702/education"
    assert scenario.refuses("case_actions_pending", c.CloseCase).figures == {"count": 1}
    scenario.refuses("case_action_exists", c.DecideCaseAction)
    scenario.refuses("case_action_not_found", c.LinkCase, action_id="action-2")
    linked = scenario.one(e.CaseLinked, c.LinkCase, action_id="action-1", topic_of="account.refund_agreed")
    assert (linked.position, linked.version, linked.topic_of) == (9, 4, "account.refund_agreed")
    assert scenario.do(c.LinkCase, action_id="action-1") == []
    scenario.refuses("case_action_exists", c.DecideCaseAction)
    scenario.refuses("case_action_not_found", c.RefuseCaseAction)
    scenario.do(c.CloseCase)
    assert scenario.do(c.LinkCase, action_id="action-1") == [], "a link that comes again after the end"


def test_a_refused_action_can_still_be_carried_out_and_does_not_keep_the_case_open() -> None:
    scenario = case()
    scenario.refuses("case_action_not_found", c.RefuseCaseAction)
    scenario.do(c.DecideCaseAction)
    refused = scenario.one(e.CaseActionRefused, c.RefuseCaseAction)
    assert (refused.code, refused.figures) == ("refund_not_waiting", {"refund_id": "refund-1"})
    assert scenario.do(c.RefuseCaseAction) == []
    assert scenario.one(e.CaseActionRefused, c.RefuseCaseAction, code="account_frozen").code == "account_frozen"
    scenario.do(c.LinkCase, action_id="action-1")
    assert scenario.state.actions == {}
    scenario.do(c.CloseCase)


def test_a_refused_action_lets_the_case_end() -> None:
    scenario = case()
    scenario.do(c.DecideCaseAction)
    scenario.do(c.RefuseCaseAction)
    scenario.do(c.CloseCase)


def test_an_event_of_the_account_is_linked_once() -> None:
    scenario = case()
    scenario.one(e.CaseLinked, c.LinkCase)
    assert scenario.do(c.LinkCase) == []
    scenario.one(e.CaseLinked, c.LinkCase, version=5)
    scenario.refuses("case_without_account", c.LinkCase, about_account_id="01890000-0000-7000-8000-000000000002")


def test_nothing_is_done_to_an_account_that_the_case_does_not_name() -> None:
    scenario = case(about_account_id="", contract_id="", refund_id="")
    scenario.refuses("case_without_account", c.DecideCaseAction)
    scenario.refuses("case_without_account", c.LinkCase, about_account_id="")


@pytest.mark.parametrize(
    "said",
    [
        {"refund_id": ""},
        {"scope": "all"},
        {"listing": "black"},
        {"action": "freeze"},
        {"action": "freeze", "refund_id": "", "amount_fen": 0},
        {"action": "freeze", "refund_id": "", "amount_fen": 1, "scope": "all"},
        {"action": "unfreeze", "refund_id": "", "amount_fen": 0, "listing": "black"},
        {"action": "list", "refund_id": "", "amount_fen": 0, "scope": "all"},
        {"action": "list", "refund_id": "", "amount_fen": 0, "scope": "all", "listing": "black"},
    ],
)
def test_an_action_says_what_it_needs_and_no_more(said: dict[str, Any]) -> None:
    case().refuses("case_action_wrong", c.DecideCaseAction, **said)


@pytest.mark.parametrize(
    "said",
    [
        {"action": "freeze", "scope": "payouts"},
        {"action": "unfreeze", "scope": "all"},
        {"action": "list", "listing": "watch"},
    ],
)
def test_freezes_and_listings_are_actions_too(said: dict[str, Any]) -> None:
    none = {"refund_id": "", "amount_fen": 0}
    event = case().one(e.CaseActionDecided, c.DecideCaseAction, **(none | said))
    assert (event.action, event.scope, event.listing) == (said["action"], said.get("scope"), said.get("listing"))


def test_an_ordered_refund_has_an_amount() -> None:
    case().refuses("amount_not_positive", c.DecideCaseAction, amount_fen=0)
