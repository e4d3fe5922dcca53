"""Commands about the life of a lesson after it was taught, and about lessons that did not happen."""

from datetime import date

from ledger.domain.commands.base import Command
from ledger.domain.events import Absent, ConfirmedHow, DisputeOutcome, ResolvedBy


class ConfirmLesson(Command, frozen=True, kw_only=True, gc=False):
    """A family confirms a delivered lesson, also one that it disputed before. `device` is an opaque token."""

    lesson_id: str
    contract_id: str
    how: ConfirmedHow = "app"
    device: str = ""


class DisputeLesson(Command, frozen=True, kw_only=True, gc=False):
    """A family says that a lesson was not taught, or not as agreed."""

    lesson_id: str
    contract_id: str
    reason: str


class ResolveDispute(Command, frozen=True, kw_only=True, gc=False):
    """Decide a disputed lesson: the institution concedes it, or the regulator orders that it is drawn or dropped."""

    lesson_id: str
    contract_id: str
    outcome: DisputeOutcome
    by: ResolvedBy
    case_id: str = ""
    reason: str


class RecordLeave(Command, frozen=True, kw_only=True, gc=False):
    """A family asked on `effective_on` for leave from the lesson of `lesson_on`.

    `ends_on`: the contract's last day is moved to this one, so that the lesson can be made up.
    """

    lesson_id: str
    contract_id: str
    lesson_on: date
    reason: str
    ends_on: date | None = None


class RecordAbsence(Command, frozen=True, kw_only=True, gc=False):
    """The lesson of `lesson_on` did not happen for these contracts: the teacher, or the pupil, was absent."""

    lesson_id: str
    lesson_on: date
    absent: Absent
    contracts: tuple[str, ...]
    reason: str
