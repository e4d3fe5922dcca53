"""Refunds that an institution has to answer, each with its clock and the solver's arithmetic."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.pages import read_cursor
from api.web.newest_first import page_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.refunds import answer_refund
from ledger.projections import contracts, refunds

pages = Pages({"refund_answered": Notice("答复已记录。", "The answer is recorded.")})
MOST: Final = 100
WAITING: Final = 500


@pages.get("/institution/refunds", "institution")
async def list_refunds(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        waiting = await refunds.list_page(connection, scope=call.scope, who_acts="institution", limit=WAITING)
        rows = await refunds.list_page(
            connection,
            scope=call.scope,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
            newest_first=True,
        )
        shown, more = page_of(rows, MOST)
        others = [row for row in shown if row.who_acts != "institution"]
        signed = await contracts.list_page(
            connection,
            scope=call.scope,
            contract_ids=[row.contract_id for row in (*waiting, *others)],
            limit=MOST + WAITING,
        )
    waiting.sort(key=lambda row: row.due_on or row.requested_on)
    return call.page(
        "institution/refunds.html",
        waiting=waiting,
        others=others,
        signed={row.contract_id: row for row in signed},
        more=more,
    )


@pages.get("/institution/refunds/{refund_id}", "institution")
async def refund(call: PageCall) -> Response:
    row = await call.reader.refund(call.path("refund_id"), call.scope)
    return call.page(
        "institution/refund.html", refund=row, contract=await call.reader.contract(row.contract_id, call.scope)
    )


@pages.post("/institution/refunds/{refund_id}/answer", "institution")
async def answer(call: PageCall) -> Response:
    row = await call.reader.refund(call.path("refund_id"), call.scope)
    agree = call.choice("answer", ("agree", "contest")) == "agree"
    outcome = await answer_refund(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        refund_id=row.refund_id,
        agree=agree,
        offered_fen=0 if agree else call.fen("offered"),
        reason="" if agree else call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/refunds/{row.refund_id}", done="refund_answered")
