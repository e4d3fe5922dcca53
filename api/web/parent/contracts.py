"""A family's contracts: what is left, which lessons wait for its word, and what happens by itself and when."""

import asyncio
from itertools import groupby
from typing import Final
from uuid import UUID

from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.reconciled import confirmed_of
from api.web.site import Pages
from ledger.application.lesson_answers import confirm_lesson, dispute_lesson
from ledger.application.refunds import contract_of_family
from ledger.domain.account import EscrowAccount
from ledger.domain.loss import loss_if_closed
from ledger.projections import claims, contracts, lessons, refunds
from ledger.projections.contract_payments import list_payments
from ledger.projections.contracts import ContractBalance
from ledger.projections.paging import EVERYTHING
from ledger.projections.recorded_lessons import list_drawn_at_once
from ledger.storage.mapper import decode_event

pages = Pages(
    {
        "lesson_confirmed": Notice("已确认，本课学费已消课。", "Confirmed; the lesson's share is drawn."),
        "lesson_disputed": Notice(
            "已提出异议，本课学费暂不消课，等待处理。",
            "Disputed; nothing is drawn for this lesson until it is decided.",
        ),
    }
)
MOST: Final = 500
"""Contracts, and lessons of one contract, on one page."""


@pages.get("/parent", "parent")
async def home(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        rows = await contracts.list_page(connection, scope=call.scope, limit=MOST)
        waiting = await lessons.list_page(connection, scope=call.scope, state="pending", limit=MOST)
        running = await refunds.list_page(connection, scope=call.scope, only_open=True, limit=MOST)
        claimed = await claims.list_page(connection, scope=call.scope, limit=1)
    rows.sort(key=lambda row: (row.student_id, row.status == "ended", row.starts_on))
    accounts = [await call.reader.account(one, EVERYTHING) for one in sorted({row.account_id for row in rows})]
    latest_first = sorted(waiting, key=lambda lesson: lesson.deemed_on or lesson.lesson_on, reverse=True)
    return call.page(
        "parent/home.html",
        students=[(student, list(of_student)) for student, of_student in groupby(rows, lambda row: row.student_id)],
        waiting=waiting,
        next_due={lesson.contract_id: lesson.deemed_on for lesson in latest_first},
        refunds=running,
        claimed=bool(claimed),
        confirmations={one.account_id: await confirmed_of(call, one) for one in accounts},
        today=call.ledger.today(),
    )


@pages.get("/parent/contracts/{contract_id}", "parent")
async def contract(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    account = await call.reader.account(row.account_id, EVERYTHING)
    async with call.pool.connection() as connection:
        told = await lessons.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        at_once = await list_drawn_at_once(connection, row, told, decode=decode_event)
        asked = await refunds.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        paid = await list_payments(connection, row, decode=decode_event)
        offers = await claims.list_offers(connection, scope=call.scope, from_account_id=row.account_id, limit=MOST)
        claimed = await claims.list_page(connection, scope=call.scope, contract_id=row.contract_id, limit=MOST)
        end = await claims.get_wind_down(connection, row.account_id)
    today = call.ledger.today()
    state: EscrowAccount | None = None
    if account.loss_if_closed_today_fen or end is not None:
        state = await asyncio.to_thread(call.ledger.account_at_version, UUID(row.account_id))
    every = sorted([*told, *at_once], key=lambda lesson: lesson.lesson_on, reverse=True)
    return call.page(
        "parent/contract.html",
        contract=row,
        account=account,
        pending=sorted(
            (lesson for lesson in told if lesson.state == "pending"),
            key=lambda lesson: lesson.deemed_on or lesson.lesson_on,
        ),
        lessons=every,
        refunds=asked,
        payments=paid,
        end=end,
        offers=[offer for offer in offers if end is not None and offer.until_on >= today],
        choice=None if state is None else _choice(state, row.contract_id),
        claims=claimed,
        loss_fen=0 if state is None else _own_loss(state, call.principal.families),
        confirmed=await confirmed_of(call, account),
        today=today,
    )


@pages.post("/parent/contracts/{contract_id}/lessons/{lesson_id}/confirmation", "parent")
async def confirm(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await confirm_lesson(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        lesson_id=call.path("lesson_id"),
        contract_id=row.contract_id,
        how="app",
        device="",
        on=call.ledger.today(),
    )
    return call.after(outcome, _path(row), done="lesson_confirmed")


@pages.post("/parent/contracts/{contract_id}/lessons/{lesson_id}/dispute", "parent")
async def dispute(call: PageCall) -> Response:
    row = await own_contract(call, call.path("contract_id"))
    outcome = await dispute_lesson(
        call.ledger,
        call.caller(contract_of_family(row.contract_id, call.principal.families)),
        account_id=UUID(row.account_id),
        lesson_id=call.path("lesson_id"),
        contract_id=row.contract_id,
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return call.after(outcome, _path(row), done="lesson_disputed")


async def own_contract(call: PageCall, contract_id: str) -> ContractBalance:
    """The family's contract. Raises LedgerError `contract_not_found`, also for another family's."""
    return await call.reader.contract(contract_id, call.scope)


def _own_loss(account: EscrowAccount, families: frozenset[str]) -> int:
    """The family's share of what would be lost if the institution closed today (fen)."""
    return sum(one.loss_fen for one in loss_if_closed(account).families if one.family_id in families)


def _choice(account: EscrowAccount, contract_id: str) -> str | None:
    """The offer that the family accepted for the contract, if it waits for its transfer."""
    contract = account.contracts.get(contract_id)
    return None if contract is None or contract.continuity is None else contract.continuity.offer_id


def _path(row: ContractBalance) -> str:
    return f"/parent/contracts/{row.contract_id}"
