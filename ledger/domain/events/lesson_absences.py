"""Events of lessons that did not happen for a family: leave asked in time, absences."""

from datetime import date
from typing import Literal

from ledger.domain.events.base import Event, topic
from ledger.domain.events.charges import ChargeFinding

Absent = Literal["pupil", "teacher"]


@topic("account.leave_recorded")
class LeaveRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A family asked for leave (请假) from the lesson of `lesson_on` in time: the lesson is never drawn for it.

    `ends_on` is the contract's last day from now on, where the leave moves it; `findings` are the caps that its charge
    goes beyond thereby.
    """

    contract_id: str
    lesson_id: str
    lesson_on: date
    reason: str
    ends_on: date | None = None
    findings: tuple[ChargeFinding, ...] = ()


@topic("account.absence_recorded")
class AbsenceRecorded(Event, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The lesson of `lesson_on` did not happen for these contracts: the teacher, or the pupil, was absent.

    It is never drawn for them; a lesson that makes up for it names it.
    """

    lesson_id: str
    lesson_on: date
    absent: Absent
    contracts: tuple[str, ...]
    reason: str
