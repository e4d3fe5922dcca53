"""`/v1/alerts`: what the rules found, with the figures that tripped them."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.documentation import described
from api.pages import Id, Limit, Page, PageCursor, Reading, account_filter, page_of, place_of, read_cursor, reading
from ledger.domain.errors import LedgerError
from ledger.projections import alerts
from ledger.projections.alert_rules import Severity
from ledger.projections.alerts import Alert

router = APIRouter(tags=["regulator"])


@router.get(
    "/v1/alerts",
    **described(summary="List alerts", answer=Page[Alert], codes=("account_not_found", "cursor_malformed")),
)
async def list_alerts(
    read: Annotated[Reading, Depends(reading("alerts:read"))],
    account_id: Id | None = None,
    rule: Annotated[str | None, Query(max_length=64, pattern=r"^[a-z_.]+$")] = None,
    severity: Severity | None = None,
    only_open: bool = False,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await alerts.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            rule=rule,
            severity=severity,
            only_open=only_open,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get("/v1/alerts/{alert_id}", **described(summary="Get one alert", answer=Alert, codes=("not_found",)))
async def get_alert(alert_id: str, read: Annotated[Reading, Depends(reading("alerts:read"))]) -> Response:
    alert = None
    if "\0" not in alert_id:
        async with read.pool.connection() as connection:
            alert = await alerts.get(connection, alert_id, scope=read.scope)
    if alert is None:
        raise LedgerError("not_found", kind="alert")
    return found(alert)
