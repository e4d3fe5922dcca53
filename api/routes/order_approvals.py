"""`/v1/instructions`, before the bank has spoken: a second person approves orders, or declines one."""

from typing import Annotated, Final
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, receipt
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Reason
from api.pages import scope_of
from ledger.application.instructions import approve_instructions, decline_instruction

router = APIRouter(tags=["regulator"])


class Approval(Body, frozen=True, kw_only=True):
    """Orders of one account that a second person approves, all or none."""

    account_id: UUID
    instruction_ids: Annotated[
        list[Annotated[str, msgspec.Meta(min_length=1, max_length=200)]],
        msgspec.Meta(min_length=1, max_length=500, examples=[["019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"]]),
    ]


class Decline(Body, frozen=True, kw_only=True):
    """Why a second person declines an order."""

    reason: Reason


_CHECKED: Final = (
    "account_not_found",
    "instruction_not_found",
    "instruction_not_awaiting",
    "instruction_not_institutions",
    "instruction_same_person",
)


@router.post(
    "/v1/instructions/approvals",
    **described(
        summary="Approve orders as a second person",
        description="Where the rule payment.dual_control asks for it. Maker and checker are told apart by client, "
        "and by the Acting-Person that a client names. An institution decides on money to itself, a regulator on "
        "every order.",
        answer=Receipt,
        body=Approval,
        codes=(*_CHECKED, "account_frozen", "account_suspended"),
        command=True,
        guarded=True,
    ),
)
async def approve_orders(
    call: Annotated[Call[Approval], Depends(command(Approval, "instructions:approve"))],
) -> Response:
    outcome = await approve_instructions(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        instruction_ids=call.body.instruction_ids,
        on=call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/instructions/{instruction_id}/decline",
    **described(
        summary="Decline an order as a second person",
        description="Only while it waits for approval: what may go to the bank may be paid at any moment.",
        answer=Receipt,
        body=Decline,
        codes=_CHECKED,
        command=True,
        guarded=True,
    ),
)
async def decline_order(
    instruction_id: str, call: Annotated[Call[Decline], Depends(command(Decline, "instructions:approve"))]
) -> Response:
    instruction = await call.reader.instruction(instruction_id, scope_of(call.principal))
    outcome = await decline_instruction(
        call.ledger,
        call.caller,
        account_id=UUID(instruction.account_id),
        instruction_id=instruction_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)
