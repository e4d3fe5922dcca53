"""Events of the clocks: teaching suspended and resumed, deadlines counted anew."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, Value, topic

TermUnit = Literal["working_days", "days"]
ClockName = Literal["refund.answer", "refund.decision", "refund.payment", "lesson.deemed", "top_up"]
MoveReason = Literal["calendar", "suspension"]


class Pause(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Days that no clock counts: `from_on` to the day before `until_on`."""

    from_on: date
    until_on: date


class Term(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How a deadline was counted, so that it can be counted again: `count` days of a unit after `starts_on`.

    `provisional`: the term crosses into a year whose holidays were not published when it was counted.
    """

    starts_on: date
    count: int
    unit: TermUnit = "working_days"
    provisional: bool = False
    pauses: tuple[Pause, ...] = ()


class MovedDeadline(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One deadline: `subject_id` is the refund, the lesson (of these `contracts`), or empty for the account's top-up.

    `old_on` and `new_on` are equal when a provisional date was found right. `term` is how it is counted now;
    a deadline recorded without a term has none.
    """

    clock: ClockName
    subject_id: str = ""
    old_on: date
    new_on: date
    term: Term | None = None
    contracts: tuple[str, ...] = ()


@topic("account.teaching_suspended")
class TeachingSuspended(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Force majeure (不可抗力): from `effective_on` on no clock runs and nothing is paid out; refunds go on."""

    reason: str


@topic("account.teaching_resumed")
class TeachingResumed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Teaching goes on from `effective_on`, and so do the clocks and payouts that stood still since `since_on`."""

    since_on: date
    reason: str


@topic("account.deadlines_moved")
class DeadlinesMoved(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Open deadlines were counted anew: a suspension ended, or the holidays of a year were published."""

    lines: tuple[MovedDeadline, ...]
    reason: MoveReason
