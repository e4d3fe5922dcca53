"""Use cases of lessons: a class delivered, and draws taken back."""

from datetime import date, datetime
from uuid import UUID

from ledger.application.caller import Caller
from ledger.application.ledger import Ledger
from ledger.application.recording import record
from ledger.domain.commands import CorrectLesson, DeliverLesson
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
) -> Outcome:
    """Record a class; every family's lesson is drawn, or none is. Raises `lesson_not_paid`, `lesson_none_left`, ..."""
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
    """Take back a lesson's draws. Raises `lesson_not_drawn`."""
    command = CorrectLesson(
        account_id=account_id, effective_on=on, lesson_id=lesson_id, contracts=contracts, reason=reason
    )
    return await record(ledger, caller, command)
