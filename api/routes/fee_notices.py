"""`/v1/fee-notices`: what courses cost (收费公示), published by institutions, read by anybody."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, first, found, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Fen, Name
from api.pages import Id, Limit, Page, PageCursor, page_of, place_of, read_cursor
from api.public_reading import PublicReading, public_reading
from api.query import Day
from ledger.application.fees import publish_fee_notice, published_fees
from ledger.domain.events import Category, FeeNoticePublished, NoticePeriod
from ledger.projections.fee_notices import FeeNotice

router = APIRouter()


class Notice(Body, frozen=True, kw_only=True):
    """What a course costs: a lesson of `minutes`, a month begun, or the whole course."""

    account_id: UUID
    course_id: Name
    category: Category
    unit_price_fen: Fen
    period: NoticePeriod
    minutes: Annotated[int, Meta(ge=1, le=1440, description="Of one lesson.", examples=[45])]
    valid_from: Annotated[date, Meta(description="Today or later.", examples=["2026-09-01"])]
    valid_until: Annotated[date | None, Meta(description="The last day; none if absent.", examples=[None])] = None


class NoticeReceipt(Receipt, kw_only=True):
    """The version of the notice; it takes the place of the course's version before from its first day on."""

    notice_version: int


@router.post(
    "/v1/fee-notices",
    tags=["institution"],
    **described(
        summary="Publish what a course costs",
        description="A charge may not exceed the price that is in force when it is agreed (rule fee.notice); never for "
        "days that are past.",
        answer=NoticeReceipt,
        body=Notice,
        status=201,
        codes=("account_not_found", "fee_notice_dates_wrong", "fee_notices_many"),
        command=True,
        guarded=True,
    ),
)
async def publish(call: Annotated[Call[Notice], Depends(command(Notice, "fee_notices:write"))]) -> Response:
    body = call.body
    outcome = await publish_fee_notice(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        course_id=body.course_id,
        category=body.category,
        unit_price_fen=body.unit_price_fen,
        period=body.period,
        minutes=body.minutes,
        valid_from=body.valid_from,
        valid_until=body.valid_until,
        on=call.ledger.today(),
    )
    published = first(outcome, FeeNoticePublished)
    assert published is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(NoticeReceipt(**fields, notice_version=published.version), outcome, 201)


@router.get(
    "/v1/fee-notices",
    tags=["public"],
    **described(
        summary="What courses cost",
        description="For whoever asks, without a token. With `on` those in force on that day; else every version.",
        answer=Page[FeeNotice],
        codes=("cursor_malformed",),
        public=True,
    ),
)
async def list_notices(
    read: Annotated[PublicReading, Depends(public_reading)],
    on: Annotated[Day | None, Query(description="In force on this day.", examples=["2026-09-01"])] = None,
    institution_id: Id | None = None,
    district: Id | None = None,
    course_id: Id | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    rows = await published_fees(
        read.pool,
        on=on,
        institution_id=institution_id,
        district=district,
        course_id=course_id,
        after=read_cursor(cursor),
        limit=limit + 1,
    )
    return found(page_of(rows, limit, lambda row: row, place_of))
