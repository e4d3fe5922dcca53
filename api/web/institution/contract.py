"""One contract of an institution: leave for its pupil, cash taken for it, another contract proposed in its place."""

import asyncio
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.routes.cash_reports import Cash
from api.routes.contract_terms import ProposedTerms
from api.web.form_bodies import body_of
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.contracts import propose_amendment, withdraw_amendment
from ledger.application.fees import report_cash
from ledger.application.lesson_answers import record_leave
from ledger.domain.events import Category
from ledger.projections import lessons, refunds
from ledger.projections.contracts import ContractBalance
from ledger.projections.recorded_lessons import list_drawn_at_once
from ledger.storage.mapper import decode_event
from ledger.storage.requests import Outcome

pages = Pages(
    {
        "leave_recorded": Notice(
            "请假已记录，该课不消课。", "The leave is recorded; nothing is drawn for that lesson."
        ),
        "cash_reported": Notice("现金收款已报告。", "The cash is reported."),
        "amendment_proposed": Notice("转课方案已提交，等待家长确认。", "The proposal waits for the family."),
        "amendment_withdrawn": Notice("转课方案已撤回，原合同照常履行。", "The proposal is taken back."),
    }
)
CATEGORIES: Final[tuple[Category, ...]] = ("arts", "sports", "technology", "academic", "other")
MOST: Final = 500


@pages.get("/institution/contracts/{contract_id}", "institution")
async def contract(call: PageCall) -> Response:
    row = await _own(call)
    async with call.pool.connection() as connection:
        told = await lessons.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        asked = await refunds.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        at_once = await list_drawn_at_once(connection, row, told, decode=decode_event)
    state = await asyncio.to_thread(call.ledger.account_at_version, UUID(row.account_id))
    cash = [(cash_id, one) for cash_id, one in state.fees.cash_reports.items() if one.contract_id == row.contract_id]
    return call.page(
        "institution/contract.html",
        contract=row,
        lessons=sorted([*told, *at_once], key=lambda lesson: lesson.lesson_on, reverse=True),
        refunds=asked,
        cash=cash,
        left=left_by_package(row),
        categories=CATEGORIES,
        today=call.ledger.today(),
        lesson_id=uuid7(),
    )


@pages.post("/institution/contracts/{contract_id}/leave", "institution")
async def leave(call: PageCall) -> Response:
    row = await _own(call)
    outcome = await record_leave(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        lesson_id=call.text("lesson_id", 64),
        contract_id=row.contract_id,
        lesson_on=call.day("lesson_on"),
        asked_on=call.day("asked_on"),
        reason=call.text("reason"),
        ends_on=call.day("ends_on") if call.form.get("ends_on") else None,
    )
    return _back(call, row, "leave_recorded", outcome)


@pages.post("/institution/contracts/{contract_id}/cash", "institution")
async def cash_taken(call: PageCall) -> Response:
    row = await _own(call)
    body = body_of(
        Cash,
        {
            "contract_id": row.contract_id,
            "cash_id": call.text("cash_id", 64),
            "amount_fen": call.fen("amount"),
            "taken_on": call.day("taken_on"),
        },
    )
    outcome = await report_cash(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        cash_id=body.cash_id,
        amount_fen=body.amount_fen,
        on=body.taken_on or call.ledger.today(),
    )
    return _back(call, row, "cash_reported", outcome)


@pages.post("/institution/contracts/{contract_id}/amendment", "institution")
async def propose(call: PageCall) -> Response:
    row = await _own(call)
    names = ("contract_no", "course_id", "subject", "category", "starts_on", "ends_on", "lesson_minutes")
    terms = body_of(
        ProposedTerms,
        {name: call.text(name, 64) for name in names}
        | {"packages": [_package(call, number, left_fen) for number, left_fen in left_by_package(row)]},
    )
    outcome = await propose_amendment(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        amendment_id=str(uuid7()),
        terms=terms.amended(str(uuid7())),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return _back(call, row, "amendment_proposed", outcome)


@pages.post("/institution/contracts/{contract_id}/amendment/withdrawal", "institution")
async def withdraw(call: PageCall) -> Response:
    row = await _own(call)
    outcome = await withdraw_amendment(
        call.ledger,
        call.caller(),
        account_id=UUID(row.account_id),
        contract_id=row.contract_id,
        amendment_id=call.text("amendment_id", 64),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return _back(call, row, "amendment_withdrawn", outcome)


def left_by_package(row: ContractBalance) -> list[tuple[int, int]]:
    """What each package has left (fen), of those that have something: all of it goes on to one new package."""
    left = [
        (one.number, one.paid_fen - one.drawn_fen - one.refunded_fen - one.charged_fen - one.moved_fen)
        for one in row.packages
    ]
    return [(number, left_fen) for number, left_fen in left if left_fen]


def _package(call: PageCall, number: int, left_fen: int) -> dict[str, Any]:
    price_fen = call.fen(f"price_{number}")
    return {
        "price_fen": price_fen,
        "list_price_fen": price_fen,
        "paid_lessons": call.whole(f"paid_lessons_{number}"),
        "gift_lessons": call.whole(f"gift_lessons_{number}"),
        "from_package": number,
        "carried_fen": left_fen,
    }


async def _own(call: PageCall) -> ContractBalance:
    """The institution's contract. Raises LedgerError `contract_not_found`, also for another institution's."""
    return await call.reader.contract(call.path("contract_id"), call.scope)


def _back(call: PageCall, row: ContractBalance, done: str, outcome: Outcome) -> Response:
    return call.after(outcome, f"/institution/contracts/{row.contract_id}", done=done)
