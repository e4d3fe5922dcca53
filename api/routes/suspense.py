"""`/v1/suspense`: receipts that no contract explains yet."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.answers import Receipt, first, found, receipt, receipt_fields, recorded
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, ContractId, Fen, Reason, TransferId
from api.pages import Id, Limit, Page, PageCursor, Reading, account_filter, page_of, place_of, read_cursor, reading
from ledger.application.suspense import match_suspense, return_suspense, suggest_matches
from ledger.domain.events import SuspenseReturnInstructed
from ledger.domain.suspense_suggestions import Suggestion
from ledger.projections import suspense
from ledger.projections.suspense import SuspenseItem

router = APIRouter(tags=["institution"])


class Match(Body, frozen=True, kw_only=True):
    """Which contract a receipt (or a part of it) pays, and how that is known.

    With `transfer_id` the whole receipt is the money of that transfer to the contract.
    """

    account_id: UUID
    contract_id: ContractId
    amount_fen: Fen
    reason: Reason
    transfer_id: TransferId = ""


class Return(Body, frozen=True, kw_only=True):
    """Why a receipt goes back to where it came from."""

    account_id: UUID
    reason: Reason


class ReturnReceipt(Receipt, kw_only=True):
    """The instruction that the bank will find."""

    instruction_id: str
    end_to_end_id: str
    amount_fen: int


class SuspenseShown(SuspenseItem, kw_only=True):
    """A receipt in suspense, with the days for which it has waited."""

    age_days: int


class Suggestions(msgspec.Struct, kw_only=True):
    """Contracts that a receipt may pay, the likeliest first, with reasons; a suggestion matches nothing by itself."""

    suspense_id: str
    account_id: str
    amount_fen: int
    suggestions: list[Suggestion]


@router.get(
    "/v1/suspense",
    **described(
        summary="List receipts in suspense",
        description="`age_days` counts from the day of the receipt; with `min_age_days` only those of that age. "
        "`return_on` is the announced day from which a receipt is sent back if nobody claims it.",
        answer=Page[SuspenseShown],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_suspense(
    read: Annotated[Reading, Depends(reading("suspense:read"))],
    account_id: Id | None = None,
    only_open: bool = True,
    min_age_days: Annotated[int | None, Query(ge=0, le=36_500)] = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    today = read.books.ledger.today()
    async with read.pool.connection() as connection:
        rows = await suspense.list_page(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            only_open=only_open,
            received_until=None if min_age_days is None else today - timedelta(days=min_age_days),
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: _shown(row, today), place_of))


@router.get(
    "/v1/suspense/{suspense_id}/suggestions",
    **described(
        summary="Suggest contracts for a receipt",
        description="By its reference (spacing, case, width and typing errors aside), its payer's route and its "
        "amount; and transfers of that amount that are in transit. Ranked, and explained in both languages; none once "
        "the receipt is matched or on its way back.",
        answer=Suggestions,
        codes=("suspense_not_found",),
    ),
)
async def list_suspense_suggestions(
    suspense_id: str, read: Annotated[Reading, Depends(reading("suspense:read"))]
) -> Response:
    item = await read.books.reader.suspense(suspense_id, read.scope)
    suggestions = await suggest_matches(
        read.books.ledger,
        account_id=UUID(item.account_id),
        suspense_id=suspense_id,
        contract_reference=item.contract_reference,
    )
    return found(
        Suggestions(
            suspense_id=suspense_id,
            account_id=item.account_id,
            amount_fen=item.amount_fen,
            suggestions=suggestions,
        )
    )


def _shown(item: SuspenseItem, today: date) -> SuspenseShown:
    fields: dict[str, Any] = msgspec.structs.asdict(item)
    return SuspenseShown(**fields, age_days=(today - item.received_on).days)


@router.post(
    "/v1/suspense/{suspense_id}/match",
    **described(
        summary="Match a receipt to a contract",
        description="With `transfer_id`: to a transfer from another institution's account, whose text the bank dropped "
        "or cut. It is refused unless the receipt is of exactly the transfer's amount.",
        answer=Receipt,
        body=Match,
        codes=(
            "account_not_found",
            "account_blacklisted",
            "contract_not_found",
            "contract_overpaid",
            "suspense_not_found",
            "suspense_return_pending",
            "suspense_too_small",
            "transfer_amount_differs",
            "transfer_not_found",
        ),
        command=True,
        guarded=True,
    ),
)
async def match(suspense_id: str, call: Annotated[Call[Match], Depends(command(Match, "suspense:write"))]) -> Response:
    body = call.body
    outcome = await match_suspense(
        call.ledger,
        call.caller,
        account_id=body.account_id,
        suspense_id=suspense_id,
        contract_id=body.contract_id,
        amount_fen=body.amount_fen,
        reason=body.reason,
        on=call.ledger.today(),
        transfer_id=body.transfer_id,
    )
    return receipt(outcome)


@router.post(
    "/v1/suspense/{suspense_id}/return",
    **described(
        summary="Send a receipt back to its payer",
        answer=ReturnReceipt,
        body=Return,
        codes=("account_not_found", "suspense_not_found", "suspense_return_pending", "cash_short"),
        command=True,
        guarded=True,
    ),
)
async def send_back(
    suspense_id: str, call: Annotated[Call[Return], Depends(command(Return, "suspense:write"))]
) -> Response:
    outcome = await return_suspense(
        call.ledger,
        call.caller,
        account_id=call.body.account_id,
        suspense_id=suspense_id,
        instruction_id=str(uuid7()),
        reason=call.body.reason,
        on=call.ledger.today(),
    )
    instructed = first(outcome, SuspenseReturnInstructed)
    assert instructed is not None
    fields: dict[str, Any] = receipt_fields(outcome)
    return recorded(
        ReturnReceipt(
            **fields,
            instruction_id=instructed.instruction_id,
            end_to_end_id=instructed.end_to_end_id,
            amount_fen=instructed.amount_fen,
        ),
        outcome,
    )
