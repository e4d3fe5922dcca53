"""`/v1/continuity-offers`, `/v1/contracts/{id}/continuity`: families of a closing institution go on elsewhere."""

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, found, receipt, receipt_fields, receipt_of, recorded
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.fields import Body, Name, Reason
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
from ledger.application.continuity import (
    accept_continuity,
    carry_out_transfers,
    instruct_transfer,
    offer_continuity,
    revoke_continuity,
)
from ledger.application.refunds import contract_of_family
from ledger.domain.events import ContinuityOffered
from ledger.projections import claims
from ledger.projections.claim_rows import OfferRow

router = APIRouter()


class Offer(Body, frozen=True, kw_only=True):
    """What the institution offers families of another account: its course, until when, and by when they accept."""

    account_id: UUID
    from_account_id: UUID
    course_id: Name
    lesson_minutes: Annotated[int, Meta(ge=1, le=600, examples=[45])]
    ends_on: date
    until_on: date


class OfferReceipt(Receipt, kw_only=True):
    """The id by which families accept."""

    offer_id: str


class Choice(Body, frozen=True, kw_only=True):
    """The offer that the family accepts, and the account that makes it."""

    offer_id: Name
    to_account_id: UUID


class SecondThoughts(Body, frozen=True, kw_only=True):
    """Why the family has a refund after all."""

    reason: Reason


class Nothing(Body, frozen=True, kw_only=True):
    """Nothing needs to be said: families have said it."""


class TransfersMade(msgspec.Struct, kw_only=True):
    """How the accepted transfers ended: how many are `done`, and how many wait, by the code that says why."""

    account_id: str
    ended: dict[str, int]


@router.post(
    "/v1/continuity-offers",
    tags=["institution"],
    **described(
        summary="Offer to go on for families of a closing institution",
        answer=OfferReceipt,
        body=Offer,
        status=201,
        codes=(
            "account_not_found",
            "account_frozen",
            "account_blacklisted",
            "account_closing",
            "account_winding_down",
            "continuity_self",
            "continuity_dates_wrong",
        ),
        command=True,
        guarded=True,
    ),
)
async def make_offer(call: Annotated[Call[Offer], Depends(command(Offer, "contracts:write"))]) -> Response:
    body = call.body
    outcome = await offer_continuity(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        offer_id=str(uuid7()),
        from_account_id=str(body.from_account_id),
        course_id=body.course_id,
        lesson_minutes=body.lesson_minutes,
        ends_on=body.ends_on,
        until_on=body.until_on,
        on=call.ledger.today(),
    )
    event = first(outcome, ContinuityOffered)
    assert event is not None
    return recorded(OfferReceipt(**receipt_fields(outcome), offer_id=event.offer_id), outcome, 201)  # pyright: ignore[reportArgumentType]


@router.get(
    "/v1/continuity-offers",
    tags=["parent"],
    **described(
        summary="List offers to go on elsewhere",
        description="A family sees those for the accounts in which it has a contract; others those of accounts that "
        "they see.",
        answer=Page[OfferRow],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_offers(
    read: Annotated[Reading, Depends(reading("contracts:read"))],
    from_account_id: Id | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await claims.list_offers(
            connection,
            scope=read.scope,
            from_account_id=account_filter(from_account_id),
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.post(
    "/v1/contracts/{contract_id}/continuity",
    tags=["parent"],
    **described(
        summary="Go on elsewhere instead of a refund",
        description="The family's own act. The contract's value moves in both accounts at once: before a wind-down "
        "when all families' money is there, in one when a distribution gave the family its share.",
        answer=Receipt,
        body=Choice,
        status=201,
        codes=("contract_not_found", "continuity_not_open", "continuity_not_offered", "continuity_too_late"),
        command=True,
    ),
)
async def accept_offer(
    contract_id: str, call: Annotated[Call[Choice], Depends(command(Choice, "contracts:accept"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await accept_continuity(
        call.ledger,
        call.caller_who(contract_of_family(contract_id, call.principal.families)),
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        offer_id=call.body.offer_id,
        to_account_id=str(call.body.to_account_id),
        on=call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome, 201)


@router.post(
    "/v1/contracts/{contract_id}/continuity/revocation",
    tags=["parent"],
    **described(
        summary="Have a refund after all",
        answer=Receipt,
        body=SecondThoughts,
        codes=("contract_not_found", "continuity_not_accepted"),
        command=True,
    ),
)
async def revoke_choice(
    contract_id: str, call: Annotated[Call[SecondThoughts], Depends(command(SecondThoughts, "contracts:accept"))]
) -> Response:
    contract = await call.reader.contract(contract_id, scope_of(call.principal))
    outcome = await revoke_continuity(
        call.ledger,
        call.caller_who(contract_of_family(contract_id, call.principal.families)),
        account_id=UUID(contract.account_id),
        contract_id=contract_id,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/continuity-transfers",
    tags=["regulator"],
    **described(
        summary="Move every family that accepted, as far as it can move now",
        description="The daily close and every distribution do the same. What moved does not move again.",
        answer=TransfersMade,
        body=Nothing,
        codes=("account_not_found",),
        command=True,
    ),
)
async def move_families(
    account_id: str, call: Annotated[Call[Nothing], Depends(command(Nothing, "wind_down:write"))]
) -> Response:
    account = await call.reader.account(account_id, scope_of(call.principal))
    ended = await carry_out_transfers(call.ledger, call.caller.actor, UUID(account.account_id))
    return found(TransfersMade(account_id=account.account_id, ended=ended))


@router.post(
    "/v1/accounts/{account_id}/continuity-transfers/{transfer_id}/instruction",
    tags=["regulator"],
    **described(
        summary="Ask the bank again to send a transfer",
        answer=Receipt,
        body=Nothing,
        codes=("account_not_found", "transfer_not_found", "transfer_under_way"),
        command=True,
        guarded=True,
    ),
)
async def send_transfer_again(
    account_id: str, transfer_id: str, call: Annotated[Call[Nothing], Depends(command(Nothing, "wind_down:write"))]
) -> Response:
    outcome = await instruct_transfer(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        transfer_id=transfer_id,
        on=call.ledger.today(),
    )
    return receipt(outcome)
