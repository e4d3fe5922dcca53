"""`/v1/payouts`: what is free for payout and why, and asking for it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, found, receipt_fields, recorded
from api.calls import Call, account_id_of, command, visible_to
from api.documentation import described
from api.fields import Body, Fen
from api.pages import Id, Reading, reading
from ledger.application.payouts import PayoutQuote, quote_payout, request_payout
from ledger.domain.events import PayoutInstructed

router = APIRouter(tags=["institution"])


class Payout(Body, frozen=True, kw_only=True):
    """Earned money that the institution asks for."""

    account_id: UUID
    amount_fen: Fen


class PayoutReceipt(Receipt, kw_only=True):
    """The instruction that the bank will find."""

    instruction_id: str
    end_to_end_id: str
    amount_fen: int


@router.get(
    "/v1/payouts/quote",
    **described(
        summary="What is free for payout today, term by term",
        answer=PayoutQuote,
        codes=("account_not_found",),
        etag=True,
    ),
)
async def quote(account_id: Id, read: Annotated[Reading, Depends(reading("balances:read"))]) -> Response:
    ledger = read.books.ledger
    terms = await quote_payout(
        ledger, account_id=account_id_of(account_id), visible=visible_to(read.principal), on=ledger.today()
    )
    return found(terms, version=terms.version)


@router.post(
    "/v1/payouts",
    **described(
        summary="Ask for a payout",
        answer=PayoutReceipt,
        body=Payout,
        status=201,
        codes=("account_not_found", "account_frozen", "payout_not_free", "payout_backdated"),
        command=True,
        guarded=True,
    ),
)
async def request(call: Annotated[Call[Payout], Depends(command(Payout, "payouts:write"))]) -> Response:
    outcome = await request_payout(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        instruction_id=str(uuid7()),
        amount_fen=call.body.amount_fen,
        on=call.ledger.today(),
    )
    instructed = first(outcome, PayoutInstructed)
    assert instructed is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        PayoutReceipt(
            **fields,
            instruction_id=instructed.instruction_id,
            end_to_end_id=instructed.end_to_end_id,
            amount_fen=instructed.amount_fen,
        ),
        outcome,
        201,
    )
