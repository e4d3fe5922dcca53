"""`/v1/accounts/{id}/minimum-balance`, `/holds`, `/opening-balance`, `/reserve-release`: money that stays or may go."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, receipt, receipt_fields, recorded
from api.calls import Call, account_id_of, command
from api.fields import Body, Fen, FenOrZero, Name
from api.routes.account_controls import Decision, EffectiveOn, ruled, said_of
from ledger.application.accounts import import_opening_balance, release_reserve
from ledger.application.holds import hold_funds, release_hold, set_minimum_balance
from ledger.domain.events import FundsHeld

router = APIRouter(tags=["regulator"])


class MinimumBalance(Decision, frozen=True, kw_only=True):
    """The least that a payout may leave; 0 takes it away."""

    amount_fen: FenOrZero


class Hold(Decision, frozen=True, kw_only=True):
    """Earned money that is not paid out for the time being."""

    amount_fen: Fen


class ReserveRelease(Decision, frozen=True, kw_only=True):
    """How much of the reserve becomes the institution's."""

    amount_fen: Fen


class OpeningBalance(Body, frozen=True, kw_only=True):
    """What is at the bank already: `cash_fen` is earned, reserve and suspense together. `document` names the proof."""

    cash_fen: Fen
    earned_fen: FenOrZero
    reserve_fen: FenOrZero
    suspense_fen: FenOrZero
    document: Name
    effective_on: EffectiveOn = None


class HoldReceipt(Receipt, kw_only=True):
    """The hold's id, by which it is released."""

    hold_id: str
    amount_fen: int


@router.post(
    "/v1/accounts/{account_id}/minimum-balance",
    **ruled(
        summary="Set the minimum balance",
        description="What is missing is demanded at once. Nothing is recorded when the amount is the same. Factors of "
        "rating and listing apply.",
        body=MinimumBalance,
        codes=("account_not_found", "minimum_not_fixed"),
    ),
)
async def set_minimum(
    account_id: str,
    call: Annotated[Call[MinimumBalance], Depends(command(MinimumBalance, "minimum_balance:write"))],
) -> Response:
    return receipt(
        await set_minimum_balance(
            call.ledger, call.caller, **said_of(call, account_id), amount_fen=call.body.amount_fen
        )
    )


@router.post(
    "/v1/accounts/{account_id}/holds",
    **ruled(
        summary="Hold earned money",
        answer=HoldReceipt,
        body=Hold,
        status=201,
        codes=("account_not_found", "total_too_large"),
    ),
)
async def hold(account_id: str, call: Annotated[Call[Hold], Depends(command(Hold, "holds:write"))]) -> Response:
    outcome = await hold_funds(
        call.ledger, call.caller, **said_of(call, account_id), hold_id=str(uuid7()), amount_fen=call.body.amount_fen
    )
    held = first(outcome, FundsHeld)
    assert held is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(HoldReceipt(**fields, hold_id=held.hold_id, amount_fen=held.amount_fen), outcome, 201)


@router.post(
    "/v1/accounts/{account_id}/holds/{hold_id}/release",
    **ruled(
        summary="Release a hold",
        body=Decision,
        codes=("account_not_found", "hold_not_found"),
    ),
)
async def release(
    account_id: str, hold_id: str, call: Annotated[Call[Decision], Depends(command(Decision, "holds:write"))]
) -> Response:
    return receipt(await release_hold(call.ledger, call.caller, **said_of(call, account_id), hold_id=hold_id))


@router.post(
    "/v1/accounts/{account_id}/opening-balance",
    **ruled(
        summary="Import the opening balance",
        body=OpeningBalance,
        codes=("account_not_found", "opening_balance_late", "opening_balance_unbalanced"),
    ),
)
async def import_opening(
    account_id: str, call: Annotated[Call[OpeningBalance], Depends(command(OpeningBalance, "accounts:write"))]
) -> Response:
    body = call.body
    outcome = await import_opening_balance(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        cash_fen=body.cash_fen,
        earned_fen=body.earned_fen,
        reserve_fen=body.reserve_fen,
        suspense_fen=body.suspense_fen,
        document=body.document,
        on=body.effective_on or call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/reserve-release",
    **ruled(
        summary="Release part of the reserve",
        body=ReserveRelease,
        codes=("account_not_found", "reserve_too_small"),
    ),
)
async def release_part(
    account_id: str, call: Annotated[Call[ReserveRelease], Depends(command(ReserveRelease, "accounts:write"))]
) -> Response:
    return receipt(
        await release_reserve(call.ledger, call.caller, **said_of(call, account_id), amount_fen=call.body.amount_fen)
    )
