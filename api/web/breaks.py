"""Breaks between banks and ledger: whose they are, how old, until when; assigned, and explained with a proof."""

from typing import Final, get_args

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.reconciliation import assign_break, find_break, resolve_break
from ledger.domain.events import BreakKind
from ledger.projections import balances, reconciliation_queries
from ledger.projections.paging import Cursor
from ledger.projections.reconciliation_rows import BreakState

pages = Pages(
    {
        "break_assigned": Notice("已指派。", "Assigned."),
        "break_resolved": Notice("差异已说明。", "The break is explained."),
    }
)
KINDS: Final[tuple[BreakKind, ...]] = get_args(BreakKind)
STATES: Final[tuple[BreakState, ...]] = get_args(BreakState)
MOST: Final = 50
COLUMNS: Final = (
    "break_id",
    "account_id",
    "account_no",
    "kind",
    "state",
    "subject",
    "owner",
    "since_on",
    "due_on",
    "difference_fen",
    "assignee",
)


@pages.get("/breaks", "bank", "regulator")
async def list_breaks(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    async with call.pool.connection() as connection:
        rows = await reconciliation_queries.list_breaks(
            connection,
            scope=call.scope,
            kind=call.picked("kind", KINDS),
            state=call.picked("state", STATES) or "open",
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
        accounts = await balances.by_id(connection, (one.account_id for one in rows))
    if form:
        cells = cells_of(COLUMNS, rows, account_no=lambda one: accounts[one.account_id].account_no)
        return await taken_along("breaks", COLUMNS, cells, form)
    more = write_cursor(Cursor(rows[MOST - 1].partition, rows[MOST - 1].position)) if len(rows) > MOST else None
    return call.page(
        "breaks.html", breaks=rows[:MOST], accounts=accounts, formats=FORMATS, more=more, kinds=KINDS, states=STATES
    )


@pages.get("/breaks/{break_id}", "bank", "regulator")
async def one_break(call: PageCall) -> Response:
    found = await find_break(call.reader, call.path("break_id"), call.scope)
    return call.page("break.html", one=found, account=await call.reader.account(found.account_id, call.scope))


@pages.post("/breaks/{break_id}/assignment", "regulator")
async def assign(call: PageCall) -> Response:
    known = await find_break(call.reader, call.path("break_id"), call.scope)
    outcome = await assign_break(
        call.ledger,
        call.caller(),
        known,
        assignee=call.text("assignee", 64),
        note=call.optional_text("note"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/breaks/{known.break_id}", done="break_assigned")


@pages.post("/breaks/{break_id}/resolution", "regulator")
async def resolve(call: PageCall) -> Response:
    known = await find_break(call.reader, call.path("break_id"), call.scope)
    outcome = await resolve_break(
        call.ledger,
        call.caller(),
        known,
        reason=call.text("reason"),
        link=call.text("link", 64),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/breaks/{known.break_id}", done="break_resolved")
