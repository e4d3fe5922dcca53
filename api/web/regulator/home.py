"""The regulator's first page: what the district owes families, what covers it, and what waits."""

from typing import Final

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.inspections import quarter_days, quarter_of
from ledger.projections import alerts, balance_totals, balances, case_queries, reconciliation_queries, refunds
from ledger.projections.paging import Cursor

pages = Pages()
MOST: Final = 50
COLUMNS: Final = (
    "account_id",
    "institution_id",
    "district",
    "bank",
    "account_no",
    "listing",
    "obligation_fen",
    "cash_fen",
    "cover_fen",
    "exposure_fen",
    "loss_if_closed_today_fen",
)


@pages.get("/regulator", "regulator")
async def home(call: PageCall) -> Response:
    today = call.ledger.today()
    quarter = quarter_of(today)
    first, last = quarter_days(quarter)
    async with call.pool.connection() as connection:
        totals = await balance_totals.totals(connection, scope=call.scope)
        worst = await balance_totals.worst(connection, scope=call.scope, limit=10)
        raised = await alerts.counts(connection, scope=call.scope)
        overdue = await refunds.list_page(connection, scope=call.scope, overdue=True, only_open=True, limit=MOST)
        compared_on = await reconciliation_queries.latest_day(connection, until=today, scope=call.scope)
        late = await balances.by_id(connection, (one.account_id for one in overdue))
        coverage = await case_queries.coverage_counts(connection, first=first, last=last, scope=call.scope)
    open_alerts = [one for one in raised if one.state != "resolved"]
    return call.page(
        "regulator/home.html",
        totals=totals,
        worst=worst,
        alerts=open_alerts,
        overdue=overdue,
        late=late,
        compared_on=compared_on,
        most=MOST,
        quarter=quarter,
        coverage=coverage,
    )


@pages.get("/regulator/accounts", "regulator")
async def list_accounts(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    async with call.pool.connection() as connection:
        rows = await balances.list_page(
            connection,
            scope=call.scope,
            listing=call.query("listing"),
            search=call.query("q"),
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
    if form:
        return await taken_along("institutions", COLUMNS, cells_of(COLUMNS, rows, cash_fen=lambda one: one.cash), form)
    more = write_cursor(Cursor(rows[MOST - 1].partition, rows[MOST - 1].position)) if len(rows) > MOST else None
    return call.page("regulator/accounts.html", accounts=rows[:MOST], formats=FORMATS, more=more)
