"""The end of an institution: begun, shared out, closed, each behind a confirmation; and its packs to take along."""

import asyncio
import shutil
import tempfile
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from api.pages import read_cursor, write_cursor
from api.web.page_call import Notice, PageCall
from api.web.reconciled import confirmed_of
from api.web.regulator.accounts import supervised_account
from api.web.site import Pages
from ledger.application.packs.making import PackKind, PackOf, make_zip
from ledger.application.wind_down import close_wind_down, continue_wind_down, distribute_claims, start_wind_down
from ledger.domain.errors import LedgerError
from ledger.projections import claims, contracts
from ledger.projections.paging import Cursor
from ledger.storage.requests import Outcome

pages = Pages(
    {
        "wind_down_begun": Notice("清算已开始，债权已登记。", "The wind-down has begun; every claim is recorded."),
        "wind_down_on": Notice("已继续。", "It went on."),
        "claims_shared": Notice("现金已按比例分配。", "The cash is shared among all claims."),
        "wind_down_closed": Notice("清算已结束。", "The wind-down is closed."),
    }
)
MOST: Final = 50


@pages.get("/regulator/accounts/{account_id}/wind-down", "regulator")
async def wind_down(call: PageCall) -> Response:
    account = await supervised_account(call)
    async with call.pool.connection() as connection:
        row = await claims.get_wind_down(connection, account.account_id, scope=call.scope)
        listed = await claims.list_page(
            connection,
            scope=call.scope,
            account_id=account.account_id,
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
        )
        numbers = await contracts.numbers_of(connection, account.account_id, (one.contract_id for one in listed))
    more = None
    if len(listed) > MOST:
        last = listed[MOST - 1]
        more = write_cursor(Cursor(last.partition, last.position, last.ordinal))
    confirmed = await confirmed_of(call, account)
    return call.page(
        "regulator/wind_down.html",
        account=account,
        confirmed=confirmed,
        row=row,
        claims=listed[:MOST],
        numbers=numbers,
        more=more,
    )


@pages.post("/regulator/accounts/{account_id}/wind-down", "regulator")
async def begin(call: PageCall) -> Response:
    account = await supervised_account(call)
    _confirmed(call, account.institution_id)
    outcome = await start_wind_down(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return await _back(call, "wind_down_begun", outcome)


@pages.post("/regulator/accounts/{account_id}/wind-down/continuation", "regulator")
async def go_on(call: PageCall) -> Response:
    account = await supervised_account(call)
    outcome = await continue_wind_down(
        call.ledger, call.caller(), account_id=UUID(account.account_id), on=call.ledger.today()
    )
    return await _back(call, "wind_down_on", outcome)


@pages.post("/regulator/accounts/{account_id}/wind-down/distribution", "regulator")
async def distribute(call: PageCall) -> Response:
    account = await supervised_account(call)
    _confirmed(call, account.institution_id)
    outcome = await distribute_claims(
        call.ledger, call.caller(), account_id=UUID(account.account_id), on=call.ledger.today()
    )
    return await _back(call, "claims_shared", outcome)


@pages.post("/regulator/accounts/{account_id}/wind-down/closing", "regulator")
async def close(call: PageCall) -> Response:
    account = await supervised_account(call)
    _confirmed(call, account.institution_id)
    outcome = await close_wind_down(
        call.ledger,
        call.caller(),
        account_id=UUID(account.account_id),
        reason=call.text("reason"),
        on=call.ledger.today(),
    )
    return await _back(call, "wind_down_closed", outcome)


@pages.get("/regulator/accounts/{account_id}/claims-pack.zip", "regulator")
async def claims_pack(call: PageCall) -> Response:
    return await _pack(call, "claims")


@pages.get("/regulator/accounts/{account_id}/audit-pack.zip", "regulator")
async def audit_pack(call: PageCall) -> Response:
    return await _pack(call, "audit")


async def _pack(call: PageCall, kind: PackKind) -> Response:
    account = await supervised_account(call)
    directory = Path(tempfile.mkdtemp(prefix="escrow-pack-"))
    target = directory / f"{kind}-{account.account_id}.zip"
    wanted = PackOf(UUID(account.account_id), None)
    try:
        await asyncio.to_thread(make_zip, call.services.settings, call.ledger.url, kind, wanted, target)
    except BaseException:
        shutil.rmtree(directory)
        raise
    return FileResponse(
        target, media_type="application/zip", filename=target.name, background=BackgroundTask(shutil.rmtree, directory)
    )


def _confirmed(call: PageCall, institution_id: str) -> None:
    """The institution's code, typed again. Raises LedgerError `confirmation_wrong`."""
    if call.text("confirmation", 64) != institution_id:
        raise LedgerError("confirmation_wrong", institution_id=institution_id)


async def _back(call: PageCall, done: str, outcome: Outcome) -> Response:
    """Back to the page, which shows all that the step went on to record: claims and shares by the thousand."""
    await call.reader.catch_up()
    return call.after(outcome, f"/regulator/accounts/{call.path('account_id')}/wind-down", done=done)
