"""Events of lessons: delivered to a class, drawn from its families' fees, taken back."""

from datetime import date, datetime
from typing import Literal

from ledger.domain.events.base import Event, Value, topic
from ledger.domain.events.clocks import Term

DrawBasis = Literal["confirmed", "deemed", "immediate", "ordered"]
LessonRule = Literal["lesson.barred_days", "lesson.latest_end"]
ConfirmedHow = Literal["app", "code", "paper", "hotline"]


class DrawLine(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One family's lesson: the `lesson`-th of a package, worth `amount_fen` of what it prepaid.

    A family that pays after the lesson is billed `billed_fen` for it.
    """

    contract_id: str
    package: int
    lesson: int
    amount_fen: int
    billed_fen: int = 0


class LessonFinding(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A rule that the lesson broke where the pack says alert; `figures` fit the sentences of refusal code `code`."""

    rule: LessonRule
    code: str
    figures: dict[str, int | str]


class Confirmation(Value, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """How a family confirmed. `device` is an opaque token of what it used; it was told of the lesson at `told_at`."""

    how: ConfirmedHow
    device: str = ""
    told_at: datetime


@topic("account.lesson_delivered")
class LessonDelivered(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A class was taught to the students of these contracts.

    Where families are asked before anything is drawn, `lines` are what each lesson is worth once it is drawn, kept
    for it until then; `deemed_on` is the last day to answer, counted as `deemed_term` says. `makes_up` names the missed
    lesson that this one makes up for (补课).
    """

    lesson_id: str
    course_id: str
    teacher_id: str = ""
    room_id: str = ""
    starts_at: datetime | None = None
    minutes: int
    contracts: tuple[str, ...]
    makes_up: str = ""
    lines: tuple[DrawLine, ...] = ()
    deemed_on: date | None = None
    deemed_term: Term | None = None
    findings: tuple[LessonFinding, ...] = ()


@topic("account.lesson_drawn")
class LessonDrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The lesson's share of each family's fees became the institution's, payable from `releasable_on`.

    `confirmation` says how the family confirmed it (basis `confirmed`).
    """

    lesson_id: str
    lines: tuple[DrawLine, ...]
    basis: DrawBasis
    releasable_on: date
    confirmation: Confirmation | None = None


@topic("account.lesson_withdrawn")
class LessonWithdrawn(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The institution takes back lessons that were not drawn yet; what was kept for them is free again."""

    lesson_id: str
    lines: tuple[DrawLine, ...]
    reason: str


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
