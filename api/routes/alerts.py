"""`/v1/alerts`: what the rules found, with the figures that tripped them, and what was done about it."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import Receipt, found, receipt
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Name, OptionalText, Reason
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
from ledger.application.alerts import AlertHistory, act_on_alert, alert_history
from ledger.domain.commands import AcknowledgeAlert, AlertCommand, AssignAlert, ResolveAlert, SilenceAlert
from ledger.projections import alert_queries
from ledger.projections.alert_queries import AlertCount
from ledger.projections.alert_records import Alert, AlertState
from ledger.projections.alert_rules import Severity

router = APIRouter(tags=["regulator"])

_FilterText = Annotated[str | None, Query(max_length=64, pattern=r"^[^\x00]*$")]
_FilterDistrict = Annotated[str | None, Query(max_length=12, pattern=r"^[0-9A-Za-z]+$")]


class Acknowledgement(Body, frozen=True, kw_only=True):
    """Somebody has seen the alert."""

    note: OptionalText = ""


class Assignment(Body, frozen=True, kw_only=True):
    """Who is to deal with the alert; an alert can be given on to somebody else."""

    assignee: Name
    note: OptionalText = ""


class Resolution(Body, frozen=True, kw_only=True):
    """Why the alert is over. One that goes on has its alert again when the rule is judged next."""

    reason: Reason


class Silence(Body, frozen=True, kw_only=True):
    """Rule and subject of the alert call nobody through the day `until`, whichever of their alerts is open."""

    reason: Reason
    until: date


@router.get(
    "/v1/alerts",
    **described(
        summary="List alerts",
        description="Alerts of the accounts that the caller supervises, in the order in which they were raised.",
        answer=Page[Alert],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_alerts(
    read: Annotated[Reading, Depends(reading("alerts:read"))],
    account_id: Id | None = None,
    rule: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z_.]+$")] = None,
    severity: Severity | None = None,
    state: AlertState | None = None,
    assignee: _FilterText = None,
    district: _FilterDistrict = None,
    escalated: bool | None = None,
    only_open: bool = False,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await alert_queries.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            rule=rule,
            severity=severity,
            state=state,
            assignee=assignee,
            district=district,
            escalated=escalated,
            only_open=only_open,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/alerts/counts",
    **described(
        summary="Count alerts",
        description="Alerts by rule and state, red ones first; on one page.",
        answer=Page[AlertCount],
    ),
)
async def count_alerts(
    read: Annotated[Reading, Depends(reading("alerts:read"))], district: _FilterDistrict = None
) -> Response:
    async with read.pool.connection() as connection:
        rows = await alert_queries.counts(connection, scope=read.scope, district=district)
    return found(Page(items=rows, next=None))


@router.get(
    "/v1/alerts/{alert_id}",
    **described(
        summary="Get one alert",
        description="With its history: every change, when, by whom, and why.",
        answer=AlertHistory,
        codes=("alert_not_found",),
    ),
)
async def get_alert(alert_id: str, read: Annotated[Reading, Depends(reading("alerts:read"))]) -> Response:
    return found(await alert_history(read.books.reader, alert_id, read.scope))


@router.post(
    "/v1/alerts/{alert_id}/acknowledgement",
    **described(
        summary="Acknowledge an alert",
        description="Say that it is seen: it is not escalated any more.",
        answer=Receipt,
        body=Acknowledgement,
        codes=("alert_not_found", "alert_resolved", "alert_acknowledged"),
        command=True,
    ),
)
async def acknowledge_alert(
    alert_id: str, call: Annotated[Call[Acknowledgement], Depends(command(Acknowledgement, "alerts:write"))]
) -> Response:
    return await _act(call, AcknowledgeAlert, alert_id, note=call.body.note)


@router.post(
    "/v1/alerts/{alert_id}/assignment",
    **described(
        summary="Assign an alert",
        answer=Receipt,
        body=Assignment,
        codes=("alert_not_found", "alert_resolved"),
        command=True,
    ),
)
async def assign_alert(
    alert_id: str, call: Annotated[Call[Assignment], Depends(command(Assignment, "alerts:write"))]
) -> Response:
    return await _act(call, AssignAlert, alert_id, assignee=call.body.assignee, note=call.body.note)


@router.post(
    "/v1/alerts/{alert_id}/resolution",
    **described(
        summary="Resolve an alert",
        description="End it and say why. Alerts whose figures recover resolve by themselves.",
        answer=Receipt,
        body=Resolution,
        codes=("alert_not_found", "alert_resolved"),
        command=True,
    ),
)
async def resolve_alert(
    alert_id: str, call: Annotated[Call[Resolution], Depends(command(Resolution, "alerts:write"))]
) -> Response:
    return await _act(call, ResolveAlert, alert_id, reason=call.body.reason)


@router.post(
    "/v1/alerts/{alert_id}/silence",
    **described(
        summary="Silence an alert",
        description="Its rule and subject call nobody through a day; if it is open then, it calls again.",
        answer=Receipt,
        body=Silence,
        codes=("alert_not_found", "alert_resolved", "alert_silence_wrong"),
        command=True,
    ),
)
async def silence_alert(
    alert_id: str, call: Annotated[Call[Silence], Depends(command(Silence, "alerts:write"))]
) -> Response:
    return await _act(call, SilenceAlert, alert_id, reason=call.body.reason, until=call.body.until)


async def _act(call: Call[Any], kind: type[AlertCommand], alert_id: str, **said: Any) -> Response:
    outcome = await act_on_alert(
        call.ledger, call.reader, call.caller, kind, alert_id=alert_id, scope=scope_of(call.principal), **said
    )
    return receipt(outcome)
