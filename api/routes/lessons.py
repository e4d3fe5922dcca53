"""`/v1/lessons`: classes taught, and draws taken back."""

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractId, Name, Reason
from ledger.application.lessons import correct_lesson, deliver_lesson
from ledger.domain.events import DrawLine, DrawReversed, LessonDelivered, LessonDrawn

router = APIRouter(tags=["institution"])

Contracts = Annotated[tuple[ContractId, ...], Meta(min_length=1, max_length=2_000)]


class Lesson(Body, frozen=True, kw_only=True):
    """A class taught to the students of these contracts. `lesson_id` is the institution's own, or made here."""

    account_id: UUID
    course_id: Name
    taught_on: date
    minutes: Annotated[int, Meta(ge=1, le=1440, examples=[45])]
    contracts: Contracts
    lesson_id: Name | None = None
    teacher_id: Name | None = None
    room_id: Name | None = None
    starts_at: Annotated[datetime, Meta(tz=True, examples=["2026-09-01T02:30:00Z"])] | None = None


class Correction(Body, frozen=True, kw_only=True):
    """Whose draws of the lesson are taken back, and why."""

    account_id: UUID
    contracts: Contracts
    reason: Reason


class LessonReceipt(Receipt, kw_only=True):
    """What each family's lesson was worth (fen)."""

    lesson_id: str
    lines: list[DrawLine]


class CorrectionReceipt(Receipt, kw_only=True):
    """What each family got back (fen), and how much of it had been paid out and is owed by the institution."""

    lesson_id: str
    lines: list[DrawLine]
    from_advance_fen: int


@router.post(
    "/v1/lessons",
    **described(
        summary="Record a class",
        description="Every family's lesson is drawn, or none is: the refusal names the contract.",
        answer=LessonReceipt,
        body=Lesson,
        status=201,
        codes=(
            "account_not_found",
            "account_frozen",
            "contract_not_found",
            "contract_refund_open",
            "lesson_already_drawn",
            "lesson_contract_twice",
            "lesson_none_left",
            "lesson_not_paid",
            "lesson_outside_contract",
            "lesson_students_many",
        ),
        command=True,
        guarded=True,
    ),
)
async def deliver(call: Annotated[Call[Lesson], Depends(command(Lesson, "lessons:write"))]) -> Response:
    body = call.body
    outcome = await deliver_lesson(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        lesson_id=body.lesson_id or str(uuid7()),
        course_id=body.course_id,
        taught_on=body.taught_on,
        minutes=body.minutes,
        contracts=body.contracts,
        teacher_id=body.teacher_id or "",
        room_id=body.room_id or "",
        starts_at=body.starts_at,
    )
    delivered, drawn = first(outcome, LessonDelivered), first(outcome, LessonDrawn)
    assert delivered is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    lines = [] if drawn is None else [*drawn.lines]
    return recorded(LessonReceipt(**fields, lesson_id=delivered.lesson_id, lines=lines), outcome, 201)


@router.post(
    "/v1/lessons/{lesson_id}/correction",
    **described(
        summary="Take back a lesson's draws",
        answer=CorrectionReceipt,
        body=Correction,
        codes=("account_not_found", "contract_not_found", "lesson_not_drawn", "lesson_contract_twice"),
        command=True,
        guarded=True,
    ),
)
async def correct(
    lesson_id: str, call: Annotated[Call[Correction], Depends(command(Correction, "lessons:write"))]
) -> Response:
    body = call.body
    outcome = await correct_lesson(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        lesson_id=lesson_id,
        contracts=body.contracts,
        reason=body.reason,
        on=call.ledger.today(),
    )
    taken_back = first(outcome, DrawReversed)
    assert taken_back is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        CorrectionReceipt(
            **fields,
            lesson_id=taken_back.lesson_id,
            lines=[*taken_back.lines],
            from_advance_fen=taken_back.from_advance_fen,
        ),
        outcome,
    )
