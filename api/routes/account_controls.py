"""`/v1/accounts/{id}/policy`, `/authorities`, `/rating`, `/listing`, `/freeze`, `/unfreeze`: the regulator's word."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, receipt_of, recorded
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.fields import Body, District, Name, Reason
from ledger.application.accounts import (
    assign_policy,
    change_authority,
    freeze_account,
    list_institution,
    rate_institution,
    unfreeze_account,
)
from ledger.domain.events import FreezeScope, Listing

router = APIRouter(tags=["regulator"])

EffectiveOn = Annotated[
    date | None, Meta(description="The day it counts for; today if absent, never later.", examples=["2026-09-01"])
]


class Decision(Body, frozen=True, kw_only=True):
    """Every decision of the regulator says why, and for which day."""

    reason: Reason
    effective_on: EffectiveOn = None


class PolicyChange(Decision, frozen=True, kw_only=True):
    """The policy pack that the account follows from now on."""

    pack: Name


class AuthorityChange(Decision, frozen=True, kw_only=True):
    """The authorities that supervise the account: codes of districts, or names of authorities of its own district."""

    authorities: Annotated[tuple[District, ...], Meta(min_length=1, max_length=4)]


class Rating(Decision, frozen=True, kw_only=True):
    """The institution's credit grade."""

    rating: Name


class ListingChange(Decision, frozen=True, kw_only=True):
    """The list that the institution is on."""

    listing: Listing


class Freeze(Decision, frozen=True, kw_only=True):
    """The kind of traffic that a freeze stops; refunds always go on."""

    scope: FreezeScope


@router.post(
    "/v1/accounts/{account_id}/policy",
    **described(
        summary="Assign a policy pack",
        answer=Receipt,
        body=PolicyChange,
        codes=("account_not_found", "policy_unknown"),
        command=True,
        guarded=True,
    ),
)
async def assign(
    account_id: str, call: Annotated[Call[PolicyChange], Depends(command(PolicyChange, "accounts:write"))]
) -> Response:
    body = call.body
    outcome = await assign_policy(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        pack=body.pack,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/authorities",
    **described(
        summary="Change the supervising authorities",
        answer=Receipt,
        body=AuthorityChange,
        codes=("account_not_found",),
        command=True,
        guarded=True,
    ),
)
async def change_authorities(
    account_id: str, call: Annotated[Call[AuthorityChange], Depends(command(AuthorityChange, "accounts:write"))]
) -> Response:
    body = call.body
    outcome = await change_authority(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        authorities=body.authorities,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/rating",
    **described(
        summary="Rate the institution",
        answer=Receipt,
        body=Rating,
        codes=("account_not_found",),
        command=True,
        guarded=True,
    ),
)
async def rate(account_id: str, call: Annotated[Call[Rating], Depends(command(Rating, "accounts:write"))]) -> Response:
    body = call.body
    outcome = await rate_institution(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        rating=body.rating,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/listing",
    **described(
        summary="List the institution",
        description="Nothing is recorded when it is on that list already.",
        answer=Receipt,
        body=ListingChange,
        codes=("account_not_found",),
        command=True,
        guarded=True,
    ),
)
async def list_it(
    account_id: str, call: Annotated[Call[ListingChange], Depends(command(ListingChange, "accounts:write"))]
) -> Response:
    body = call.body
    outcome = await list_institution(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        listing=body.listing,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/freeze",
    **described(
        summary="Freeze traffic",
        answer=Receipt,
        body=Freeze,
        codes=("account_not_found", "account_frozen"),
        command=True,
        guarded=True,
    ),
)
async def freeze(account_id: str, call: Annotated[Call[Freeze], Depends(command(Freeze, "freeze:write"))]) -> Response:
    body = call.body
    outcome = await freeze_account(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        scope=body.scope,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)


@router.post(
    "/v1/accounts/{account_id}/unfreeze",
    **described(
        summary="End a freeze",
        answer=Receipt,
        body=Freeze,
        codes=("account_not_found", "account_not_frozen"),
        command=True,
        guarded=True,
    ),
)
async def unfreeze(
    account_id: str, call: Annotated[Call[Freeze], Depends(command(Freeze, "freeze:write"))]
) -> Response:
    body = call.body
    outcome = await unfreeze_account(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        scope=body.scope,
        reason=body.reason,
        on=body.effective_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome)
