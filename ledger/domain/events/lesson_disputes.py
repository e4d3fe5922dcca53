"""Events of disputed lessons: a family objects to one lesson, and somebody decides."""

from typing import Literal

from ledger.domain.events.base import Event, topic
from ledger.domain.events.lessons import DrawLine

DisputeOutcome = Literal["dropped", "drawn"]
ResolvedBy = Literal["institution", "order"]


@topic("account.lesson_disputed")
class LessonDisputed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A family says that a lesson was not taught, or not as agreed: this lesson waits, the rest goes on.

    The amount of `line` is the family's and kept until the dispute is resolved. `reversed`: silence had drawn it, and
    the draw was taken back for the dispute.
    """

    lesson_id: str
    line: DrawLine
    reason: str
    reversed: bool = False


@topic("account.dispute_resolved")
class DisputeResolved(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The dispute is over: the lesson is dropped for this family (never drawn), or drawn by order.

    `by` the institution, which can only concede, or the regulator's order, which may name its case.
    """

    lesson_id: str
    line: DrawLine
    outcome: DisputeOutcome
    by: ResolvedBy
    case_id: str = ""
    reason: str
