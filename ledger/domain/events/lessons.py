"""Events of lessons: delivered to a class, drawn from its families' fees, reversed."""

from datetime import date, datetime
from typing import Literal

from ledger.domain.events.base import Event, Value, topic

DrawBasis = Literal["confirmed", "deemed", "immediate", "ordered"]


class DrawLine(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One family's lesson: the `lesson`-th of a package, worth `amount_fen`."""

    contract_id: str
    package: int
    lesson: int
    amount_fen: int


@topic("account.lesson_delivered")
class LessonDelivered(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A class was taught to the students of these contracts."""

    lesson_id: str
    course_id: str
    teacher_id: str = ""
    room_id: str = ""
    starts_at: datetime | None = None
    minutes: int
    contracts: tuple[str, ...]


@topic("account.lesson_drawn")
class LessonDrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The lesson's share of each family's fees became the institution's, payable from `releasable_on`."""

    lesson_id: str
    lines: tuple[DrawLine, ...]
    basis: DrawBasis
    releasable_on: date


@topic("account.draw_reversed")
class DrawReversed(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Draws were wrong: the amounts are the families' again.

    `from_earned_fen` comes out of what the institution has not been paid yet; `from_advance_fen` had left
    the account already, so the institution owes it as an advance that its next lessons recoup first.
    """

    lesson_id: str
    lines: tuple[DrawLine, ...]
    from_earned_fen: int
    from_advance_fen: int
    reason: str


@topic("account.advance_recouped")
class AdvanceRecouped(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Earned lessons paid back money that the institution had received too early."""

    amount_fen: int
