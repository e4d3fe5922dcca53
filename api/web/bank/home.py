"""A bank's first page: the orders that wait, and the accounts it holds."""

from collections import Counter
from typing import Final

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.projections import balances, instructions
from ledger.projections.paging import Cursor

pages = Pages()
MOST: Final = 50
COUNTED: Final = 1_000


@pages.get("/bank", "bank")
async def home(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        waiting = await instructions.list_page(connection, scope=call.scope, state="pending", limit=COUNTED)
    sums: Counter[str] = Counter()
    for order in waiting:
        sums[order.kind] += order.amount_fen
    return call.page(
        "bank/home.html",
        waiting=waiting[:MOST],
        count=len(waiting),
        counted=COUNTED,
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
