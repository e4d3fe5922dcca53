"""A family's complaints: who received it, who works on it, and what became of it."""

from typing import Final

from starlette.responses import Response

from api.routes.complaints import progress
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.cases import complain, find_case
from ledger.domain.commands.cases import OpenCase
from ledger.projections import case_queries, contracts

pages = Pages({"complaint_made": Notice("投诉已提交。", "Your complaint is recorded.")})
MOST: Final = 200


@pages.get("/parent/complaints", "parent")
async def list_complaints(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await case_queries.list_page(connection, scope=call.scope, limit=MOST)
        own = await contracts.list_page(connection, scope=call.scope, limit=MOST)
    return call.page("parent/complaints.html", complaints=[progress(row) for row in rows[::-1]], contracts=own)


@pages.post("/parent/complaints", "parent")
async def tell(call: PageCall) -> Response:
    said = OpenCase(
        account_id=call.caller().begun_id(),
        effective_on=call.ledger.today(),
        kind="complaint",
        source="parent",
        owner="",
        institution_id="",
        reason=call.text("reason", 2_000),
        contract_id=call.text("contract_id"),
        refund_id=call.form.get("refund_id", ""),
    )
    elsewhere_fen = call.fen("paid_elsewhere") if call.form.get("paid_elsewhere") else 0
    outcome = await complain(
        call.ledger, call.reader, call.caller(), said, scope=call.scope, paid_elsewhere_fen=elsewhere_fen
    )
    return call.after(outcome, f"/parent/complaints/{outcome.account_id}", done="complaint_made")


@pages.get("/parent/complaints/{case_id}", "parent")
async def complaint(call: PageCall) -> Response:
    row = await find_case(call.reader, call.path("case_id"), call.scope)
    return call.page("parent/complaint.html", complaint=progress(row))
