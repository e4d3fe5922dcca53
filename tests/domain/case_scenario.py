"""Given / when / then for one supervision case or one inspection draw."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, Generic, TypeVar
from uuid import UUID

import msgspec
import pytest

from ledger.domain.case import SupervisionCase
from ledger.domain.commands import Command
from ledger.domain.commands import cases as c
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.decisions import Context, decide
from ledger.domain.errors import LedgerError
from ledger.domain.events import Event
from ledger.domain.evolution import evolve
from ledger.domain.inspection import InspectionDraw
from ledger.domain.policy import FixedPolicies, Period, Policy
from ledger.domain.postings import postings
from ledger.storage.mapper import decode_event, encode_event

E = TypeVar("E", bound=Event)
S = TypeVar("S", SupervisionCase, InspectionDraw)

CASE_ID = UUID("01890000-0000-7000-8000-00000000ca5e")
ACCOUNT = "01890000-0000-7000-8000-000000000001"
MONDAY = date(2025, 3, 3)
EDUCATION, SPORTS = "330702/education", "330702/sports"
POLICIES = FixedPolicies(
    {
        "default": Policy(),
        "quick": Policy(pack="quick", case_acceptance=Period(1, "days"), case_rectification=Period(2, "days")),
    }
)
DEFAULTS: dict[type[Command], dict[str, Any]] = {
    c.OpenCase: {
        "kind": "complaint",
        "source": "parent",
        "owner": EDUCATION,
        "institution_id": "school-1",
        "reason": "no refund since May",
        "about_account_id": ACCOUNT,
        "contract_id": "c1",
        "refund_id": "refund-1",
        "family_id": "family-1",
    },
    c.ReclassifyCase: {"kind": "order", "reason": "looked into"},
    c.TransferCase: {"to_handler": SPORTS, "reason": "their licence"},
    c.AssignCase: {"officers": ("officer-1", "officer-2")},
    c.StartCaseStep: {"step": "mediation"},
    c.FinishCaseStep: {"number": 1},
    c.NoteCase: {"note": "went there, closed"},
    c.RecordCaseInspection: {"passed": True, "findings": 0},
    c.RequireRectification: {"demands": (c.Demand(item_id="fire-exit", demand="clear the exit"),)},
    c.AnswerRectification: {"item_id": "fire-exit", "answer": "cleared"},
    c.CheckRectification: {"item_id": "fire-exit", "passed": True},
    c.RecordMediation: {"agreed": True, "terms": "half of it", "amount_fen": 500},
    c.DecideCaseAction: {
        "action_id": "action-1",
        "action": "order_refund",
        "reason": "case 1",
        "refund_id": "refund-1",
        "amount_fen": 700,
    },
    c.LinkCase: {"about_account_id": ACCOUNT, "partition": 0, "position": 9, "version": 4},
    c.RefuseCaseAction: {"action_id": "action-1", "code": "refund_not_waiting", "figures": {"refund_id": "refund-1"}},
    c.CloseCase: {"outcome": "resolved", "reason": "paid back"},
    c.ReopenCase: {"reason": "paid back less"},
    c.CloseCaseDay: {},
    AnnounceInspectionDraw: {"draw_on": MONDAY + timedelta(days=1)},
    DrawInspections: {},
}


class StreamScenario(Generic[S]):
    """One stream in memory, from a Monday on. Commands take the scenario's day when they name none."""

    def __init__(self, state: S, *, acting: tuple[str, ...] = ()) -> None:
        self.state: S = state
        self.today = MONDAY
        self.acting = acting
        self.history: list[Event] = []

    def context(self) -> Context:
        """Noon in UTC, evening of the same day in China."""
        at = datetime(self.today.year, self.today.month, self.today.day, 12, tzinfo=UTC)
        return Context(recorded_at=at, today=self.today, actor="regulator:office@330702/education", policies=POLICIES)

    def command(self, kind: type[Command], /, **said: Any) -> Command:
        """The command with what is not said taken from `DEFAULTS`."""
        spoken: dict[str, Any] = {"account_id": self.state.id, "effective_on": self.today}
        if issubclass(kind, c.CaseCommand):
            spoken["acting"] = self.acting
        return kind(**(spoken | DEFAULTS[kind] | said))

    def do(self, kind: type[Command], /, **said: Any) -> list[Event]:
        """Decide and evolve; the events. Nothing moves money, and a copy decides the same."""
        before = msgspec.json.encode(self.state)
        copy = self.state.copy()
        decided = decide(self.state, self.command(kind, **said), self.context())
        assert msgspec.json.encode(self.state) == before, "a decision changed the state"
        assert decide(copy, self.command(kind, **said), self.context()) == decided, "a copy decides otherwise"
        for event in decided:
            assert postings(event) == ()
            assert decode_event(event.topic, encode_event(event)) == event
            evolve(self.state, event)
        assert msgspec.json.decode(msgspec.json.encode(self.state), type=type(self.state)) == self.state
        self.history += decided
        return decided

    def one(self, expected: type[E], kind: type[Command], /, **said: Any) -> E:
        """Like `do` for a command of exactly one event, which is of the expected class."""
        [event] = self.do(kind, **said)
        assert isinstance(event, expected)
        return event

    def refuses(self, code: str, kind: type[Command], /, **said: Any) -> LedgerError:
        """The command is refused with this code and leaves no trace."""
        before = msgspec.json.encode(self.state)
        with pytest.raises(LedgerError) as refusal:
            decide(self.state, self.command(kind, **said), self.context())
        assert refusal.value.code == code
        assert msgspec.json.encode(self.state) == before
        return refusal.value

    def later(self, days: int) -> "StreamScenario[S]":
        """Let days pass."""
        self.today += timedelta(days=days)
        return self


def case(*, opened: bool = True, **said: Any) -> StreamScenario[SupervisionCase]:
    """A case that the education authority of 330702 received, acting for it."""
    scenario = StreamScenario(SupervisionCase(id=CASE_ID), acting=(EDUCATION,))
    if opened:
        scenario.do(c.OpenCase, **said)
    return scenario
