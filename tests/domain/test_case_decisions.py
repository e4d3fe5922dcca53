"""A supervision case from its opening to its end: the first receiver, the steps and their clocks."""

from datetime import date, timedelta
from typing import Any

import pytest

from ledger.domain import commands as account_commands
from ledger.domain import events as e
from ledger.domain.account import EscrowAccount
from ledger.domain.case import SupervisionCase
from ledger.domain.commands import Command
from ledger.domain.commands import cases as c
from ledger.domain.commands import inspections as d
from ledger.domain.decisions import CASE_DECISIONS, decide
from ledger.domain.errors import LedgerError
from ledger.domain.inspection import InspectionDraw
from ledger.domain.policy import Policy
from tests.domain.case_scenario import CASE_ID, DEFAULTS, EDUCATION, MONDAY, SPORTS, StreamScenario, case
from tests.domain.scenario import Scenario

CASE_COMMANDS = [kind for kind in CASE_DECISIONS if issubclass(kind, c.CaseCommand)]


def names(events: list[e.Event]) -> list[str]:
    return [type(event).__name__ for event in events]


def test_every_command_has_a_decision_and_a_scenario() -> None:
    commands = {
        cls for module in (c, d) for cls in vars(module).values() if isinstance(cls, type) and issubclass(cls, Command)
    } - {Command, c.CaseCommand, d.DrawCommand}
    assert set(CASE_DECISIONS) == commands == set(DEFAULTS)


@pytest.mark.parametrize(
    ("kind", "step", "due_on"),
    [
        ("complaint", "acceptance", date(2025, 3, 12)),
        ("clue", "investigation", date(2025, 3, 24)),
        ("inspection", "inspection", date(2025, 3, 31)),
        ("refund_dispute", "acceptance", date(2025, 3, 12)),
        ("order", "decision", date(2025, 3, 31)),
    ],
)
def test_each_kind_begins_with_its_step_and_clock(kind: str, step: str, due_on: date) -> None:
    scenario = case(opened=False)
    opened, started = scenario.do(c.OpenCase, kind=kind)
    assert isinstance(opened, e.CaseOpened)
    assert isinstance(started, e.CaseStepStarted)
    assert (opened.kind, opened.owner, opened.policy, opened.rules) == (
        kind,
        EDUCATION,
        "default@1",
        ("case.first_receiver",),
    )
    assert (started.number, started.step, started.who, started.due_on) == (1, step, EDUCATION, due_on)
    assert (started.policy, started.rules) == ("default@1", (f"case.{step}",))
    assert scenario.state.handler == EDUCATION


def test_a_pack_says_how_long_a_step_takes() -> None:
    scenario = case(pack="quick")
    assert scenario.state.steps[1].due_on == MONDAY + timedelta(days=1)
    case(opened=False).refuses("policy_unknown", c.OpenCase, pack="nowhere")


def test_a_task_can_name_its_own_last_day_but_none_that_is_past() -> None:
    scenario = case(opened=False, kind="inspection")
    scenario.refuses("case_due_past", c.OpenCase, kind="inspection", due_on=MONDAY - timedelta(days=1))
    _, assigned, started = scenario.do(c.OpenCase, kind="inspection", due_on=MONDAY, officers=("officer-1",))
    assert isinstance(assigned, e.CaseAssigned)
    assert isinstance(started, e.CaseStepStarted)
    assert (started.due_on, started.policy, started.rules) == (MONDAY, None, ())


def test_a_case_opens_once() -> None:
    case().refuses("case_exists", c.OpenCase)


@pytest.mark.parametrize("kind", [kind for kind in CASE_COMMANDS if kind is not c.OpenCase])
def test_nothing_happens_to_a_case_that_is_not_open(kind: type[Command]) -> None:
    case(opened=False).refuses("case_not_found", kind)


def test_a_stream_of_another_kind_is_not_there() -> None:
    context, account, opened = Scenario().context(), Scenario().account, case()
    freeze = account_commands.FreezeAccount(account_id=CASE_ID, effective_on=MONDAY, scope="all", reason="r")
    drawn = d.DrawInspections(account_id=CASE_ID, effective_on=MONDAY)
    for state, command, code in [
        (opened.state, freeze, "account_not_found"),
        (opened.state, drawn, "draw_not_found"),
        (account, opened.command(c.NoteCase), "case_not_found"),
        (account, drawn, "draw_not_found"),
    ]:
        with pytest.raises(LedgerError) as refusal:
            decide(state, command, context)
        assert refusal.value.code == code


def test_a_note_is_dated_today_or_before() -> None:
    scenario = case()
    scenario.refuses("date_in_future", c.NoteCase, effective_on=MONDAY + timedelta(days=1))
    assert scenario.one(e.CaseNoted, c.NoteCase).effective_on == MONDAY


def test_a_transfer_is_recorded_and_the_first_receiver_still_owns_the_case() -> None:
    scenario = case()
    event = scenario.one(e.CaseTransferred, c.TransferCase)
    assert (event.from_handler, event.to_handler, event.rules) == (EDUCATION, SPORTS, ("case.first_receiver",))
    assert (scenario.state.owner, scenario.state.handler) == (EDUCATION, SPORTS)
    scenario.refuses("case_handler_same", c.TransferCase)
    scenario.acting = (SPORTS,)
    assert scenario.refuses("case_not_owner", c.CloseCase).figures == {"owner": EDUCATION}
    scenario.acting = (EDUCATION,)
    scenario.do(c.CloseCase)
    scenario.acting = (SPORTS,)
    scenario.refuses("case_not_owner", c.ReopenCase)


@pytest.mark.parametrize(
    ("acting", "may"),
    [
        ((EDUCATION,), True),
        (("330702",), True),
        (("*",), True),
        (("*/education",), True),
        (("330703", "330702/education"), True),
        ((SPORTS,), False),
        (("330703",), False),
        (("330703/education",), False),
        (("*/sports",), False),
        ((), False),
    ],
)
def test_who_acts_for_the_owner_may_close(acting: tuple[str, ...], may: bool) -> None:
    scenario = case()
    if may:
        assert names(scenario.do(c.CloseCase, acting=acting)) == ["CaseStepDone", "CaseClosed"]
    else:
        scenario.refuses("case_not_owner", c.CloseCase, acting=acting)


def test_steps_are_numbered_and_run_once_at_a_time() -> None:
    scenario = case()
    started = scenario.one(e.CaseStepStarted, c.StartCaseStep)
    assert (started.number, started.due_on, started.rules) == (2, date(2025, 5, 5), ("case.mediation",))
    assert scenario.refuses("case_step_running", c.StartCaseStep).figures == {"number": 2, "step": "mediation"}
    scenario.one(e.CaseStepDone, c.FinishCaseStep, number=2)
    scenario.refuses("case_step_not_found", c.FinishCaseStep, number=2)
    assert scenario.one(e.CaseStepStarted, c.StartCaseStep).number == 3
    scenario.do(c.TransferCase)
    named = scenario.one(e.CaseStepStarted, c.StartCaseStep, step="decision", due_on=MONDAY)
    assert (named.who, named.rules) == (SPORTS, ())
    scenario.refuses("case_due_past", c.StartCaseStep, step="investigation", due_on=MONDAY - timedelta(days=1))


def test_a_step_is_overdue_on_the_day_after_its_last_and_once() -> None:
    scenario = case().later(9)
    assert scenario.do(c.CloseCaseDay) == []
    [overdue] = scenario.later(1).do(c.CloseCaseDay)
    assert overdue == e.CaseStepOverdue(
        recorded_at=scenario.context().recorded_at,
        effective_on=date(2025, 3, 13),
        actor="regulator:office@330702/education",
        cause="close_case_day",
        number=1,
        due_on=date(2025, 3, 12),
    )
    assert scenario.do(c.CloseCaseDay) == []
    assert scenario.later(5).do(c.CloseCaseDay) == []
    scenario.do(c.FinishCaseStep)
    assert scenario.state.steps == {}


def test_only_a_clue_becomes_a_case_of_another_kind() -> None:
    scenario = case(kind="clue")
    scenario.refuses("case_kind_wrong", c.ReclassifyCase, kind="clue")
    scenario.do(c.ReclassifyCase)
    assert scenario.state.kind == "order"
    scenario.refuses("case_kind_wrong", c.ReclassifyCase, kind="inspection")


def test_a_mediation_ends_its_step_and_lets_the_case_end_with_it() -> None:
    scenario = case()
    scenario.do(c.StartCaseStep)
    scenario.refuses("mediation_amount_wrong", c.RecordMediation, agreed=False, amount_fen=1)
    scenario.refuses("mediation_amount_wrong", c.RecordMediation, agreed=True, amount_fen=-1)
    assert names(scenario.do(c.RecordMediation, agreed=False, amount_fen=0)) == ["CaseMediated", "CaseStepDone"]
    scenario.refuses("case_not_mediated", c.CloseCase, outcome="mediated")
    assert names(scenario.do(c.RecordMediation, amount_fen=0)) == ["CaseMediated"]
    scenario.do(c.CloseCase, outcome="mediated")
    assert scenario.state.state == "closed"


@pytest.mark.parametrize(("kind", "may"), [("complaint", True), ("refund_dispute", True), ("clue", False),
                                           ("inspection", False), ("order", False)])  # fmt: skip
def test_families_and_institutions_are_mediated_between(kind: str, may: bool) -> None:
    scenario = case(kind=kind)
    if may:
        scenario.do(c.RecordMediation)
    else:
        scenario.refuses("case_kind_wrong", c.RecordMediation)


CLOSED_TO: list[tuple[type[Command], dict[str, Any]]] = [
    (c.ReclassifyCase, {}),
    (c.TransferCase, {}),
    (c.AssignCase, {}),
    (c.StartCaseStep, {}),
    (c.FinishCaseStep, {}),
    (c.RecordCaseInspection, {}),
    (c.RequireRectification, {}),
    (c.AnswerRectification, {}),
    (c.CheckRectification, {}),
    (c.RecordMediation, {}),
    (c.DecideCaseAction, {}),
    (c.CloseCase, {}),
]


@pytest.mark.parametrize(("kind", "said"), CLOSED_TO)
def test_a_closed_case_takes_notes_and_nothing_else(kind: type[Command], said: dict[str, Any]) -> None:
    scenario = case()
    scenario.do(c.CloseCase, outcome="dismissed")
    scenario.refuses("case_closed", kind, **said)
    assert scenario.do(c.CloseCaseDay) == []
    scenario.one(e.CaseNoted, c.NoteCase)


def test_a_closed_case_goes_on_with_an_investigation() -> None:
    scenario = case()
    scenario.refuses("case_not_closed", c.ReopenCase)
    scenario.do(c.CloseCase)
    reopened, started = scenario.do(c.ReopenCase)
    assert isinstance(reopened, e.CaseReopened)
    assert isinstance(started, e.CaseStepStarted)
    assert (started.number, started.step, started.rules) == (2, "investigation", ("case.investigation",))
    scenario.do(c.CloseCase)


def test_states_are_copied_deeply() -> None:
    scenario = case()
    copy = scenario.state.copy()
    assert copy == scenario.state
    copy.steps[1].overdue = True
    copy.linked.append("x")
    assert scenario.state.steps[1].overdue is False
    assert scenario.state.linked == []


def test_every_period_of_a_case_is_the_policys() -> None:
    fields = {name for name in Policy.__struct_fields__ if name.startswith("case_")} - {"case_from_alerts"}
    steps = {"acceptance", "investigation", "inspection", "mediation", "decision"}
    assert fields == {f"case_{name}" for name in steps | {"rectification", "recheck"}}


def test_kinds_of_streams_stay_apart() -> None:
    assert c.OpenCase.aggregate is SupervisionCase
    assert d.DrawInspections.aggregate is InspectionDraw
    assert not issubclass(EscrowAccount, SupervisionCase)
    assert isinstance(StreamScenario(InspectionDraw(id=CASE_ID)).state, InspectionDraw)
