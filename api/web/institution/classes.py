"""Roll calls: who was there, in a few taps; and taking a class back that was recorded wrongly."""

import asyncio
from itertools import groupby
from typing import Final
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.web.institution.home import own_account
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.lessons import correct_lesson, deliver_lesson, record_absence
from ledger.domain.errors import LedgerError
from ledger.projections import contracts

pages = Pages(
    {
        "class_recorded": Notice("本次课已记录。", "The class is recorded."),
        "class_corrected": Notice("已更正，相关课时恢复。", "Corrected; these lessons are back."),
    }
)
MOST: Final = 500


@pages.get("/institution/classes", "institution")
async def courses(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await contracts.list_page(connection, scope=call.scope, status="open", limit=MOST)
    rows.sort(key=lambda row: (row.subject, row.course_id, row.account_id))
    found = [
        (*key, len(list(pupils)))
        for key, pupils in groupby(rows, lambda row: (row.account_id, row.course_id, row.subject))
    ]
    return call.page("institution/courses.html", courses=found)


@pages.get("/institution/accounts/{account_id}/classes/{course_id}", "institution")
async def roll_call(call: PageCall) -> Response:
    account = await own_account(call)
    async with call.pool.connection() as connection:
        rows = await contracts.list_page(
            connection, scope=call.scope, account_id=account.account_id, status="open", limit=MOST
        )
    pupils = [row for row in rows if row.course_id == call.path("course_id")]
    if not pupils:
        raise LedgerError("course_not_found", course_id=call.path("course_id"))
    today = call.ledger.today()
    return call.page(
        "institution/roll_call.html", account=account, course=pupils[0], pupils=pupils, today=today, lesson_id=uuid7()
    )


@pages.post("/institution/accounts/{account_id}/classes/{course_id}", "institution")
async def record_class(call: PageCall) -> Response:
    account = await own_account(call)
    present, everybody = call.ticked("present"), call.ticked("pupil")
    taught_on, lesson_id = call.day("taught_on"), call.text("lesson_id", 64)
    if not present:
        raise LedgerError("class_empty")
    outcome = await deliver_lesson(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        lesson_id=lesson_id,
        course_id=call.path("course_id"),
        taught_on=taught_on,
        minutes=call.whole("minutes"),
        contracts=tuple(present),
        teacher_id=call.form.get("teacher_id", ""),
        starts_at=call.moment(taught_on, "starts_at"),
    )
    missing = tuple(contract_id for contract_id in everybody if contract_id not in present)
    if missing:
        outcome = await record_absence(
            call.ledger,
            call.caller_for("absent"),
            account_id=UUID(account.account_id),
            lesson_id=lesson_id,
            lesson_on=taught_on,
            absent="pupil",
            contracts=missing,
            reason="roll call",
            on=call.ledger.today(),
        )
    target = f"/institution/accounts/{account.account_id}/lessons/{lesson_id}"
    return call.after(outcome, target, done="class_recorded")


@pages.get("/institution/accounts/{account_id}/lessons/{lesson_id}", "institution")
async def recorded_class(call: PageCall) -> Response:
    account = await own_account(call)
    lesson_id = call.path("lesson_id")
    state = await asyncio.to_thread(call.ledger.account_at_version, UUID(account.account_id))
    drawn = [(one, one.draws[lesson_id]) for one in state.contracts.values() if lesson_id in one.draws]
    waiting = [(one, one.pending[lesson_id]) for one in state.contracts.values() if lesson_id in one.pending]
    return call.page("institution/lesson.html", account=account, lesson_id=lesson_id, drawn=drawn, waiting=waiting)


@pages.post("/institution/accounts/{account_id}/lessons/{lesson_id}/correction", "institution")
async def correct(call: PageCall) -> Response:
    account = await own_account(call)
    outcome = await correct_lesson(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        lesson_id=call.path("lesson_id"),
        contracts=tuple(call.ticked("contract")),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    target = f"/institution/accounts/{account.account_id}/lessons/{call.path('lesson_id')}"
    return call.after(outcome, target, done="class_corrected")
