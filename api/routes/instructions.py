"""`/v1/instructions`: what banks are asked to pay, and their word on it."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import Receipt, found, receipt
from api.calls import Call, command
from api.documentation import described
from api.fields import BankReference, Body, Fen, OptionalText
from api.pages import (
    Id,
    Limit,
    Page,
    PageCursor,
    Reading,
    account_filter,
    page_of,
    place_of,
    read_cursor,
    reading,
    scope_of,
)
from ledger.application.instructions import settle_instruction
from ledger.domain.commands import SettlementOutcome
from ledger.domain.events import InstructionKind
from ledger.projections import instructions
from ledger.projections.instructions import InstructionProgress, InstructionRecord

router = APIRouter(tags=["bank"])


class Settlement(Body, frozen=True, kw_only=True):
    """The bank's word: `settled`, `rejected` before it left, or `returned` after a refund was paid.

    `settled_on` is the booking day at the bank; `bank_reference` names the entry of the payment, or of the credit that
    came back.
    """

    outcome: SettlementOutcome
    amount_fen: Fen
    settled_on: date
    bank_reference: BankReference | None = None
    reason: OptionalText = ""

    def __post_init__(self) -> None:
        if self.outcome != "rejected" and self.bank_reference is None:
            raise ValueError("reference_missing")


@router.get(
    "/v1/instructions",
    **described(
        summary="List instructions",
        description="In the order in which they were given, within each partition. To miss nothing, follow each "
        "`partition` with a cursor of its own. `payable=true` lists what the bank may pay now and no message has, "
        "without money to an institution whose payouts are held.",
        answer=Page[InstructionRecord],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_instructions(
    read: Annotated[Reading, Depends(reading("instructions:read"))],
    state: InstructionProgress | None = None,
    kind: InstructionKind | None = None,
    payable: bool | None = None,
    message_id: Id | None = None,
    account_id: Id | None = None,
    partition: Annotated[int | None, Query(ge=0, le=1023)] = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await instructions.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            kind=kind,
            state=state,
            payable=payable,
            message_id=message_id,
            partition=partition,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/instructions/{instruction_id}",
    **described(summary="Get one instruction", answer=InstructionRecord, codes=("instruction_not_found",)),
)
async def get_instruction(
    instruction_id: str, read: Annotated[Reading, Depends(reading("instructions:read"))]
) -> Response:
    return found(await read.books.reader.instruction(instruction_id, read.scope))


@router.post(
    "/v1/instructions/{instruction_id}/settlement",
    **described(
        summary="Settle, reject or return an instruction",
        answer=Receipt,
        body=Settlement,
        codes=(
            "instruction_not_found",
            "instruction_amount_differs",
            "instruction_outcome_wrong",
            "entry_reused",
            "debit_above_cash",
            "bank_mismatch",
            "account_not_found",
        ),
        command=True,
        guarded=True,
    ),
)
async def settle(
    instruction_id: str, call: Annotated[Call[Settlement], Depends(command(Settlement, "instructions:settle"))]
) -> Response:
    body = call.body
    instruction = await call.reader.instruction(instruction_id, scope_of(call.principal))
    outcome = await settle_instruction(
        call.ledger,
        call.caller,
        bank=call.bank,
        account_id=UUID(instruction.account_id),
        instruction_id=instruction_id,
        outcome=body.outcome,
        amount_fen=body.amount_fen,
        bank_reference=body.bank_reference or "",
        reason=body.reason,
        on=body.settled_on,
    )
    return receipt(outcome)
