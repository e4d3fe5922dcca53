"""Receipts to print: one for each payment of a contract, one for a refund; and what a family claims in a wind-down."""

from typing import Final

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.parent.contracts import own_contract
from api.web.parent.statement import in_capitals
from api.web.site import Pages
from ledger.domain.errors import LedgerError
from ledger.projections import claims
from ledger.projections.contract_payments import list_payments
from ledger.projections.paging import EVERYTHING
from ledger.storage.mapper import decode_event

pages = Pages()
MOST: Final = 200


@pages.get("/parent/contracts/{contract_id}/receipts/{version}", "parent")
async def receipt(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    async with call.pool.connection() as connection:
        paid = await list_payments(connection, row, decode=decode_event)
    payment = next((one for one in paid if str(one.version) == call.path("version")), None)
    if payment is None:
        raise LedgerError("event_not_found", place=f"{row.account_id}/?")
    return call.page(
        "parent/receipt.html",
        contract=row,
        account=await call.reader.account(row.account_id, EVERYTHING),
        payment=payment,
        capitals=in_capitals(payment.amount_fen),
    )


@pages.get("/parent/refunds/{refund_id}/receipt", "parent")
async def refund_receipt(call: PageCall) -> Response:
    refund = await call.reader.refund(call.path("refund_id"), call.scope)
    row = await own_contract(call, refund.contract_id)
    return call.page(
        "parent/refund_receipt.html",
        refund=refund,
        contract=row,
        account=await call.reader.account(row.account_id, EVERYTHING),
        legs=[leg for leg in refund.legs if leg.state == "paid"],
        capitals=in_capitals(refund.paid_fen),
    )


@pages.get("/parent/claims", "parent")
async def list_claims(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await claims.list_page(connection, scope=call.scope, limit=MOST)
    return call.page("parent/claims.html", claims=rows)
