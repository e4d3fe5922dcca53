"""What institutions have to put right, until when, and what they said they did."""

from typing import Final

from starlette.responses import Response

from api.pages import place_of, read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.projections import case_queries

pages = Pages()
SHOWN: Final = ("open", "overdue", "all")
COLUMNS: Final = (
    "case_id",
    "item_id",
    "institution_id",
    "demand",
    "required_on",
    "due_on",
    "overdue",
    "state",
    "answer",
    "answered_on",
    "checks",
    "checked_on",
    "check_note",
)
MOST: Final = 50


@pages.get("/regulator/rectifications", "regulator")
async def list_rectifications(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    shown = call.picked("show", SHOWN) or "open"
    async with call.pool.connection() as connection:
        rows = await case_queries.list_rectifications(
            connection,
            scope=call.scope,
            institution_id=call.query("institution"),
            only_open=shown != "all",
            overdue=True if shown == "overdue" else None,
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
    if form:
        return await taken_along("rectifications", COLUMNS, cells_of(COLUMNS, rows), form)
    more = write_cursor(place_of(rows[MOST - 1])) if len(rows) > MOST else None
    return call.page("regulator/rectifications.html", rows=rows[:MOST], more=more, shown=shown, formats=FORMATS)
