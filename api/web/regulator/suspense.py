"""Receipts that no contract explains: how old they are, which contract they may pay, matched or sent back."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.pages import place_of, read_cursor, write_cursor
from api.web.exports import EXPORTED, FORMATS, cells_of, taken_along
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.suspense import match_suspense, return_suspense, suggest_matches
from ledger.projections import balances, suspense

pages = Pages(
    {
        "suspense_matched": Notice("已匹配到合同。", "The receipt is matched."),
        "suspense_returned": Notice("已指令银行退回。", "The bank is asked to send it back."),
    }
)
AGES: Final = ("0", "7", "30")
COLUMNS: Final = (
    "suspense_id",
    "account_id",
    "institution_id",
    "received_on",
    "received_fen",
    "amount_fen",
    "reason",
    "bank_reference",
    "contract_reference",
    "state",
    "return_on",
)
MOST: Final = 50


@pages.get("/regulator/suspense", "regulator")
async def work_list(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    age = int(call.picked("age", AGES) or "0")
    today = call.ledger.today()
    async with call.pool.connection() as connection:
        rows = await suspense.list_page(
            connection,
            scope=call.scope,
            received_until=today - timedelta(days=age) if age else None,
            after=None if form else read_cursor(call.query("cursor")),
            limit=EXPORTED if form else MOST + 1,
        )
        accounts = await balances.by_id(connection, (one.account_id for one in rows))
    if form:
        cells = cells_of(COLUMNS, rows, institution_id=lambda one: accounts[one.account_id].institution_id)
        return await taken_along("suspense", COLUMNS, cells, form)
    more = write_cursor(place_of(rows[MOST - 1])) if len(rows) > MOST else None
    return call.page(
        "regulator/suspense.html",
        items=rows[:MOST],
        accounts=accounts,
        more=more,
        today=today,
        ages=AGES,
        age=str(age),
        formats=FORMATS,
    )


@pages.get("/regulator/suspense/{suspense_id}", "regulator")
async def item(call: PageCall) -> Response:
    found = await call.reader.suspense(call.path("suspense_id"), call.scope)
    suggestions = await suggest_matches(
        call.ledger,
        account_id=UUID(found.account_id),
        suspense_id=found.suspense_id,
        contract_reference=found.contract_reference,
    )
    account = await call.reader.account(found.account_id, call.scope)
    return call.page(
        "regulator/suspense_item.html",
        item=found,
        account=account,
        suggestions=suggestions,
        today=call.ledger.today(),
    )


@pages.post("/regulator/suspense/{suspense_id}/match", "regulator")
async def match(call: PageCall) -> Response:
    found = await call.reader.suspense(call.path("suspense_id"), call.scope)
    outcome = await match_suspense(
        call.ledger,
        call.caller(),
        account_id=UUID(found.account_id),
        suspense_id=found.suspense_id,
        contract_id=call.text("contract_id", 64),
        amount_fen=call.fen("amount"),
        reason=call.text("reason"),
        on=call.ledger.today(),
        transfer_id=call.optional_text("transfer_id", 64),
    )
    return call.after(outcome, f"/regulator/suspense/{found.suspense_id}", done="suspense_matched")


@pages.post("/regulator/suspense/{suspense_id}/return", "regulator")
async def send_back(call: PageCall) -> Response:
    found = await call.reader.suspense(call.path("suspense_id"), call.scope)
    outcome = await return_suspense(
        call.ledger,
        call.caller(),
        account_id=UUID(found.account_id),
        suspense_id=found.suspense_id,
        instruction_id=str(uuid7()),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/regulator/suspense/{found.suspense_id}", done="suspense_returned")
