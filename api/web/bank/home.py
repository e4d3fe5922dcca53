"""A bank's first page: the orders that wait, and the accounts it holds."""

from collections import Counter
from typing import Final

from starlette.responses import Response

from api.pages import place_of, read_cursor, write_cursor
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.projections import balances, instructions
from ledger.projections.paging import Cursor

pages = Pages()
MOST: Final = 50
COUNTED: Final = 1_000


@pages.get("/bank", "bank")
async def home(call: PageCall) -> Response:
    """The orders that may be paid now; beside them how many wait for a second person, or for the bank's answer."""
    async with call.pool.connection() as connection:
        waiting = await instructions.list_page(connection, scope=call.scope, payable=True, limit=COUNTED)
        after = read_cursor(call.query("cursor"))
        shown = await instructions.list_page(connection, scope=call.scope, payable=True, after=after, limit=MOST + 1)
        pending = await instructions.list_page(connection, scope=call.scope, state="pending", limit=COUNTED)
        exported = await instructions.list_page(connection, scope=call.scope, state="exported", limit=COUNTED)
    sums: Counter[str] = Counter()
    for order in waiting:
        sums[order.kind] += order.amount_fen
    return call.page(
        "bank/home.html",
        waiting=shown[:MOST],
        more=write_cursor(place_of(shown[MOST - 1])) if len(shown) > MOST else None,
        count=len(waiting),
        counted=COUNTED,
        unchecked=sum(order.needs_approval for order in pending),
        unanswered=len(exported),
        kinds=[(kind, sum(order.kind == kind for order in waiting), fen) for kind, fen in sorted(sums.items())],
    )


@pages.get("/bank/accounts", "bank")
async def list_accounts(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await balances.list_page(
            connection,
            scope=call.scope,
            search=call.query("q"),
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
        )
    more = write_cursor(Cursor(rows[MOST - 1].partition, rows[MOST - 1].position)) if len(rows) > MOST else None
    return call.page("bank/accounts.html", accounts=rows[:MOST], more=more)
