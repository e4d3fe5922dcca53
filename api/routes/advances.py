"""`/v1/advances`: what may be advanced and why, and asking for it."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, found, receipt_fields, recorded
from api.calls import Call, account_id_of, command, visible_to
from api.documentation import described
from api.fields import Body, Fen
from api.pages import QuotedAccount, Reading, reading
from ledger.application.advances import AdvanceQuote, quote_advance, request_advance
from ledger.domain.events import AdvanceApproved, AdvanceInstructed

router = APIRouter(tags=["institution"])


class Advance(Body, frozen=True, kw_only=True):
    """Unconsumed fees that the institution asks for before it teaches for them."""

    account_id: UUID
    amount_fen: Fen


class AdvanceReceipt(Receipt, kw_only=True):
    """The instruction that the bank will find, and what was approved: of at most `limit_fen` outstanding in all."""

    instruction_id: str
    end_to_end_id: str
    amount_fen: int
    limit_fen: int


@router.get(
    "/v1/advances/quote",
    **described(
        summary="What may be advanced today, term by term",
        answer=AdvanceQuote,
        codes=("account_not_found",),
        etag=True,
    ),
)
async def quote_of_advance(
    account_id: QuotedAccount, read: Annotated[Reading, Depends(reading("balances:read"))]
) -> Response:
    ledger = read.books.ledger
    terms = await quote_advance(
        ledger, account_id=account_id_of(account_id), visible=visible_to(read.principal), on=ledger.today()
    )
    return found(terms, version=terms.version)


@router.post(
    "/v1/advances",
    **described(
        summary="Ask for a cost advance",
        description="Approved by the policy's figures and instructed at once; lessons pay it back first.",
        answer=AdvanceReceipt,
        body=Advance,
        status=201,
        codes=(
            "account_not_found",
            "account_frozen",
            "account_suspended",
            "advance_not_allowed",
            "advance_blacklisted",
            "advance_closing",
            "advance_funds_held",
            "advance_above_limit",
            "advance_not_safe",
            "payout_backdated",
            "payout_above_month",
            "payout_not_announced",
            "top_up_missing",
        ),
        command=True,
        guarded=True,
    ),
)
async def ask_for_advance(call: Annotated[Call[Advance], Depends(command(Advance, "advances:write"))]) -> Response:
    outcome = await request_advance(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        instruction_id=str(uuid7()),
        amount_fen=call.body.amount_fen,
        on=call.ledger.today(),
    )
    approved, instructed = first(outcome, AdvanceApproved), first(outcome, AdvanceInstructed)
    assert approved is not None
    assert instructed is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        AdvanceReceipt(
            **fields,
            instruction_id=instructed.instruction_id,
            end_to_end_id=instructed.end_to_end_id,
            amount_fen=instructed.amount_fen,
            limit_fen=approved.limit_fen,
        ),
        outcome,
        201,
    )
