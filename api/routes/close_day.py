"""`/v1/close-day` and `/v1/closes`: what silence and lapse of time decide, and which days that was done for."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import found
from api.calls import Call, command
from api.codes import ApiError
from api.documentation import described
from api.fields import Body, District
from api.pages import Limit, Page, PageCursor, Reading, page_of, read_cursor, reading, scope_of
from api.routes.accounts import require_district
from ledger.application.close_day import DayClosed
from ledger.application.close_record import CloseOfDay, list_page
from ledger.application.daily_close import daily_close
from ledger.application.recording import take_batch_key
from ledger.projections.paging import Scope

router = APIRouter(tags=["regulator"])


class DayToClose(Body, frozen=True, kw_only=True):
    """The day, and the districts (all that the caller acts for, if none is named).

    `catch_up` closes first, each in its order, the days that nobody closed since the last complete close.
    """

    close_on: date
    districts: Annotated[tuple[District, ...], Meta(max_length=500)] = ()
    catch_up: bool = False


@router.post(
    "/v1/close-day",
    **described(
        summary="Close a day",
        description="The same day again changes nothing; a close that was interrupted goes on where it stopped. "
        "Accounts opened after the day are left out. Refusals are counted by code, account by account.",
        answer=DayClosed,
        body=DayToClose,
        codes=("district_denied",),
        command=True,
    ),
)
async def close(call: Annotated[Call[DayToClose], Depends(command(DayToClose, "days:close"))]) -> Response:
    for district in call.body.districts:
        require_district(call.principal, district)
    if call.principal.authorities:  # a day is closed for whole districts
        raise ApiError("district_denied", district=min(call.principal.districts))
    scope = Scope(districts=call.body.districts) if call.body.districts else scope_of(call.principal)
    await take_batch_key(call.pool, call.caller)
    await call.reader.catch_up()  # which accounts are in a district is read from a view
    closed = await daily_close(
        call.ledger, call.reader, call.caller, scope=scope, on=call.body.close_on, catch_up=call.body.catch_up
    )
    return found(closed)


@router.get(
    "/v1/closes",
    **described(
        summary="List daily closes",
        description="The days closed over the caller's districts, newest first, complete or not, with their totals. "
        "Closes of the whole city are shown to clients that act for the whole city.",
        answer=Page[CloseOfDay],
        codes=("cursor_malformed",),
    ),
)
async def list_closes(
    read: Annotated[Reading, Depends(reading("days:close"))], cursor: PageCursor = None, limit: Limit = 100
) -> Response:
    async with read.pool.connection() as connection:
        rows = await list_page(connection, districts=read.scope.districts, after=read_cursor(cursor), limit=limit + 1)
    return found(page_of(rows, limit, lambda row: row[0], lambda row: row[1]))
