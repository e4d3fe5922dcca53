"""A day's reconciliation: which accounts agree with their banks, which do not, and for which nothing was reported."""

from datetime import date
from typing import Final, get_args

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.domain.errors import LedgerError
from ledger.projections import reconciliation_queries
from ledger.projections.reconciliation_queries import AccountDay, ReconciliationState

pages = Pages()
STATES: Final[tuple[ReconciliationState, ...]] = get_args(ReconciliationState)
COLUMNS: Final = AccountDay.__struct_fields__
MOST: Final = 50


@pages.get("/regulator/reconciliation", "regulator")
async def list_days(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    today = call.ledger.today()
    async with call.pool.connection() as connection:
        latest = await reconciliation_queries.latest_day(connection, until=today, scope=call.scope)
        day = day_of(call, "day", latest or today)
        rows = await reconciliation_queries.list_days(
            connection,
            day=day,
            scope=call.scope,
            district=call.query("district"),
            state=call.picked("state", STATES),
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
    days = [one for _, one in rows]
    if form:
        return await taken_along(f"reconciliation-{day}", COLUMNS, cells_of(COLUMNS, days), form)
    more = write_cursor(rows[MOST - 1][0]) if len(rows) > MOST else None
    return call.page(
        "regulator/reconciliation.html", day=day, rows=days[:MOST], more=more, states=STATES, formats=FORMATS
    )


def day_of(call: PageCall, name: str, otherwise: date) -> date:
    """A date of the address. Raises LedgerError `form_field_wrong`."""
    text = call.query(name)
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise LedgerError("form_field_wrong", field=name) from error
