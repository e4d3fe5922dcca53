"""`/v1/lessons`: classes taught, taken back, or not held."""

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
from ledger.application.lessons import correct_lesson, deliver_lesson, record_absence
from ledger.domain.events import (
    Absent,
    DisputeResolved,
    DrawLine,
    DrawReversed,
    LessonDelivered,
    LessonDrawn,
    LessonFinding,
    LessonWithdrawn,
)
from ledger.storage.requests import Outcome

router = APIRouter(tags=["institution"])

Contracts = Annotated[tuple[ContractId, ...], Meta(min_length=1, max_length=2_000)]


class Lesson(Body, frozen=True, kw_only=True):
    """A class taught to the students of these contracts. `lesson_id` is the institution's own, or made here.

    `makes_up` names the missed lesson that this one makes up for (补课).
    """

    account_id: UUID
    course_id: Name
    taught_on: date
    minutes: Annotated[int, Meta(ge=1, le=1440, examples=[45])]
    contracts: Contracts
    lesson_id: Name | None = None
    teacher_id: Name | None = None
    room_id: Name | None = None
    starts_at: Annotated[datetime, Meta(tz=True, examples=["2026-09-01T02:30:00Z"])] | None = None
    makes_up: Name | None = None


class Correction(Body, frozen=True, kw_only=True):
    """For whom the lesson is taken back, and why."""

    account_id: UUID
    contracts: Contracts
    reason: Reason


class Absence(Body, frozen=True, kw_only=True):
    """For whom a lesson did not happen, and who was absent."""

    account_id: UUID
    contracts: Contracts
    lesson_on: date
    absent: Absent
    reason: Reason


class LessonReceipt(Receipt, kw_only=True):
    """What each family's lesson is worth (fen): drawn, or kept until the family answers, at the latest on `deemed_on`.

    `findings` are rules that the lesson broke where the policy reports it instead of refusing.
    """

    lesson_id: str
    lines: list[DrawLine]
    drawn: bool
    deemed_on: date | None
    findings: list[LessonFinding]


class CorrectionReceipt(Receipt, kw_only=True):
    """What each family has back (fen); `from_advance_fen` of it had been paid out and is owed by the institution.

    `withdrawn` are the lessons that had not been drawn yet: their money is free again.
    """

    lesson_id: str
    lines: list[DrawLine]
    withdrawn: list[DrawLine]
    from_advance_fen: int


@router.post(
    "/v1/lessons",
    **described(
        summary="Record a class",
        description="Every family's lesson is drawn, or waits for the family's answer where the policy asks for it; or "
        "the whole class is refused, and the refusal names the contract.",
        answer=LessonReceipt,
        body=Lesson,
        status=201,
        codes=(
            "account_not_found",
            "account_frozen",
            "contract_not_found",
            "contract_refund_open",
            "lesson_already_delivered",
            "lesson_already_drawn",
            "lesson_barred_day",
            "lesson_contract_twice",
            "lesson_ends_late",
            "lesson_made_up_before",
            "lesson_missed",
            "lesson_none_left",
            "lesson_not_paid",
            "lesson_nothing_to_make_up",
            "lesson_outside_contract",
            "lesson_start_elsewhere",
            "lesson_start_missing",
            "lesson_students_many",
            "lesson_while_suspended",
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
        makes_up=body.makes_up or "",
    )
    delivered, drawn = first(outcome, LessonDelivered), first(outcome, LessonDrawn)
    assert delivered is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    receipt = LessonReceipt(
        **fields,
        lesson_id=delivered.lesson_id,
        lines=[*(delivered.lines if drawn is None else drawn.lines)],
        drawn=drawn is not None,
        deemed_on=delivered.deemed_on,
        findings=[*delivered.findings],
    )
    return recorded(receipt, outcome, 201)


@router.post(
    "/v1/lessons/{lesson_id}/correction",
    **described(
        summary="Take back a lesson",
        description="Draws are reversed; lessons that wait are withdrawn; a dispute of the lesson is conceded.",
        answer=CorrectionReceipt,
        body=Correction,
        codes=(
            "account_not_found",
            "contract_not_found",
            "contract_refund_open",
            "lesson_not_drawn",
            "lesson_contract_twice",
        ),
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
    return recorded(_taken_back(outcome, lesson_id), outcome)


def _taken_back(outcome: Outcome, lesson_id: str) -> CorrectionReceipt:
    reversal = first(outcome, DrawReversed)
    withdrawal = first(outcome, LessonWithdrawn)
    conceded = [event.line for event in outcome.events if isinstance(event, DisputeResolved)]
    fields: dict[str, Any] = receipt_fields(outcome)
    return CorrectionReceipt(
        **fields,
        lesson_id=lesson_id,
        lines=[*reversal.lines] if reversal else [],
        withdrawn=[*(withdrawal.lines if withdrawal else ()), *conceded],
        from_advance_fen=reversal.from_advance_fen if reversal else 0,
    )


@router.post(
    "/v1/lessons/{lesson_id}/absence",
    **described(
        summary="Record that a lesson did not happen for these families",
        description="The teacher, or the pupil, was absent. The lesson is never drawn; what was drawn is reversed, "
        "what waits is withdrawn. A lesson that makes up for it names it.",
        answer=CorrectionReceipt,
        body=Absence,
        codes=(
            "account_not_found",
            "contract_not_found",
            "contract_refund_open",
            "lesson_contract_twice",
            "lesson_missed",
            "lesson_outside_contract",
            "lesson_students_many",
        ),
        command=True,
        guarded=True,
    ),
)
async def absence(
    lesson_id: str, call: Annotated[Call[Absence], Depends(command(Absence, "lessons:write"))]
) -> Response:
    body = call.body
    outcome = await record_absence(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        lesson_id=lesson_id,
        lesson_on=body.lesson_on,
        absent=body.absent,
        contracts=body.contracts,
        reason=body.reason,
        on=call.ledger.today(),
    )
    return recorded(_taken_back(outcome, lesson_id), outcome)
