"""Lessons family by family: which wait and until when, which are disputed; and giving a disputed one up."""

from typing import Final, get_args
from uuid import UUID

from starlette.responses import Response

from api.pages import read_cursor
from api.web.newest_first import page_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.lesson_answers import resolve_dispute
from ledger.projections import contracts, lessons
from ledger.projections.lessons import LessonState

pages = Pages({"lesson_conceded": Notice("已让步，本课不消课。", "Given up: this lesson is never drawn.")})
STATES: Final[tuple[LessonState, ...]] = get_args(LessonState)
WAITING: Final[frozenset[LessonState]] = frozenset({"pending", "disputed"})
"""What waits longest is told first; of what is done the newest."""
MOST: Final = 50


@pages.get("/institution/lessons", "institution")
async def list_lessons(call: PageCall) -> Response:
    state = call.picked("state", STATES) or "pending"
    async with call.pool.connection() as connection:
        rows = await lessons.list_page(
            connection,
            scope=call.scope,
            state=state,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
            newest_first=state not in WAITING,
        )
        shown, more = page_of(rows, MOST)
        signed = await contracts.list_page(
            connection, scope=call.scope, contract_ids=[row.contract_id for row in shown], limit=MOST
        )
    return call.page(
        "institution/lessons.html",
        lessons=[(row, next((one for one in signed if one.contract_id == row.contract_id), None)) for row in shown],
        state=state,
        states=STATES,
        more=more,
        today=call.ledger.today(),
    )


@pages.post("/institution/contracts/{contract_id}/lessons/{lesson_id}/concession", "institution")
async def concede(call: PageCall) -> Response:
    row = await call.reader.contract(call.path("contract_id"), call.scope)
    outcome = await resolve_dispute(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        lesson_id=call.path("lesson_id"),
        contract_id=row.contract_id,
        outcome="dropped",
        by="institution",
        case_id="",
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/contracts/{row.contract_id}", done="lesson_conceded")
