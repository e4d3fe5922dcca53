"""Refunds that an institution has to answer, each with its clock and the solver's arithmetic."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.refunds import answer_refund
from ledger.projections import refunds

pages = Pages({"refund_answered": Notice("答复已记录。", "The answer is recorded.")})
MOST: Final = 200


@pages.get("/institution/refunds", "institution")
async def list_refunds(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await refunds.list_page(connection, scope=call.scope, limit=MOST)
    waiting = [row for row in rows if row.who_acts == "institution"]
    waiting.sort(key=lambda row: row.due_on or row.requested_on)
    others = [row for row in rows[::-1] if row.who_acts != "institution"]
    return call.page("institution/refunds.html", waiting=waiting, others=others)


@pages.get("/institution/refunds/{refund_id}", "institution")
async def refund(call: PageCall) -> Response:
    row = await call.reader.refund(call.path("refund_id"), call.scope)
    return call.page("institution/refund.html", refund=row)


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
