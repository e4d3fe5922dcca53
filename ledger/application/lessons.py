"""Use cases of classes: delivered, taken back, or not held."""

from datetime import date, datetime
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import CorrectLesson, DeliverLesson, RecordAbsence
from ledger.domain.events import Absent
from ledger.storage.requests import Outcome


async def deliver_lesson(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    course_id: str,
    taught_on: date,
    minutes: int,
    contracts: tuple[str, ...],
    teacher_id: str = "",
    room_id: str = "",
    starts_at: datetime | None = None,
    makes_up: str = "",
) -> Outcome:
    """Record a class; every family's lesson is drawn or waits for its word, or none does.

    Raises `lesson_not_paid`, `lesson_none_left`, `lesson_missed`, ...
    """
    command = DeliverLesson(
        account_id=account_id,
        effective_on=taught_on,
        lesson_id=lesson_id,
        course_id=course_id,
        teacher_id=teacher_id,
        room_id=room_id,
        starts_at=starts_at,
        minutes=minutes,
        contracts=contracts,
        makes_up=makes_up,
    )
    return await record(ledger, caller, command)


async def correct_lesson(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    contracts: tuple[str, ...],
    reason: str,
    on: date,
) -> Outcome:
    """Take back a lesson, drawn or not. Raises `lesson_not_drawn`."""
    command = CorrectLesson(
        account_id=account_id, effective_on=on, lesson_id=lesson_id, contracts=contracts, reason=reason
    )
    return await record(ledger, caller, command)


async def record_absence(
    ledger: Ledger,
    caller: Caller,
    *,
    account_id: UUID,
    lesson_id: str,
    lesson_on: date,
    absent: Absent,
    contracts: tuple[str, ...],
    reason: str,
    on: date,
) -> Outcome:
    """Record that a lesson did not happen for these contracts. Raises `lesson_missed`, `lesson_outside_contract`."""
    command = RecordAbsence(
        account_id=account_id,
        effective_on=on,
        lesson_id=lesson_id,
        lesson_on=lesson_on,
        absent=absent,
        contracts=contracts,
        reason=reason,
    )
    return await record(ledger, caller, command)
