"""`/v1/accounts/{id}/loss`: what would be lost if the institution closed, now or at any past instant, and by whom."""

import asyncio
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.codes import ApiError
from api.documentation import described
from api.pages import Reading, read_cursor, reading, write_cursor
from api.routes.balances import AsOf, AtPosition
from ledger.application.time_travel import version_then
from ledger.domain.loss import FamilyLoss, Loss, loss_if_closed
from ledger.projections.paging import Cursor

router = APIRouter(tags=["regulator"])


class LossOfFamily(msgspec.Struct, kw_only=True):
    """What a family is owed (fen): fees not consumed and refunds not paid; and what of it would be lost."""

    family_id: str
    prepaid_fen: int
    refunds_fen: int
    claim_fen: int
    loss_fen: int


class LossAnswer(msgspec.Struct, kw_only=True):
    """`loss_fen = max(0, obligation_fen + suspense_fen - cash_fen)` as of the account's `version`.

    It is shared in proportion to what is owed, by largest remainder; `suspense_loss_fen` is the part of payers whom no
    contract explains yet. `families` are those that the reader may see, in the order of their ids; `next` is the cursor
    of those after them. Banks see no families.
    """

    account_id: str
    version: int
    as_of: datetime | None
    at_position: int | None
    obligation_fen: int
    suspense_fen: int
    cash_fen: int
    loss_fen: int
    suspense_loss_fen: int
    families: list[LossOfFamily]
    next: str | None


@router.get(
    "/v1/accounts/{account_id}/loss",
    **described(
        summary="The loss if the institution closed today, or had closed then",
        description="For families of their own part alone. At most one of `as_of` and `at_position`.",
        answer=LossAnswer,
        codes=("account_not_found", "instant_in_future", "as_of_ambiguous", "cursor_malformed"),
        etag=True,
    ),
)
async def get_loss(
    account_id: str,
    read: Annotated[Reading, Depends(reading("loss:read"))],
    as_of: AsOf = None,
    at_position: AtPosition = None,
    cursor: Annotated[str | None, Query(max_length=80, description="`next` of the page before.")] = None,
    limit: Annotated[int, Query(ge=1, le=5_000, description="Most families on the page.")] = 1_000,
) -> Response:
    if as_of is not None and at_position is not None:
        raise ApiError("as_of_ambiguous")
    row = await read.books.reader.account(account_id, read.scope)
    ledger = read.books.ledger
    version = await version_then(
        ledger,
        read.books.reader,
        account_id=UUID(row.account_id),
        partition=row.partition,
        as_of=as_of,
        at_position=at_position,
    )
    account = await asyncio.to_thread(ledger.account_at_version, UUID(row.account_id), version)
    loss = loss_if_closed(account)
    seen = _seen_by(read, loss)
    place = read_cursor(cursor)
    start = 0 if place is None else place.position
    shown = seen[start : start + limit]
    more = start + limit < len(seen)
    answer = LossAnswer(
        account_id=row.account_id,
        version=account.version,
        as_of=as_of,
        at_position=at_position,
        obligation_fen=loss.obligation_fen,
        suspense_fen=loss.suspense_fen,
        cash_fen=loss.cash_fen,
        loss_fen=loss.loss_fen,
        suspense_loss_fen=loss.suspense_loss_fen,
        families=[
            LossOfFamily(
                family_id=one.family_id,
                prepaid_fen=one.prepaid_fen,
                refunds_fen=one.refunds_fen,
                claim_fen=one.claim_fen,
                loss_fen=one.loss_fen,
            )
            for one in shown
        ],
        next=write_cursor(Cursor(row.partition, start + limit)) if more else None,
    )
    return found(answer, version=account.version)


def _seen_by(read: Reading, loss: Loss) -> list[FamilyLoss]:
    if read.principal.role == "bank":
        return []
    own = read.scope.family_ids
    return [one for one in loss.families if own is None or one.family_id in own]
