"""A family's refunds: the quote before it is asked for, the request, and its track to the day it is paid."""

from typing import Final, get_args
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.web.page_call import Notice, PageCall
from api.web.parent.contracts import own_contract
from api.web.site import Pages
from ledger.application.refunds import (
    contract_of_family,
    quote_contract,
    refund_of_family,
    request_refund,
    withdraw_refund,
)
from ledger.domain.events import RefundGround, RefundRequested
from ledger.projections import refunds

pages = Pages(
    {
        "refund_requested": Notice("退费申请已提交。", "Your refund request is recorded."),
        "refund_withdrawn": Notice("退费申请已撤回。", "Your refund request is withdrawn."),
    }
)
GROUNDS: Final[tuple[RefundGround, ...]] = get_args(RefundGround)
MOST: Final = 200


@pages.get("/parent/refunds", "parent")
async def list_refunds(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await refunds.list_page(connection, scope=call.scope, limit=MOST)
    return call.page("parent/refunds.html", refunds=rows[::-1])


@pages.get("/parent/contracts/{contract_id}/refund", "parent")
async def quote(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    ground = call.picked("ground", GROUNDS) or "own"
    quoted = await quote_contract(
        call.ledger,
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        ground=ground,
        same_service_before=await call.reader.had_service_before(row),
        on=call.ledger.today(),
    )
    return call.page("parent/quote.html", contract=row, quote=quoted, grounds=GROUNDS)


@pages.post("/parent/contracts/{contract_id}/refund", "parent")
async def ask(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    ground = call.choice("ground", GROUNDS)
    outcome = await request_refund(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        refund_id=str(uuid7()),
        contract_id=row.contract_id,
        reason=call.text("reason"),
        ground=ground,
        same_service_before=await call.reader.had_service_before(row),
        on=call.ledger.today(),
    )
    requested = next(event for event in outcome.events if isinstance(event, RefundRequested))
    return call.after(outcome, f"/parent/refunds/{requested.refund_id}", done="refund_requested")


@pages.get("/parent/refunds/{refund_id}", "parent")
async def track(call: PageCall) -> Response:
    refund = await call.reader.refund(call.path("refund_id"), call.scope)
    return call.page("parent/refund.html", refund=refund, contract=await own_contract(call, refund.contract_id))


@pages.post("/parent/refunds/{refund_id}/withdrawal", "parent")
async def withdraw(call: PageCall) -> Response:
    refund = await call.reader.refund(call.path("refund_id"), call.scope)
    outcome = await withdraw_refund(
        call.ledger,
        call.caller(refund_of_family(refund.refund_id, call.principal.families)),
        account_id=UUID(refund.account_id),
        refund_id=refund.refund_id,
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/parent/refunds/{refund.refund_id}", done="refund_withdrawn")
