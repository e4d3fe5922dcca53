"""An institution's accounts and the orders to its banks: who made each, and a second person's word on its own."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.calls import account_id_of
from api.pages import read_cursor
from api.web.newest_first import page_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.instructions import approve_instructions, decline_instruction
from ledger.domain.actors import is_same_person
from ledger.domain.dual_control import TO_INSTITUTION
from ledger.projections import balances, instructions

pages = Pages(
    {
        "own_order_approved": Notice("已复核通过，可由银行支付。", "Approved: the bank may pay it."),
        "own_order_declined": Notice("已否决，款项回到原处。", "Declined: the money is where it was."),
    }
)
MOST: Final = 50
WAITING: Final = 200


@pages.get("/institution/money", "institution")
async def list_orders(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        accounts = await balances.list_page(connection, scope=call.scope, limit=WAITING)
        pending = await instructions.list_page(connection, scope=call.scope, state="pending", limit=WAITING)
        orders = await instructions.list_page(
            connection,
            scope=call.scope,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
            newest_first=True,
        )
    shown, more = page_of(orders, MOST)
    actor = call.principal.actor
    return call.page(
        "institution/orders.html",
        accounts=accounts,
        waiting=[
            (order, is_same_person(order.made_by, actor))
            for order in pending
            if order.needs_approval and order.kind in TO_INSTITUTION
        ],
        orders=shown,
        more=more,
    )


@pages.post("/institution/accounts/{account_id}/orders/{instruction_id}/approval", "institution")
async def approve(call: PageCall) -> Response:
    outcome = await approve_instructions(
        call.ledger,
        call.caller(),
        account_id=account_id_of(call.path("account_id")),
        instruction_ids=[call.path("instruction_id")],
        on=call.ledger.today(),
    )
    return call.after(outcome, "/institution/money", done="own_order_approved")


@pages.post("/institution/accounts/{account_id}/orders/{instruction_id}/decline", "institution")
async def decline(call: PageCall) -> Response:
    order = await call.reader.instruction(call.path("instruction_id"), call.scope)
    outcome = await decline_instruction(
        call.ledger,
        call.caller(),
        account_id=UUID(order.account_id),
        instruction_id=order.instruction_id,
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, "/institution/money", done="own_order_declined")
