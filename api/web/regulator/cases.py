"""Cases from the first receiver to the end: opened, worked on step by step, transferred, closed."""

import re
from typing import Any, Final, get_args

from starlette.responses import Response

from api.pages import read_cursor, write_cursor
from api.routes.case_fields import case_id_of
from api.routes.cases import Assignment, Transfer
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.form_bodies import body_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.cases import act_on_case, find_case, open_case
from ledger.domain.authorities import acts_for
from ledger.domain.case import CaseState
from ledger.domain.commands.cases import (
    AssignCase,
    CaseCommand,
    CloseCase,
    FinishCaseStep,
    NoteCase,
    OpenCase,
    StartCaseStep,
    TransferCase,
)
from ledger.domain.errors import LedgerError
from ledger.domain.events import CaseKind, CaseOutcome, CaseStep
from ledger.projections import case_queries
from ledger.projections.paging import Cursor

pages = Pages(
    {
        "case_opened": Notice("案件已立。", "The case is opened."),
        "case_changed": Notice("已记录。", "Recorded."),
        "case_closed": Notice("案件已办结。", "The case is closed."),
    }
)
KINDS: Final[tuple[CaseKind, ...]] = get_args(CaseKind)
STEPS: Final[tuple[CaseStep, ...]] = get_args(CaseStep)
OUTCOMES: Final[tuple[CaseOutcome, ...]] = get_args(CaseOutcome)
STATES: Final[tuple[CaseState, ...]] = get_args(CaseState)
MOST: Final = 50
COLUMNS: Final = (
    "case_id",
    "kind",
    "state",
    "reason",
    "opened_on",
    "owner",
    "handler",
    "institution_id",
    "next_due_on",
    "overdue",
)


@pages.get("/regulator/cases", "regulator")
async def list_cases(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    async with call.pool.connection() as connection:
        rows = await case_queries.list_page(
            connection,
            scope=call.scope,
            kind=call.picked("kind", KINDS),
            state=call.picked("state", STATES),
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
    if form:
        return await taken_along("cases", COLUMNS, cells_of(COLUMNS, rows), form)
    more = write_cursor(Cursor(rows[MOST - 1].partition, rows[MOST - 1].position)) if len(rows) > MOST else None
    return call.page("regulator/cases.html", cases=rows[:MOST], formats=FORMATS, more=more, kinds=KINDS, states=STATES)


@pages.post("/regulator/cases", "regulator")
async def open_new(call: PageCall) -> Response:
    account = await call.reader.account(call.text("account_id", 64), call.scope)
    acting = call.principal.acting
    owner = account.district if acts_for(acting, account.district) else acting[0]
    said = OpenCase(
        account_id=call.caller().begun_id(),
        effective_on=call.ledger.today(),
        acting=acting,
        kind=call.choice("kind", KINDS),
        source="regulator",
        owner=owner,
        institution_id=account.institution_id,
        reason=call.text("reason", 2_000),
        pack=account.pack,
        about_account_id=account.account_id,
    )
    outcome = await open_case(call.ledger, call.caller(), said)
    return call.after(outcome, f"/regulator/cases/{outcome.account_id}", done="case_opened")


@pages.get("/regulator/cases/{case_id}", "regulator")
async def case(call: PageCall) -> Response:
    found = await find_case(call.reader, call.path("case_id"), call.scope)
    running = {step.step for step in found.steps if step.done_on is None}
    return call.page(
        "regulator/case.html",
        case=found,
        actions=[(one, LedgerError(one.code, **one.figures) if one.code else None) for one in found.actions],
        steps=[step for step in STEPS if step not in running],
        outcomes=OUTCOMES,
    )


@pages.post("/regulator/cases/{case_id}/note", "regulator")
async def note(call: PageCall) -> Response:
    return await _act(call, NoteCase, "case_changed", note=call.text("note"))


@pages.post("/regulator/cases/{case_id}/officers", "regulator")
async def assign(call: PageCall) -> Response:
    said = body_of(Assignment, {"officers": re.split(r"[\s,，]+", call.text("officers").strip(",，"))})
    return await _act(call, AssignCase, "case_changed", officers=said.officers)


@pages.post("/regulator/cases/{case_id}/transfer", "regulator")
async def transfer(call: PageCall) -> Response:
    said = body_of(Transfer, {"to_handler": call.text("to_handler", 25), "reason": call.text("reason")})
    return await _act(call, TransferCase, "case_changed", to_handler=said.to_handler, reason=said.reason)


@pages.post("/regulator/cases/{case_id}/steps", "regulator")
async def start_step(call: PageCall) -> Response:
    return await _act(call, StartCaseStep, "case_changed", step=call.choice("step", STEPS))


@pages.post("/regulator/cases/{case_id}/steps/{number}/end", "regulator")
async def finish_step(call: PageCall) -> Response:
    number = call.path("number")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise LedgerError("case_step_not_found", number=0)
    return await _act(call, FinishCaseStep, "case_changed", number=int(number), note=call.optional_text("note"))


@pages.post("/regulator/cases/{case_id}/closing", "regulator")
async def close(call: PageCall) -> Response:
    said = {"outcome": call.choice("outcome", OUTCOMES), "reason": call.text("reason")}
    return await _act(call, CloseCase, "case_closed", **said)


async def _act(call: PageCall, kind: type[CaseCommand], done: str, **said: Any) -> Response:
    found = await find_case(call.reader, call.path("case_id"), call.scope)
    command = kind(
        account_id=case_id_of(found.case_id), effective_on=call.ledger.today(), acting=call.principal.acting, **said
    )
    outcome = await act_on_case(call.ledger, call.reader, call.caller(), command, scope=call.scope)
    return call.after(outcome, f"/regulator/cases/{found.case_id}", done=done)
