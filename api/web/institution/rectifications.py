"""What authorities demand to be put right, until when, and the institution's answers."""

from typing import Final

from starlette.responses import Response

from api.routes.case_fields import case_id_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.cases import on_cases
from ledger.application.rectifications import answer_rectification
from ledger.domain.commands.cases import AnswerRectification
from ledger.projections import case_queries

pages = Pages({"rectification_answered": Notice("整改答复已提交。", "The answer is recorded.")})
MOST: Final = 200


@pages.get("/institution/rectifications", "institution")
async def list_rectifications(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await case_queries.list_rectifications(connection, scope=call.scope, limit=MOST)
    rows.sort(key=lambda row: (row.state == "passed", row.due_on))
    return call.page("institution/rectifications.html", rectifications=rows)


@pages.post("/institution/rectifications/{case_id}/{item_id}/answer", "institution")
async def answer(call: PageCall) -> Response:
    said = AnswerRectification(
        account_id=case_id_of(call.path("case_id")),
        effective_on=call.ledger.today(),
        acting=call.principal.acting,
        item_id=call.path("item_id"),
        answer=call.text("answer", 2_000),
    )
    outcome = await answer_rectification(call.ledger, call.reader, on_cases(call.caller()), said, scope=call.scope)
    return call.after(outcome, "/institution/rectifications", done="rectification_answered")
