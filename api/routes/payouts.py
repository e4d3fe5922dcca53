"""`/v1/payouts`: what is free for payout and why, asking for it, and announcing what is large."""

from datetime import date
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
from ledger.application.payouts import PayoutQuote, announce_payout, quote_payout, request_payout
from ledger.domain.events import PayoutAnnounced, PayoutInstructed

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


class AnnouncementReceipt(Receipt, kw_only=True):
    """From when a withdrawal of up to so much may be asked for, once."""

    amount_fen: int
    payable_on: date


@router.get(
    "/v1/payouts/quote",
    **described(
        summary="What is free for payout today, term by term",
        answer=PayoutQuote,
        codes=("account_not_found",),
        etag=True,
    ),
)
async def quote(account_id: QuotedAccount, read: Annotated[Reading, Depends(reading("balances:read"))]) -> Response:
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
        codes=(
            "account_not_found",
            "account_frozen",
            "account_suspended",
            "payout_not_free",
            "payout_backdated",
            "payout_scheduled",
            "payout_above_month",
            "payout_not_announced",
            "top_up_missing",
        ),
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


@router.post(
    "/v1/payouts/announcements",
    **described(
        summary="Announce a large withdrawal",
        description="Where the policy asks for notice (movement.notice). A new announcement replaces an open one.",
        answer=AnnouncementReceipt,
        body=Payout,
        status=201,
        codes=("account_not_found", "payout_notice_not_needed"),
        command=True,
        guarded=True,
    ),
)
async def announce(call: Annotated[Call[Payout], Depends(command(Payout, "payouts:write"))]) -> Response:
    outcome = await announce_payout(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        amount_fen=call.body.amount_fen,
        on=call.ledger.today(),
    )
    announced = first(outcome, PayoutAnnounced)
    assert announced is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        AnnouncementReceipt(**fields, amount_fen=announced.amount_fen, payable_on=announced.payable_on), outcome, 201
    )
