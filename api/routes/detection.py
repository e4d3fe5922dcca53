"""What the alert rules are told beside the account's own history: facts, premises, timetables, findings."""

from datetime import date, time
from typing import Annotated, Literal

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, receipt
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.fields import Body, Fen, Name, Reason
from ledger.application.alerts import record_finding
from ledger.application.recording import record
from ledger.domain.commands import RecordInstitutionFact, RecordPremises, RecordTimetable
from ledger.domain.events import FactKind, TimetableCourse
from ledger.domain.money import MAX_FEN

router = APIRouter(tags=["regulator"])

_Count = Annotated[int, Meta(ge=0, le=1_000_000, description="How many.", examples=[120])]
_Number = Annotated[int, Meta(ge=0, le=MAX_FEN, description="Fen, a count, or basis points.", examples=[4])]
_Opens = Annotated[time, Meta(extra_json_schema={"examples": ["08:00:00"]})]
_Closes = Annotated[time, Meta(extra_json_schema={"examples": ["20:30:00"]})]
_Room = Annotated[int, Meta(ge=1, le=10_000, description="Pupils that a room takes.", examples=[12])]


class InstitutionFact(Body, frozen=True, kw_only=True):
    """What a registry or an inspection saw at the institution on the day `seen_on` (today, if it names none).

    `value` and `before` are fen of capital, counts of teachers or pupils, basis points of a discount; 0 for none.
    """

    kind: FactKind
    value: _Number = 0
    before: _Number = 0
    source: Reason
    seen_on: date | None = None


class Premises(Body, frozen=True, kw_only=True):
    """Opening hours in China's time, and how many pupils each room takes; replaces what was recorded before."""

    opens_at: _Opens
    closes_at: _Closes
    rooms: Annotated[dict[Name, _Room], Meta(max_length=500)]


class CourseSeats(Body, frozen=True, kw_only=True):
    """Seats of a course that were filled in the month, and the published fee of a seat for that month."""

    course_id: Name
    seats: _Count
    price_fen: Fen


class Timetable(Body, frozen=True, kw_only=True):
    """What was taught in the month that begins on `month_starts_on`; replaces what was recorded for it before."""

    month_starts_on: date
    courses: Annotated[tuple[CourseSeats, ...], Meta(max_length=2_000)]


class StaffPayment(Body, frozen=True, kw_only=True):
    """A payment whose payer is linked to the institution's staff, as a comparison of registers found."""

    kind: Literal["payer_is_staff"]
    payment_reference: Name
    amount_fen: Fen
    source: Reason


@router.post(
    "/v1/accounts/{account_id}/institution-facts",
    **described(
        summary="Report a fact about the institution",
        description="A change of the legal person, a cut of capital, teachers who left, a spike of promotions, or a "
        "head-count, which is compared with the pupils under contract.",
        answer=Receipt,
        body=InstitutionFact,
        codes=("account_not_found", "fact_wrong"),
        command=True,
    ),
)
async def report_fact(
    account_id: str, call: Annotated[Call[InstitutionFact], Depends(command(InstitutionFact, "facts:write"))]
) -> Response:
    body = call.body
    said = RecordInstitutionFact(
        account_id=account_id_of(account_id),
        effective_on=body.seen_on or call.ledger.today(),
        kind=body.kind,
        value=body.value,
        before=body.before,
        source=body.source,
    )
    outcome = await record(call.ledger, call.caller, said)
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/premises",
    **described(
        summary="Record opening hours and rooms",
        answer=Receipt,
        body=Premises,
        codes=("account_not_found", "premises_wrong"),
        command=True,
    ),
)
async def record_premises(
    account_id: str, call: Annotated[Call[Premises], Depends(command(Premises, "facts:write"))]
) -> Response:
    body = call.body
    said = RecordPremises(
        account_id=account_id_of(account_id),
        effective_on=call.ledger.today(),
        opens_at=body.opens_at,
        closes_at=body.closes_at,
        rooms=dict(body.rooms),
    )
    outcome = await record(call.ledger, call.caller, said)
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/timetables",
    **described(
        summary="Record a month's timetable",
        description="What its seats are worth is compared with the fees of the month.",
        answer=Receipt,
        body=Timetable,
        codes=("account_not_found", "timetable_wrong"),
        command=True,
    ),
)
async def record_timetable(
    account_id: str, call: Annotated[Call[Timetable], Depends(command(Timetable, "facts:write"))]
) -> Response:
    said = RecordTimetable(
        account_id=account_id_of(account_id),
        effective_on=call.ledger.today(),
        month_starts_on=call.body.month_starts_on,
        courses=tuple(
            TimetableCourse(course_id=one.course_id, seats=one.seats, price_fen=one.price_fen)
            for one in call.body.courses
        ),
    )
    outcome = await record(call.ledger, call.caller, said)
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/findings",
    **described(
        summary="Report a finding",
        description="What a comparison outside the ledger found about one payment; it raises its alert at once.",
        answer=Receipt,
        body=StaffPayment,
        codes=("account_not_found",),
        command=True,
    ),
)
async def report_finding(
    account_id: str, call: Annotated[Call[StaffPayment], Depends(command(StaffPayment, "facts:write"))]
) -> Response:
    body = call.body
    outcome = await record_finding(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        on=call.ledger.today(),
        kind=body.kind,
        rule="movement.round_trip",
        subject=("payment", body.payment_reference),
        figures={"amount_fen": body.amount_fen, "payment": body.payment_reference},
        source=body.source,
    )
    return receipt(outcome)
