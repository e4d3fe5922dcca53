"""`/v1/closures`, `/v1/accounts/{id}/wind-down` and `/v1/accounts/{id}/claims`: the end of an institution."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from api.answers import Receipt, first, found, receipt, receipt_fields, receipt_of, recorded
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.fields import Body, OptionalText, Reason
from api.pages import Id, Limit, Page, PageCursor, Reading, page_of, place_of, read_cursor, reading
from ledger.application.wind_down import (
    close_wind_down,
    continue_wind_down,
    distribute_claims,
    notify_closure,
    start_wind_down,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import ClosureNotified, DistributionOpened, WindDownClosed
from ledger.projections import claims
from ledger.projections.claim_rows import ClaimRow, WindDownRow, WindDownState

router = APIRouter()


class Closure(Body, frozen=True, kw_only=True):
    """The day on which the institution closes, and why."""

    account_id: UUID
    closes_on: date
    reason: Reason


class ClosureReceipt(Receipt, kw_only=True):
    """The day that was notified, and the earliest that the law's notice allows."""

    closes_on: date
    earliest_on: date


class WindDownOrder(Body, frozen=True, kw_only=True):
    """Why the institution is wound up."""

    reason: Reason


class NextStep(Body, frozen=True, kw_only=True):
    """Nothing needs to be said: the account knows how far its wind-down is."""


class DistributionReceipt(Receipt, kw_only=True):
    """What is shared among how many claims, which lack so much (fen)."""

    number: int
    amount_fen: int
    claims_fen: int
    claims: int


class ClosingOrder(Body, frozen=True, kw_only=True):
    """Why money that families were given could not be paid, if some was not."""

    reason: OptionalText = ""


class ClosingReceipt(Receipt, kw_only=True):
    """The closing report (fen): what families claimed, were paid, took elsewhere, still have to get, and lost; and what
    is left for the institution."""

    contracts: int
    claims_fen: int
    paid_fen: int
    transferred_fen: int
    held_fen: int
    lost_fen: int
    institution_fen: int


@router.post(
    "/v1/closures",
    tags=["institution"],
    **described(
        summary="Give notice of a planned closure",
        description="All unconsumed fees are to be returned: on the day after, the wind-down begins by itself. From "
        "the notice on no contract may run beyond that day (rule closure.notice).",
        answer=ClosureReceipt,
        body=Closure,
        status=201,
        codes=("account_not_found", "account_winding_down", "closure_notified", "closure_notice_short"),
        command=True,
        guarded=True,
    ),
)
async def notify_of_closure(call: Annotated[Call[Closure], Depends(command(Closure, "closures:write"))]) -> Response:
    outcome = await notify_closure(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        closes_on=call.body.closes_on,
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    event = first(outcome, ClosureNotified)
    assert event is not None
    fields = receipt_fields(outcome)
    return recorded(ClosureReceipt(**fields, closes_on=event.closes_on, earliest_on=event.earliest_on), outcome, 201)  # pyright: ignore[reportArgumentType]


@router.post(
    "/v1/accounts/{account_id}/wind-down",
    tags=["regulator"],
    **described(
        summary="Wind an institution up",
        description="Payouts, contracts, lessons and new fees stop; lessons that wait are settled; all that families "
        "have left becomes their claim. A request that was interrupted goes on when it is made again.",
        answer=Receipt,
        body=WindDownOrder,
        status=201,
        codes=("account_not_found", "account_winding_down"),
        command=True,
        guarded=True,
    ),
)
async def begin_wind_down(
    account_id: str, call: Annotated[Call[WindDownOrder], Depends(command(WindDownOrder, "wind_down:write"))]
) -> Response:
    outcome = await start_wind_down(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    return recorded(receipt_of(outcome), outcome, 201)


@router.post(
    "/v1/accounts/{account_id}/wind-down/continuation",
    tags=["regulator"],
    **described(
        summary="Go on with a wind-down that was interrupted",
        description="The daily close does the same. What is done is not done again.",
        answer=Receipt,
        body=NextStep,
        codes=("account_not_found", "account_not_winding_down"),
        command=True,
    ),
)
async def go_on_with_wind_down(
    account_id: str, call: Annotated[Call[NextStep], Depends(command(NextStep, "wind_down:write"))]
) -> Response:
    outcome = await continue_wind_down(
        call.ledger, call.caller, account_id=account_id_of(account_id), on=call.ledger.today()
    )
    return receipt(outcome)


@router.post(
    "/v1/accounts/{account_id}/wind-down/distributions",
    tags=["regulator"],
    **described(
        summary="Share the cash among all claims",
        description="Pro rata by largest remainder, of what each claim still lacks. The institution's own money in the "
        "account stands in for families. Refunds go to the bank along the original routes, and again when more money "
        "came in and this is asked again.",
        answer=DistributionReceipt,
        body=NextStep,
        status=201,
        codes=("account_not_found", "account_not_winding_down", "wind_down_unsettled", "distribution_nothing"),
        command=True,
        guarded=True,
    ),
)
async def open_distribution(
    account_id: str, call: Annotated[Call[NextStep], Depends(command(NextStep, "wind_down:write"))]
) -> Response:
    outcome = await distribute_claims(
        call.ledger, call.caller, account_id=account_id_of(account_id), on=call.ledger.today()
    )
    opened = first(outcome, DistributionOpened)
    assert opened is not None
    receipt = DistributionReceipt(
        **receipt_fields(outcome),  # pyright: ignore[reportArgumentType]
        number=opened.number,
        amount_fen=opened.amount_fen,
        claims_fen=opened.claims_fen,
        claims=opened.claims,
    )
    return recorded(receipt, outcome, 201)


@router.post(
    "/v1/accounts/{account_id}/wind-down/closing",
    tags=["regulator"],
    **described(
        summary="End a wind-down with its report",
        description="When everything is paid or explained. Money that comes later can still be shared.",
        answer=ClosingReceipt,
        body=ClosingOrder,
        codes=(
            "account_not_found",
            "account_not_winding_down",
            "wind_down_closed",
            "wind_down_unsettled",
            "wind_down_unfinished",
        ),
        command=True,
        guarded=True,
    ),
)
async def report_wind_down(
    account_id: str, call: Annotated[Call[ClosingOrder], Depends(command(ClosingOrder, "wind_down:write"))]
) -> Response:
    outcome = await close_wind_down(
        call.ledger,
        call.caller,
        account_id=account_id_of(account_id),
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    report = first(outcome, WindDownClosed)
    assert report is not None
    receipt = ClosingReceipt(
        **receipt_fields(outcome),  # pyright: ignore[reportArgumentType]
        contracts=report.contracts,
        claims_fen=report.claims_fen,
        paid_fen=report.paid_fen,
        transferred_fen=report.transferred_fen,
        held_fen=report.held_fen,
        lost_fen=report.lost_fen,
        institution_fen=report.institution_fen,
    )
    return recorded(receipt, outcome)


@router.get(
    "/v1/wind-downs",
    tags=["regulator"],
    **described(
        summary="List closures and wind-downs",
        answer=Page[WindDownRow],
        codes=("cursor_malformed",),
    ),
)
async def list_wind_downs(
    read: Annotated[Reading, Depends(reading("accounts:read"))],
    state: WindDownState | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await claims.list_wind_downs(
            connection, scope=read.scope, state=state, after=read_cursor(cursor), limit=limit + 1
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/accounts/{account_id}/wind-down",
    tags=["regulator"],
    **described(
        summary="How far a wind-down is, and its report",
        answer=WindDownRow,
        codes=("account_not_found", "wind_down_not_found"),
    ),
)
async def show_wind_down(account_id: str, read: Annotated[Reading, Depends(reading("accounts:read"))]) -> Response:
    account = await read.books.reader.account(account_id, read.scope)
    async with read.pool.connection() as connection:
        row = await claims.get_wind_down(connection, account.account_id, scope=read.scope)
    if row is None:
        raise LedgerError("wind_down_not_found")
    return found(row)


@router.get(
    "/v1/claims",
    tags=["regulator"],
    **described(
        summary="List families' claims",
        description="What each family claims, was given, was paid, took elsewhere or did not get, with the arithmetic "
        "of each package. A family sees its own.",
        answer=Page[ClaimRow],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_claims(
    read: Annotated[Reading, Depends(reading("refunds:read"))],
    account_id: Id | None = None,
    contract_id: Id | None = None,
    family_id: Id | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    return await _claims(
        read, account_id=account_id, contract_id=contract_id, family_id=family_id, cursor=cursor, limit=limit
    )


@router.get(
    "/v1/accounts/{account_id}/claims",
    tags=["regulator"],
    **described(
        summary="List the claims of one account",
        answer=Page[ClaimRow],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_account_claims(
    account_id: str,
    read: Annotated[Reading, Depends(reading("refunds:read"))],
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    account = await read.books.reader.account(account_id, read.scope)
    return await _claims(
        read, account_id=account.account_id, contract_id=None, family_id=None, cursor=cursor, limit=limit
    )


async def _claims(
    read: Reading,
    *,
    account_id: str | None,
    contract_id: str | None,
    family_id: str | None,
    cursor: str | None,
    limit: int,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await claims.list_page(
            connection,
            scope=read.scope,
            account_id=None if account_id is None else account_id_of(account_id),
            contract_id=contract_id,
            family_id=family_id,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))
