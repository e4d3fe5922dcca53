"""`/v1/lessons/{lesson_id}/...`: what one family's lesson meets with: a confirmation, a dispute, a decision, leave."""

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, first, found, receipt, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractId, Name, Reason
from api.pages import (
    Id,
    Limit,
    Page,
    PageCursor,
    Reading,
    account_filter,
    page_of,
    place_of,
    read_cursor,
    reading,
    scope_of,
)
from api.query import Day
from ledger.application.lesson_answers import confirm_lesson, dispute_lesson, record_leave, resolve_dispute
from ledger.application.refunds import contract_of_family
from ledger.domain.events import DisputeOutcome, LessonDrawn
from ledger.projections import lessons
from ledger.projections.lessons import FamilyLesson, LessonState
from ledger.storage.requests import Outcome

router = APIRouter()

DeviceToken = Annotated[
    str,
    Meta(
        max_length=64,
        pattern=r"^[0-9A-Za-z_-]*(?!\n)$",
        description="An opaque token of the device, never a number of a telephone or a person.",
        examples=["d-7f3a9c"],
    ),
]


class LessonConfirmation(Body, frozen=True, kw_only=True):
    """The family's word that the lesson was taught."""

    contract_id: ContractId
    how: Literal["app", "code"] = "app"
    device: DeviceToken = ""


class Objection(Body, frozen=True, kw_only=True):
    """Why the family disputes the lesson."""

    contract_id: ContractId
    reason: Reason


class Concession(Body, frozen=True, kw_only=True):
    """Why the institution gives the disputed lesson up."""

    contract_id: ContractId
    reason: Reason


class Ruling(Body, frozen=True, kw_only=True):
    """Whether the disputed lesson is drawn, or dropped for this family for good, and in which case that was decided."""

    contract_id: ContractId
    outcome: DisputeOutcome
    reason: Reason
    case_id: Name | None = None


class Leave(Body, frozen=True, kw_only=True):
    """Leave from the lesson of `lesson_on`, asked for on `asked_on` (today, if it is not said).

    `ends_on`: the contract's new last day, where the leave moves it.
    """

    contract_id: ContractId
    lesson_on: date
    reason: Reason
    asked_on: date | None = None
    ends_on: date | None = None


class DrawReceipt(Receipt, kw_only=True):
    """What was drawn of the family's fees (fen), 0 if nothing was, and from when it may be paid out."""

    lesson_id: str
    amount_fen: int
    releasable_on: date | None


@router.get(
    "/v1/lessons",
    tags=["parent"],
    **described(
        summary="List lessons that families were asked about, and lessons that did not happen",
        description="`deemed_on` is the last day on which the family may answer a `pending` lesson; `due_by` lists "
        "those whose last day is not later. Lessons that a policy draws at once are not listed.",
        answer=Page[FamilyLesson],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_lessons(
    read: Annotated[Reading, Depends(reading("lessons:read"))],
    account_id: Id | None = None,
    contract_id: Id | None = None,
    lesson_id: Id | None = None,
    state: LessonState | None = None,
    due_by: Day | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await lessons.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            contract_id=contract_id,
            lesson_id=lesson_id,
            state=state,
            due_by=due_by,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.post(
    "/v1/lessons/{lesson_id}/confirmation",
    tags=["parent"],
    **described(
        summary="Confirm a lesson",
        description="The lesson is drawn. A dispute of it is over.",
        answer=DrawReceipt,
        body=LessonConfirmation,
        codes=("contract_not_found", "account_frozen", "lesson_already_drawn", "lesson_not_pending"),
        command=True,
        guarded=True,
    ),
)
async def confirm(
    lesson_id: str, call: Annotated[Call[LessonConfirmation], Depends(command(LessonConfirmation, "lessons:confirm"))]
) -> Response:
    body = call.body
    outcome = await confirm_lesson(
        call.ledger,
        call.caller_who(contract_of_family(body.contract_id, call.principal.families)),
        account_id=await _account_of(call, body.contract_id),
        lesson_id=lesson_id,
        contract_id=body.contract_id,
        how=body.how,
        device=body.device,
        on=call.ledger.today(),
    )
    return recorded(_draw_receipt(outcome, lesson_id), outcome)


@router.post(
    "/v1/lessons/{lesson_id}/dispute",
    tags=["parent"],
    **described(
        summary="Dispute a lesson",
        description="This lesson waits until the dispute is decided, and silence draws it no more. What silence drew "
        "is taken back while it may not be paid out yet.",
        answer=Receipt,
        body=Objection,
        codes=("contract_not_found", "lesson_already_disputed", "lesson_dispute_late", "lesson_not_pending"),
        command=True,
        guarded=True,
    ),
)
async def dispute(
    lesson_id: str, call: Annotated[Call[Objection], Depends(command(Objection, "lessons:confirm"))]
) -> Response:
    body = call.body
    outcome = await dispute_lesson(
        call.ledger,
        call.caller_who(contract_of_family(body.contract_id, call.principal.families)),
        account_id=await _account_of(call, body.contract_id),
        lesson_id=lesson_id,
        contract_id=body.contract_id,
        reason=body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/lessons/{lesson_id}/concession",
    tags=["institution"],
    **described(
        summary="Give a disputed lesson up",
        description="The lesson is never drawn for this family; its money is free for the next lesson.",
        answer=Receipt,
        body=Concession,
        codes=("contract_not_found", "lesson_not_disputed", "lesson_not_pending"),
        command=True,
        guarded=True,
    ),
)
async def concede(
    lesson_id: str, call: Annotated[Call[Concession], Depends(command(Concession, "lessons:write"))]
) -> Response:
    body = call.body
    outcome = await resolve_dispute(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, body.contract_id),
        lesson_id=lesson_id,
        contract_id=body.contract_id,
        outcome="dropped",
        by="institution",
        case_id="",
        reason=body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/lessons/{lesson_id}/decision",
    tags=["regulator"],
    **described(
        summary="Decide a disputed lesson",
        answer=DrawReceipt,
        body=Ruling,
        codes=("contract_not_found", "lesson_not_disputed", "lesson_not_pending"),
        command=True,
        guarded=True,
    ),
)
async def decide(lesson_id: str, call: Annotated[Call[Ruling], Depends(command(Ruling, "lessons:decide"))]) -> Response:
    body = call.body
    outcome = await resolve_dispute(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, body.contract_id),
        lesson_id=lesson_id,
        contract_id=body.contract_id,
        outcome=body.outcome,
        by="order",
        case_id=body.case_id or "",
        reason=body.reason,
        on=call.ledger.today(),
    )
    return recorded(_draw_receipt(outcome, lesson_id), outcome)


@router.post(
    "/v1/lessons/{lesson_id}/leave",
    tags=["institution"],
    **described(
        summary="Record leave",
        description="Asked for in time, the lesson is never drawn for this family.",
        answer=Receipt,
        body=Leave,
        codes=(
            "contract_not_found",
            "leave_end_earlier",
            "leave_late",
            "lesson_already_delivered",
            "lesson_missed",
            "lesson_outside_contract",
        ),
        command=True,
        guarded=True,
    ),
)
async def leave(lesson_id: str, call: Annotated[Call[Leave], Depends(command(Leave, "lessons:write"))]) -> Response:
    body = call.body
    outcome = await record_leave(
        call.ledger,
        call.caller,
        account_id=await _account_of(call, body.contract_id),
        lesson_id=lesson_id,
        contract_id=body.contract_id,
        lesson_on=body.lesson_on,
        asked_on=body.asked_on or call.ledger.today(),
        reason=body.reason,
        ends_on=body.ends_on,
    )
    return receipt(outcome)


def _draw_receipt(outcome: Outcome, lesson_id: str) -> DrawReceipt:
    drawn = first(outcome, LessonDrawn)
    fields: dict[str, Any] = receipt_fields(outcome)
    return DrawReceipt(
        **fields,
        lesson_id=lesson_id,
        amount_fen=drawn.lines[0].amount_fen if drawn else 0,
        releasable_on=drawn.releasable_on if drawn else None,
    )


async def _account_of(call: Call[Any], contract_id: str) -> UUID:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    return UUID(contract.account_id)
