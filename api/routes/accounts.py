"""`/v1/accounts`: opened by the regulator, read by whoever they concern."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends
from msgspec import Meta
from starlette.responses import Response

from api.answers import Receipt, found, receipt_of, recorded
from api.auth.permissions import may_see_account
from api.auth.principal import Principal
from api.calls import Call, command
from api.codes import ApiError
from api.documentation import described
from api.fields import AccountNo, Body, District, Name
from api.pages import Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading
from ledger.application.access import WHOLE_CITY
from ledger.application.accounts import open_account
from ledger.domain.events import Listing
from ledger.domain.postings import BUCKETS
from ledger.projections import balances
from ledger.projections.balances import AccountBalance

router = APIRouter(tags=["regulator"])


class Opening(Body, frozen=True, kw_only=True):
    """A supervised account of an institution at its custodian bank.

    `authorities` are codes of districts (every authority there) or names of authorities of its own district (`sports`).
    """

    institution_id: Name
    bank: Annotated[str, Meta(min_length=2, max_length=20, pattern=r"^[A-Z0-9]+(?!\n)$", examples=["ICBC"])]
    account_no: AccountNo
    district: District
    authorities: Annotated[tuple[District, ...], Meta(min_length=1, max_length=4)]
    pack: Name = "default"
    opened_on: Annotated[date | None, Meta(description="Today if absent.", examples=["2026-09-01"])] = None


class Amounts(msgspec.Struct, kw_only=True):
    """Balances by bucket in fen (five assets, six liabilities, equal in sum), and what follows from them."""

    cash_fen: int
    advance_fen: int
    held_by_institution_fen: int
    shortage_fen: int
    in_transit_fen: int
    prepaid_fen: int
    earned_fen: int
    payout_in_flight_fen: int
    refund_payable_fen: int
    reserve_fen: int
    suspense_fen: int
    obligation_fen: int
    exposure_fen: int
    loss_if_closed_today_fen: int


class AccountAnswer(Amounts, kw_only=True):
    """An account as of its `version`, whose last event is at `updated_position` of `partition`."""

    account_id: str
    institution_id: str
    bank: str
    account_no: str
    district: str
    authorities: list[str]
    pack: str
    rating: str
    listing: str
    frozen: list[str]
    suspended_on: date | None
    opened_on: date
    held_fen: int
    minimum_balance_fen: int
    top_up_due_fen: int
    top_up_due_on: date | None
    bank_balance_fen: int | None
    bank_balance_on: date | None
    partition: int
    version: int
    updated_position: int
    updated_at: datetime


_SAME = tuple(name for name in AccountAnswer.__struct_fields__ if name in AccountBalance.__struct_fields__)
_DERIVED = ("obligation_fen", "exposure_fen", "loss_if_closed_today_fen")


def account_answer(row: AccountBalance) -> AccountAnswer:
    """The answer for a row of the balances view."""
    return AccountAnswer(
        **{f"{bucket}_fen": getattr(row, bucket) for bucket in BUCKETS},
        **{name: getattr(row, name) for name in (*_DERIVED, *_SAME)},
    )


def require_district(principal: Principal, district: str) -> None:
    """Refuses what a regulator sets up for another district. Errors: ApiError `district_denied`."""
    if not principal.districts & {WHOLE_CITY, district}:
        raise ApiError("district_denied", district=district)


@router.post(
    "/v1/accounts",
    **described(
        summary="Open an account",
        answer=Receipt,
        body=Opening,
        status=201,
        codes=("account_no_taken", "bank_code_malformed", "policy_unknown", "district_denied"),
        command=True,
    ),
)
async def open_one(call: Annotated[Call[Opening], Depends(command(Opening, "accounts:write"))]) -> Response:
    body = call.body
    require_district(call.principal, body.district)
    if not may_see_account(
        call.principal,
        bank=body.bank,
        institution_id=body.institution_id,
        district=body.district,
        authorities=body.authorities,
    ):  # a client of one authority opens accounts that name it
        raise ApiError("district_denied", district=body.district)
    outcome = await open_account(
        call.ledger,
        call.caller,
        account_id=call.caller.begun_id(),
        institution_id=body.institution_id,
        bank=body.bank,
        account_no=body.account_no,
        district=body.district,
        authorities=body.authorities,
        pack=body.pack,
        on=body.opened_on or call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome, 201)


@router.get(
    "/v1/accounts",
    **described(summary="List accounts", answer=Page[AccountAnswer], codes=("cursor_malformed",)),
)
async def list_accounts(
    read: Annotated[Reading, Depends(reading("accounts:read"))],
    listing: Listing | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await balances.list_page(
            connection, scope=read.scope, listing=listing, after=read_cursor(cursor), limit=limit + 1
        )
    return found(page_of(rows, limit, account_answer, place_of))


@router.get(
    "/v1/accounts/{account_id}",
    **described(summary="Get one account", answer=AccountAnswer, codes=("account_not_found",), etag=True),
)
async def get_account(account_id: str, read: Annotated[Reading, Depends(reading("accounts:read"))]) -> Response:
    row = await read.books.reader.account(account_id, read.scope)
    return found(account_answer(row), version=row.version)
