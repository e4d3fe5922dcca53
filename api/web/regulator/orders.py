"""Orders to banks that wait for a second person: who made them, and approved or declined by somebody else."""

from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.pages import place_of, read_cursor, write_cursor
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.instructions import approve_instructions, decline_instruction
from ledger.domain.actors import is_same_person
from ledger.projections import instructions
from ledger.projections.instructions import InstructionProgress

pages = Pages(
    {
        "order_approved": Notice("指令已批准。", "The order is approved."),
        "order_declined": Notice("指令已否决，款项回到原处。", "The order is declined; its money is where it was."),
    }
)
STATES: Final[tuple[InstructionProgress, ...]] = ("pending", "approved", "declined")
MOST: Final = 50


@pages.get("/regulator/orders", "regulator")
async def list_orders(call: PageCall) -> Response:
    state = call.picked("state", STATES) or "pending"
    async with call.pool.connection() as connection:
        rows = await instructions.list_page(
            connection,
            scope=call.scope,
            state=state,
            needs_approval=True if state == "pending" else None,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
        )
    more = write_cursor(place_of(rows[MOST - 1])) if len(rows) > MOST else None
    own = {one.instruction_id for one in rows if is_same_person(one.made_by, call.principal.actor)}
    return call.page("regulator/orders.html", orders=rows[:MOST], own=own, more=more, state=state, states=STATES)


@pages.post("/regulator/orders/{instruction_id}/approval", "regulator")
async def approve(call: PageCall) -> Response:
    order = await call.reader.instruction(call.path("instruction_id"), call.scope)
    outcome = await approve_instructions(
        call.ledger,
        call.caller(),
        account_id=UUID(order.account_id),
        instruction_ids=[order.instruction_id],
        on=call.ledger.today(),
    )
    return call.after(outcome, "/regulator/orders", done="order_approved")


@pages.post("/regulator/orders/{instruction_id}/decline", "regulator")
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
    return call.after(outcome, "/regulator/orders", done="order_declined")
