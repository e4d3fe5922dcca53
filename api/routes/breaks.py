"""`/v1/breaks`: differences between banks and ledger, who sees to them, and how they ended."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import Receipt, found, receipt
from api.calls import Call, command
from api.documentation import described
from api.fields import Body, Name, OptionalText, Reason
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
from ledger.application.reconciliation import assign_break, find_break, resolve_break
from ledger.domain.events import BreakKind, BreakOwner
from ledger.projections import reconciliation_queries
from ledger.projections.reconciliation_rows import BreakRecord, BreakState

router = APIRouter(tags=["regulator"])


class Assignment(Body, frozen=True, kw_only=True):
    """Who sees to the break: an opaque id or an office, no name."""

    assignee: Name
    note: OptionalText = ""


class Explanation(Body, frozen=True, kw_only=True):
    """Why the break is none, or how it ended, and where the proof is (the bank's letter, a case)."""

    reason: Reason
    link: Name


@router.get(
    "/v1/breaks",
    **described(
        summary="List breaks",
        description="In the order in which they were found. Each has a kind, an owner and a day by which it is to be "
        "made good; `overdue` ones were not.",
        answer=Page[BreakRecord],
        codes=("account_not_found", "cursor_malformed"),
    ),
)
async def list_breaks(
    read: Annotated[Reading, Depends(reading("reconciliation:read"))],
    account_id: Id | None = None,
    district: Annotated[str | None, Query(max_length=12, pattern=r"^[0-9A-Za-z]+$")] = None,
    kind: BreakKind | None = None,
    owner: BreakOwner | None = None,
    state: BreakState | None = None,
    overdue: bool | None = None,
    assignee: Id | None = None,
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    async with read.pool.connection() as connection:
        rows = await reconciliation_queries.list_breaks(
            connection,
            scope=read.scope,
            account_id=account_filter(account_id),
            district=district,
            kind=kind,
            owner=owner,
            state=state,
            overdue=overdue,
            assignee=assignee,
            after=read_cursor(cursor),
            limit=limit + 1,
        )
    return found(page_of(rows, limit, lambda row: row, place_of))


@router.get(
    "/v1/breaks/{break_id}", **described(summary="Get one break", answer=BreakRecord, codes=("break_not_found",))
)
async def get_break(break_id: str, read: Annotated[Reading, Depends(reading("reconciliation:read"))]) -> Response:
    return found(await find_break(read.books.reader, break_id, read.scope))


@router.post(
    "/v1/breaks/{break_id}/assignment",
    **described(
        summary="Assign a break",
        answer=Receipt,
        body=Assignment,
        codes=("break_not_found", "break_not_open"),
        command=True,
    ),
)
async def give_break(
    break_id: str, call: Annotated[Call[Assignment], Depends(command(Assignment, "reconciliation:write"))]
) -> Response:
    known = await find_break(call.reader, break_id, scope_of(call.principal))
    outcome = await assign_break(
        call.ledger,
        call.caller,
        known,
        assignee=call.body.assignee,
        note=call.body.note,
        on=call.ledger.today(),
    )
    return receipt(outcome)


@router.post(
    "/v1/breaks/{break_id}/resolution",
    **described(
        summary="Explain a break",
        description="It is found anew only with other figures. A break whose other side arrives is resolved by the "
        "next comparison without anybody's word.",
        answer=Receipt,
        body=Explanation,
        codes=("break_not_found", "break_not_open"),
        command=True,
    ),
)
async def explain_break(
    break_id: str, call: Annotated[Call[Explanation], Depends(command(Explanation, "reconciliation:write"))]
) -> Response:
    known = await find_break(call.reader, break_id, scope_of(call.principal))
    outcome = await resolve_break(
        call.ledger, call.caller, known, reason=call.body.reason, link=call.body.link, on=call.ledger.today()
    )
    return receipt(outcome)
