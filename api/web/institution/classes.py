"""Roll calls: who was there, in a few taps; and taking a class back that was recorded wrongly."""

import asyncio
from typing import Final
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.web.institution.home import own_account
from api.web.lessons_left import can_be_taught
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.lessons import correct_lesson
from ledger.application.recording import require_day
from ledger.domain.commands import DeliverLesson, RecordAbsence
from ledger.domain.errors import LedgerError
from ledger.projections import contracts
from ledger.projections.courses import list_courses
from ledger.projections.recorded_lessons import read_class
from ledger.storage.mapper import decode_event

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
        found = await list_courses(connection, scope=call.scope)
    return call.page("institution/courses.html", courses=found)


@pages.get("/institution/accounts/{account_id}/classes/{course_id}", "institution")
async def roll_call(call: PageCall) -> Response:
    account = await own_account(call)
    course_id = call.path("course_id")
    async with call.pool.connection() as connection:
        pupils = await contracts.list_page(
            connection,
            scope=call.scope,
            account_id=account.account_id,
            course_id=course_id,
            status="open",
            limit=MOST,
        )
    if not pupils:
        raise LedgerError("course_not_found", course_id=course_id)
    pupils.sort(key=lambda row: (row.student_id, row.contract_no))
    today = call.ledger.today()
    policy = call.ledger.policies.of(account.pack, today)
    return call.page(
        "institution/roll_call.html",
        account=account,
        course=pupils[0],
        pupils=[one for one in pupils if can_be_taught(one)],
        unpaid=[one for one in pupils if not can_be_taught(one)],
        needs_start=policy.lesson_latest_end is not None and policy.enforces("lesson.latest_end") == "refuse",
        today=today,
        lesson_id=uuid7(),
    )


@pages.post("/institution/accounts/{account_id}/classes/{course_id}", "institution")
async def record_class(call: PageCall) -> Response:
    account = await own_account(call)
    present, everybody = call.ticked("present"), call.ticked("pupil")
    taught_on, lesson_id = call.day("taught_on"), call.text("lesson_id", 64)
    if not present:
        raise LedgerError("class_empty")
    account_id = UUID(account.account_id)
    taught = DeliverLesson(
        account_id=account_id,
        effective_on=require_day(taught_on),
        lesson_id=lesson_id,
        course_id=call.path("course_id"),
        minutes=call.whole("minutes"),
        contracts=tuple(present),
        teacher_id=call.optional_text("teacher_id", 64),
        starts_at=call.moment(taught_on, "starts_at"),
    )
    missing = tuple(contract_id for contract_id in everybody if contract_id not in present)
    requests = [call.caller().request(taught)]
    if missing:
        missed = RecordAbsence(
            account_id=account_id,
            effective_on=call.ledger.today(),
            lesson_id=lesson_id,
            lesson_on=taught_on,
            absent="pupil",
            contracts=missing,
            reason="点名" if call.language == "zh" else "roll call",
        )
        requests.append(call.caller().part("absent", missed))
    outcomes = await call.ledger.execute_atomically(requests)  # a class with its roll, or none of it
    target = f"/institution/accounts/{account.account_id}/lessons/{lesson_id}"
    return call.after(outcomes[-1], target, done="class_recorded")


@pages.get("/institution/accounts/{account_id}/lessons/{lesson_id}", "institution")
async def recorded_class(call: PageCall) -> Response:
    account = await own_account(call)
    lesson_id = call.path("lesson_id")
    async with call.pool.connection() as connection:
        recorded = await read_class(connection, account, lesson_id, decode=decode_event)
    if recorded is None:
        raise LedgerError("class_not_found")
    state = await asyncio.to_thread(call.ledger.account_at_version, UUID(account.account_id))
    drawn = [(one, one.draws[lesson_id]) for one in state.contracts.values() if lesson_id in one.draws]
    waiting = [(one, one.pending[lesson_id]) for one in state.contracts.values() if lesson_id in one.pending]
    return call.page(
        "institution/lesson.html",
        account=account,
        lesson_id=lesson_id,
        taught=recorded.taught,
        drawn=drawn,
        waiting=waiting,
        absent=[state.contracts[contract_id] for contract_id in recorded.absent if contract_id in state.contracts],
    )


@pages.post("/institution/accounts/{account_id}/lessons/{lesson_id}/correction", "institution")
async def correct(call: PageCall) -> Response:
    account = await own_account(call)
    chosen = tuple(call.ticked("contract"))
    if not chosen:
        raise LedgerError("correction_empty")
    outcome = await correct_lesson(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        lesson_id=call.path("lesson_id"),
        contracts=chosen,
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    target = f"/institution/accounts/{account.account_id}/lessons/{call.path('lesson_id')}"
    return call.after(outcome, target, done="class_corrected")
