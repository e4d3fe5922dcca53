"""Random inspections: a list announced with its weights, drawn by a published seed, drawn again by whoever looks."""

import asyncio
import re
from datetime import date
from typing import Any, Final, get_args

import msgspec
from starlette.responses import Response

from api.pages import place_of, read_cursor, write_cursor
from api.routes.accounts import require_district
from api.routes.case_fields import acting_as
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.access import WHOLE_CITY
from ledger.application.cases import deterministic_id
from ledger.application.inspections import (
    announce_draw,
    candidates,
    draw_id_of,
    draw_inspections,
    find_draw,
    open_tasks,
)
from ledger.application.recording import take_batch_key
from ledger.domain.commands.inspections import AnnounceInspectionDraw, DrawInspections
from ledger.domain.draw_verification import PublishedDraw, faults_of
from ledger.domain.errors import LedgerError
from ledger.domain.events import DrawInput, DrawInspector
from ledger.domain.inspection_draw import FORMAT
from ledger.projections import case_queries, inspection_draws
from ledger.projections.case_rows import CaseRow
from ledger.projections.inspection_draws import DrawRecord, DrawState

pages = Pages(
    {
        "draw_announced": Notice("抽查名单已公示。", "The list is announced."),
        "draw_drawn": Notice("已抽取。", "Drawn."),
        "tasks_opened": Notice("检查任务已建立。", "The inspections are opened."),
    }
)
STATES: Final[tuple[DrawState, ...]] = get_args(DrawState)
MOST: Final = 50
SHOWN: Final = 100
"""Drawn institutions, and candidates, that are listed on a draw's page; its record has all of them."""
_SHA256: Final = re.compile("[0-9a-f]{64}")


@pages.get("/regulator/inspections", "regulator")
async def list_draws(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await inspection_draws.list_page(
            connection,
            scope=call.scope,
            state=call.picked("state", STATES),
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
        )
    more = write_cursor(place_of(rows[MOST - 1])) if len(rows) > MOST else None
    return call.page("regulator/inspections.html", draws=rows[:MOST], more=more, states=STATES)


@pages.post("/regulator/inspections", "regulator")
async def announce(call: PageCall) -> Response:
    """The list is the district's institutions as they stand, with the weights of the pack."""
    district = call.text("district", 12)
    require_district(call.principal, district)
    today = call.ledger.today()
    pack = call.text("pack", 64)
    listed = await candidates(call.pool, call.ledger.policies, district=district, pack=pack, on=today)
    inspectors = tuple(sorted(set(call.optional_text("inspectors", 2_000).replace(",", " ").split())))
    command = AnnounceInspectionDraw(
        account_id=call.caller().begun_id(),
        effective_on=today,
        input=DrawInput(
            format=FORMAT,
            district=district,
            period=call.text("period", 64),
            draws=call.whole("draws"),
            inspectors_each=call.whole("inspectors_each"),
            weights=listed.weights,
            institutions=listed.institutions,
            inspectors=tuple(DrawInspector(inspector_id=one, barred=()) for one in inspectors),
        ),
        draw_on=call.day("draw_on"),
        commitment=_sha256(call, "commitment"),
        public_source=call.optional_text("public_source", 200),
    )
    outcome = await announce_draw(call.ledger, call.caller(), command)
    return call.after(outcome, f"/regulator/inspections/{outcome.account_id}", done="draw_announced")


@pages.get("/regulator/inspections/{draw_id}", "regulator")
async def one_draw(call: PageCall) -> Response:
    """The draw with what came of it, drawn anew for this page."""
    found = await find_draw(call.reader, call.path("draw_id"), call.scope)
    faults = await asyncio.to_thread(faults_of, _published(found))
    return call.page(
        "regulator/inspection.html",
        draw=found,
        faults=faults,
        tasks=await _tasks(call, found),
        shown=SHOWN,
        today=call.ledger.today(),
    )


@pages.get("/regulator/inspections/{draw_id}/record.json", "regulator")
async def record(call: PageCall) -> Response:
    """What `escrow inspections verify` draws again from, anywhere."""
    found = await find_draw(call.reader, call.path("draw_id"), call.scope)
    headers = {"content-disposition": f'attachment; filename="draw-{found.draw_id}.json"'}
    return Response(msgspec.json.encode(found), media_type="application/json", headers=headers)


@pages.post("/regulator/inspections/{draw_id}/draw", "regulator")
async def draw(call: PageCall) -> Response:
    command = DrawInspections(
        account_id=draw_id_of(call.path("draw_id")),
        effective_on=call.ledger.today(),
        secret=_sha256(call, "secret"),
        public_value=call.optional_text("public_value", 200),
    )
    outcome = await draw_inspections(call.ledger, call.reader, call.caller(), command, scope=call.scope)
    return call.after(outcome, f"/regulator/inspections/{outcome.account_id}", done="draw_drawn")


@pages.post("/regulator/inspections/{draw_id}/tasks", "regulator")
async def begin_tasks(call: PageCall) -> Response:
    found = await find_draw(call.reader, call.path("draw_id"), call.scope)
    named = call.optional_text("owner", 25) or (found.district if WHOLE_CITY in call.principal.districts else None)
    due_on: date | None = call.day("due_on") if call.form.get("due_on") else None
    caller = call.caller()
    owner = acting_as(call.principal, named)
    await take_batch_key(call.pool, caller)
    await open_tasks(call.ledger, call.reader, caller, draw=found, owner=owner, due_on=due_on)
    await call.reader.catch_up()
    return call.go_to(f"/regulator/inspections/{found.draw_id}", done="tasks_opened")


async def _tasks(call: PageCall, found: DrawRecord) -> list[tuple[Any, CaseRow | None]]:
    """The drawn institutions, each with its inspection if that was opened and may be seen."""
    async with call.pool.connection() as connection:
        return [
            (site, await case_queries.get(connection, str(case_id), scope=call.scope))
            for site in found.sites[:SHOWN]
            for case_id in (deterministic_id("inspection", found.draw_id, site.institution_id),)
        ]


def _published(found: DrawRecord) -> PublishedDraw:
    return PublishedDraw(**{name: getattr(found, name) for name in PublishedDraw.__struct_fields__})


def _sha256(call: PageCall, name: str) -> str:
    """64 hex characters, or nothing. Raises LedgerError `form_field_wrong`."""
    text = call.optional_text(name, 64)
    if text and not _SHA256.fullmatch(text):
        raise LedgerError("form_field_wrong", field=name)
    return text
