"""`/v1/reconciliation`: which accounts agree with their banks on a day; one account's days; comparing it now."""

from datetime import date
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.calls import Call, account_id_of, command
from api.documentation import described
from api.fields import Body
from api.pages import Limit, Page, PageCursor, Reading, page_of, read_cursor, reading, scope_of
from api.query import Day
from ledger.application.reconciliation import Reconciled, reconcile_account
from ledger.application.recording import take_batch_key
from ledger.projections import reconciliation_queries
from ledger.projections.paging import Cursor
from ledger.projections.reconciliation_queries import AccountDay, ReconciliationState
from ledger.projections.reconciliation_rows import ReconciledDay

router = APIRouter(tags=["regulator"])


class ComparisonAsked(Body, frozen=True, kw_only=True):
    """Through which day the account is to be compared with its bank; today if none is named."""

    on: date | None = None


@router.get(
    "/v1/reconciliation",
    **described(
        summary="List accounts by how they agree with their banks on a day",
        description="Accounts that were open on the day (today, if none is named) in the order of their opening: "
        "reconciled, broken, or not reported by the bank, with the figures of the four equations.",
        answer=Page[AccountDay],
        codes=("cursor_malformed",),
    ),
)
async def list_days(
    read: Annotated[Reading, Depends(reading("reconciliation:read"))],
    day: Annotated[Day | None, Query(examples=["2026-09-01"])] = None,
    district: Annotated[str | None, Query(max_length=12, pattern=r"^[0-9A-Za-z]+$")] = None,
    state: ReconciliationState | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await reconciliation_queries.list_days(
            connection,
            day=day or read.books.ledger.today(),
            scope=read.scope,
            district=district,
            state=state,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row[1], lambda row: row[0]))


@router.get(
    "/v1/accounts/{account_id}/reconciliation",
    **described(
        summary="List the days of an account that were compared with its bank",
        description="Newest first. Days for which the bank reported nothing are not in the list.",
        answer=Page[ReconciledDay],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_days_of_account(
    account_id: str,
    read: Annotated[Reading, Depends(reading("reconciliation:read"))],
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    account = await read.books.reader.account(account_id, read.scope)
    after = read_cursor(cursor)
    before = None if after is None or not 1 <= after.position <= date.max.toordinal() else after.position
    async with read.pool.connection() as connection:
        rows = await reconciliation_queries.days_of_account(
            connection,
            account.account_id,
            before=None if before is None else date.fromordinal(before),
            limit=limit + 1,
        )

    def place(row: ReconciledDay) -> Cursor:
        return Cursor(row.partition, row.effective_on.toordinal())

    return found(page_of(rows, limit, lambda row: row, place))


@router.post(
    "/v1/accounts/{account_id}/reconciliation",
    **described(
        summary="Compare an account with its bank now",
        description="What the daily close does for every account. The same comparison again changes nothing.",
        answer=Reconciled,
        body=ComparisonAsked,
        codes=("account_not_found", "reconciliation_behind"),
        command=True,
    ),
)
async def compare(
    account_id: str, call: Annotated[Call[ComparisonAsked], Depends(command(ComparisonAsked, "reconciliation:write"))]
) -> Response:
    known: UUID = account_id_of((await call.reader.account(account_id, scope_of(call.principal))).account_id)
    await take_batch_key(call.pool, call.caller)
    on = call.body.on or call.ledger.today()
    return found(await reconcile_account(call.ledger, call.reader, call.caller, account_id=known, on=on))
