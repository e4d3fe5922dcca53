"""`/v1/accounts/{id}/policy`, `/authorities`, `/rating`, `/listing`, `/freeze`, `/unfreeze`: the regulator's word."""

from datetime import date
from functools import partial
from typing import Annotated, Final, TypedDict, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, receipt
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


D = TypeVar("D", bound=Decision)


class Said(TypedDict):
    """What every decision on an account says."""

    account_id: UUID
    reason: str
    on: date


def said_of(call: Call[D], account_id: str) -> Said:
    """The account of the path, and why and for which day the body decides. Errors: `account_not_found`."""
    body = call.body
    return Said(account_id=account_id_of(account_id), reason=body.reason, on=body.effective_on or call.ledger.today())


ruled: Final = partial(described, answer=Receipt, command=True, guarded=True)
"""How every decision on an account is described."""


@router.post(
    "/v1/accounts/{account_id}/policy",
    **ruled(
        summary="Assign a policy pack",
        body=PolicyChange,
        codes=("account_not_found", "policy_unknown"),
    ),
)
async def assign(
    account_id: str, call: Annotated[Call[PolicyChange], Depends(command(PolicyChange, "accounts:write"))]
) -> Response:
    return receipt(await assign_policy(call.ledger, call.caller, **said_of(call, account_id), pack=call.body.pack))


@router.post(
    "/v1/accounts/{account_id}/authorities",
    **ruled(
        summary="Change the supervising authorities",
        body=AuthorityChange,
        codes=("account_not_found",),
    ),
)
async def change_authorities(
    account_id: str, call: Annotated[Call[AuthorityChange], Depends(command(AuthorityChange, "accounts:write"))]
) -> Response:
    return receipt(
        await change_authority(call.ledger, call.caller, **said_of(call, account_id), authorities=call.body.authorities)
    )


@router.post(
    "/v1/accounts/{account_id}/rating",
    **ruled(
        summary="Rate the institution",
        body=Rating,
        codes=("account_not_found",),
    ),
)
async def rate(account_id: str, call: Annotated[Call[Rating], Depends(command(Rating, "accounts:write"))]) -> Response:
    return receipt(
        await rate_institution(call.ledger, call.caller, **said_of(call, account_id), rating=call.body.rating)
    )


@router.post(
    "/v1/accounts/{account_id}/listing",
    **ruled(
        summary="List the institution",
        description="Nothing is recorded when it is on that list already.",
        body=ListingChange,
        codes=("account_not_found",),
    ),
)
async def list_it(
    account_id: str, call: Annotated[Call[ListingChange], Depends(command(ListingChange, "accounts:write"))]
) -> Response:
    return receipt(
        await list_institution(call.ledger, call.caller, **said_of(call, account_id), listing=call.body.listing)
    )


@router.post(
    "/v1/accounts/{account_id}/freeze",
    **ruled(
        summary="Freeze traffic",
        body=Freeze,
        codes=("account_not_found", "account_frozen"),
    ),
)
async def freeze(account_id: str, call: Annotated[Call[Freeze], Depends(command(Freeze, "freeze:write"))]) -> Response:
    return receipt(await freeze_account(call.ledger, call.caller, **said_of(call, account_id), scope=call.body.scope))


@router.post(
    "/v1/accounts/{account_id}/unfreeze",
    **ruled(
        summary="End a freeze",
        body=Freeze,
        codes=("account_not_found", "account_not_frozen"),
    ),
)
async def unfreeze(
    account_id: str, call: Annotated[Call[Freeze], Depends(command(Freeze, "freeze:write"))]
) -> Response:
    return receipt(await unfreeze_account(call.ledger, call.caller, **said_of(call, account_id), scope=call.body.scope))
