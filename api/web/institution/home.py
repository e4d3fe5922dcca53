"""An institution's day: what waits for it, and its money with the reason for each part that is not payable."""

import asyncio
from typing import Final
from uuid import UUID

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.calls import account_id_of, visible_to
from api.web.page_call import Notice, PageCall
from api.web.reconciled import confirmed_of
from api.web.site import Pages
from ledger.application.payouts import quote_payout, request_payout
from ledger.domain.dual_control import TO_INSTITUTION
from ledger.projections import balances, case_queries, instructions, lessons, refunds
from ledger.projections.balances import AccountBalance

pages = Pages({"payout_requested": Notice("拨付申请已提交银行。", "The payout is on its way to the bank.")})
MOST: Final = 1_000
"""What waits is counted so far, and said to be more beyond."""
LATEST: Final = 50


@pages.get("/institution", "institution")
async def home(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        accounts = await balances.list_page(connection, scope=call.scope, limit=MOST)
        to_answer = await refunds.list_page(connection, scope=call.scope, who_acts="institution", limit=MOST)
        disputed = await lessons.list_page(connection, scope=call.scope, state="disputed", limit=MOST)
        pending = await lessons.list_page(connection, scope=call.scope, state="pending", limit=MOST)
        ordered = await instructions.list_page(connection, scope=call.scope, state="pending", limit=MOST)
        to_right = await case_queries.list_rectifications(connection, scope=call.scope, only_open=True, limit=MOST)
    return call.page(
        "institution/home.html",
        accounts=accounts,
        confirmations={one.account_id: await confirmed_of(call, one) for one in accounts},
        to_answer=len(to_answer),
        disputed=len(disputed),
        pending=sorted(pending, key=lambda lesson: lesson.deemed_on or lesson.lesson_on)[:20],
        pending_count=len(pending),
        to_check=sum(order.needs_approval and order.kind in TO_INSTITUTION for order in ordered),
        to_right=len(to_right),
        most=MOST,
        today=call.ledger.today(),
    )


@pages.get("/institution/accounts/{account_id}", "institution")
async def money(call: PageCall) -> Response:
    account = await own_account(call)
    quote = await quote_payout(
        call.ledger,
        account_id=UUID(account.account_id),
        visible=visible_to(call.principal),
        on=call.ledger.today(),
    )
    state = await asyncio.to_thread(call.ledger.account_at_version, UUID(account.account_id))
    async with call.pool.connection() as connection:
        orders = await instructions.list_page(
            connection, scope=call.scope, account_id=account.account_id, limit=LATEST, newest_first=True
        )
    return call.page(
        "institution/money.html",
        account=account,
        confirmed=await confirmed_of(call, account),
        quote=quote,
        holds=sorted(state.holds.items()),
        unreleased=sorted(state.unreleased.items()),
        announcement=state.payouts.announcement,
        orders=orders,
    )


@pages.post("/institution/accounts/{account_id}/payouts", "institution")
async def pay_out(call: PageCall) -> Response:
    outcome = await request_payout(
        call.ledger,
        call.caller(),
        account_id=account_id_of(call.path("account_id")),
        instruction_id=str(uuid7()),
        amount_fen=call.fen("amount"),
        on=call.ledger.today(),
    )
    return call.after(outcome, f"/institution/accounts/{outcome.account_id}", done="payout_requested")


async def own_account(call: PageCall) -> AccountBalance:
    """The account of the path, if it is the institution's. Raises LedgerError `account_not_found`."""
    return await call.reader.account(call.path("account_id"), call.scope)
