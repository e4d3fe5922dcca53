"""`/v1/districts`: districts ranked as they stand, and their institutions ranked by month."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, TypeVar

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from api.answers import found
from api.documentation import described
from api.pages import Limit, Page, PageCursor, Reading, read_cursor, reading, write_cursor
from ledger.domain.errors import LedgerError
from ledger.projections.district_queries import (
    DistrictMeasure,
    DistrictStanding,
    InstitutionMeasure,
    InstitutionMonth,
    rank_districts,
    rank_institutions,
)
from ledger.projections.paging import Cursor

router = APIRouter(tags=["regulator"])
R = TypeVar("R", DistrictStanding, InstitutionMonth)
Month = Annotated[
    str | None,
    Query(pattern=r"^2[0-9]{3}-(0[1-9]|1[0-2])$", description="A calendar month since 2000.", examples=["2026-09"]),
]


@router.get(
    "/v1/districts",
    **described(
        summary="Rank districts",
        description="As they stand now: obligation, cover, exposure, loss if everything closed today, refunds and how "
        "long they take, lessons drawn by silence, open alerts and breaks, and how many institutions are covered.",
        answer=Page[DistrictStanding],
        codes=("cursor_malformed",),
    ),
)
async def list_districts(
    read: Annotated[Reading, Depends(reading("districts:read"))],
    rank_by: DistrictMeasure = "loss_fen",
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    skip = _skipped(cursor)
    async with read.pool.connection() as connection:
        rows = await rank_districts(
            connection,
            today=read.books.ledger.today(),
            scope=read.scope,
            rank_by=rank_by,
            skip=skip,
            limit=limit + 1,
        )
    return found(_page(rows, limit, skip))


@router.get(
    "/v1/districts/{code}",
    **described(summary="One district as it stands", answer=DistrictStanding, codes=("not_found",)),
)
async def get_district(code: str, read: Annotated[Reading, Depends(reading("districts:read"))]) -> Response:
    rows: list[DistrictStanding] = []
    if "\0" not in code:
        async with read.pool.connection() as connection:
            rows = await rank_districts(
                connection, today=read.books.ledger.today(), scope=read.scope, district=code, limit=1
            )
    if not rows:
        raise LedgerError("not_found", kind="district")
    return found(rows[0])


@router.get(
    "/v1/institutions/league",
    **described(
        summary="Rank institutions by month",
        description="The monthly assessment: what each institution's account received, paid, refunded and owed in the "
        "month (the running one, if none is named), and how long its families waited.",
        answer=Page[InstitutionMonth],
        codes=("cursor_malformed",),
    ),
)
async def list_institutions(
    read: Annotated[Reading, Depends(reading("districts:read"))],
    month: Month = None,
    district: Annotated[str | None, Query(max_length=12, pattern=r"^[0-9A-Za-z]+$")] = None,
    rank_by: InstitutionMeasure = "loss_fen",
    cursor: PageCursor = None,
    limit: Limit = 100,
) -> Response:
    skip = _skipped(cursor)
    first = read.books.ledger.today().replace(day=1) if month is None else date.fromisoformat(f"{month}-01")
    async with read.pool.connection() as connection:
        rows = await rank_institutions(
            connection,
            month=first,
            scope=read.scope,
            district=district,
            rank_by=rank_by,
            skip=skip,
            limit=limit + 1,
        )
    return found(_page(rows, limit, skip))


def _skipped(cursor: str | None) -> int:
    """How many ranks the pages before have shown: a ranking moves while it is read, its pages do not overlap."""
    after = read_cursor(cursor)
    return 0 if after is None else after.position


def _page(rows: Sequence[R], limit: int, skip: int) -> Page[R]:
    more = write_cursor(Cursor(0, skip + limit)) if len(rows) > limit else None
    return Page(items=list(rows[:limit]), next=more)
