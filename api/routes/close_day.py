"""`POST /v1/close-day`: what silence and lapse of time decide, for every account in the caller's districts."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import found
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, District
from api.pages import scope_of
from api.routes.accounts import require_district
from ledger.application.close_day import DayClosed, close_day
from ledger.projections.paging import Scope

router = APIRouter(tags=["regulator"])


class DayToClose(Body, frozen=True, kw_only=True):
    """The day, and the districts (all that the caller acts for, if none is named)."""

    close_on: date
    districts: Annotated[tuple[District, ...], Meta(max_length=500)] = ()


@router.post(
    "/v1/close-day",
    **described(
        summary="Close a day",
        description="The same day again changes nothing. Refusals are counted by code, account by account.",
        answer=DayClosed,
        body=DayToClose,
        codes=("district_denied",),
        command=True,
    ),
)
async def close(call: Annotated[Call[DayToClose], Depends(command(DayToClose, "days:close"))]) -> Response:
    for district in call.body.districts:
        require_district(call.principal, district)
    scope = Scope(districts=call.body.districts) if call.body.districts else scope_of(call.principal)
    await call.reader.catch_up()
    return found(await close_day(call.ledger, call.pool, call.caller, scope=scope, on=call.body.close_on))
