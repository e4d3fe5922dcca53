"""League tables: districts as they stand, institutions by month, ranked by what is asked, and to be taken along."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final, get_args

import msgspec
from starlette.responses import Response

from api.web.exports import EXPORTED, FORMATS, taken_along
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.domain.errors import LedgerError
from ledger.projections.district_queries import (
    DistrictMeasure,
    DistrictStanding,
    InstitutionMeasure,
    InstitutionMonth,
    rank_districts,
    rank_institutions,
)

pages = Pages()
DISTRICT_BY: Final[tuple[DistrictMeasure, ...]] = get_args(DistrictMeasure)
INSTITUTION_BY: Final[tuple[InstitutionMeasure, ...]] = get_args(InstitutionMeasure)
MOST: Final = 50


@pages.get("/regulator/districts", "regulator")
async def districts(call: PageCall) -> Response:
    rank_by = call.picked("by", DISTRICT_BY) or "loss_fen"
    form = call.picked("format", FORMATS)
    async with call.pool.connection() as connection:
        rows = await rank_districts(
            connection,
            today=call.ledger.today(),
            scope=call.scope,
            rank_by=rank_by,
            limit=EXPORTED if form else MOST,
        )
    if form:
        return await taken_along("districts", *_table(DistrictStanding, rows), form)
    return call.page("regulator/districts.html", rows=rows, rank_by=rank_by, measures=DISTRICT_BY, formats=FORMATS)


@pages.get("/regulator/institutions", "regulator")
async def institutions(call: PageCall) -> Response:
    rank_by = call.picked("by", INSTITUTION_BY) or "loss_fen"
    form = call.picked("format", FORMATS)
    month = _month(call)
    skip = _whole(call.query("skip"))
    async with call.pool.connection() as connection:
        rows = await rank_institutions(
            connection,
            month=month,
            scope=call.scope,
            district=call.query("district"),
            rank_by=rank_by,
            skip=0 if form else skip,
            limit=EXPORTED if form else MOST + 1,
        )
    if form:
        return await taken_along(f"institutions-{month:%Y-%m}", *_table(InstitutionMonth, rows), form)
    return call.page(
        "regulator/institutions.html",
        rows=rows[:MOST],
        more=skip + MOST if len(rows) > MOST else None,
        month=month,
        district=call.query("district") or "",
        rank_by=rank_by,
        measures=INSTITUTION_BY,
        formats=FORMATS,
    )


def _table(kind: type[msgspec.Struct], rows: Sequence[Any]) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
    return kind.__struct_fields__, [msgspec.structs.astuple(row) for row in rows]


def _month(call: PageCall) -> date:
    text = call.query("month")
    if text is None:
        return call.ledger.today().replace(day=1)
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise LedgerError("form_field_wrong", field="month") from error


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
