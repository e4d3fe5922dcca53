"""Contracts: listed, signed one by one, or many from a spreadsheet that is checked row by row before any is saved."""

import asyncio
from typing import Final

from starlette.responses import Response
from uuid_utils.compat import uuid7

from api.calls import visible_to
from api.pages import read_cursor
from api.routes.contracts import Contract
from api.web.form_bodies import body_of
from api.web.institution.contract_rows import body_said, contract_of
from api.web.institution.contract_sheet import Row, read_sheet, write_template
from api.web.newest_first import page_of
from api.web.page_call import Notice, PageCall
from api.web.refusals import sentence_of
from api.web.site import Pages
from ledger.application.contracts import sign_contract, try_contracts
from ledger.domain.commands import SignContract
from ledger.domain.errors import LedgerError
from ledger.projections import balances, contracts

pages = Pages(
    {
        "contract_signed": Notice("合同已录入。", "The contract is recorded."),
        "contracts_signed": Notice("全部合同已录入。", "All contracts are recorded."),
    }
)
MOST: Final = 100
ACCOUNTS: Final = 200
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pages.get("/institution/contracts", "institution")
async def list_contracts(call: PageCall) -> Response:
    return await _with_faults(call, [], [])


@pages.post("/institution/contracts", "institution")
async def sign(call: PageCall) -> Response:
    fields = {name: call.form.get(name, "") for name in Row.COLUMNS}
    fields |= {"price": str(call.fen("price")), "list_price": str(call.fen("list_price"))}
    body = body_of(Contract, body_said(fields, call.form.get("account_id", "")))
    outcome = await sign_contract(
        call.ledger,
        call.caller(),
        account_id=body.account_id,
        contract_id=str(uuid7()),
        terms=body.terms(),
        on=call.ledger.today(),
    )
    return call.after(outcome, "/institution/contracts", done="contract_signed")


@pages.get("/institution/contracts/template.xlsx", "institution")
async def template(call: PageCall) -> Response:
    headers = {"content-disposition": 'attachment; filename="contracts.xlsx"'}
    return Response(write_template(call.language), media_type=XLSX, headers=headers)


@pages.post("/institution/contracts/sheet", "institution")
async def sign_many(call: PageCall) -> Response:
    if call.file is None:
        raise LedgerError("form_field_missing", field="file")
    rows = await asyncio.to_thread(read_sheet, await call.file.read())
    account_id = call.text("account_id")
    faults: list[tuple[int, str]] = []
    bodies: list[Contract] = []
    for row in rows:
        body, found = contract_of(row, account_id, call.language)
        faults += [(row.number, fault) for fault in found]
        if body is not None:
            bodies.append(body)
    if faults:
        return await _with_faults(call, faults, rows)
    commands = [
        SignContract(
            account_id=body.account_id,
            effective_on=call.ledger.today(),
            contract_id=str(uuid7()),
            **body.terms()._asdict(),
        )
        for body in bodies
    ]
    if call.form.get("check"):
        return await _with_faults(call, await _refused_rows(call, rows, commands), rows)
    caller = call.caller()
    requests = [caller.part(f"row {row.number}", command) for row, command in zip(rows, commands, strict=True)]
    try:
        outcomes = await call.ledger.execute_atomically(requests)
    except LedgerError as refusal:
        if refusal.item is None:
            raise
        return await _with_faults(call, await _refused_rows(call, rows, commands), rows)
    return call.after(outcomes[-1], "/institution/contracts", done="contracts_signed")


async def _refused_rows(call: PageCall, rows: list[Row], commands: list[SignContract]) -> list[tuple[int, str]]:
    """What the ledger would refuse of these rows, each judged after those before it that it would take."""
    refusals = await try_contracts(
        call.ledger, commands, actor=call.principal.actor, visible=visible_to(call.principal)
    )
    return [
        (row.number, await sentence_of(call, refusal, {}))
        for row, refusal in zip(rows, refusals, strict=True)
        if refusal is not None
    ]


async def _with_faults(call: PageCall, faults: list[tuple[int, str]], rows: list[Row]) -> Response:
    async with call.pool.connection() as connection:
        listed = await contracts.list_page(
            connection,
            scope=call.scope,
            contract_no=call.query("contract_no"),
            after=read_cursor(call.query("cursor")),
            limit=MOST + 1,
            newest_first=True,
        )
        accounts = await balances.list_page(connection, scope=call.scope, limit=ACCOUNTS)
    shown, more = page_of(listed, MOST)
    return call.page(
        "institution/contracts.html",
        status=422 if faults else 200,
        contracts=shown,
        more=more,
        accounts=accounts,
        faults=faults,
        rows=rows,
    )
