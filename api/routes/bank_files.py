"""`POST /v1/bank-files`: a bank's statements, notifications or CSV, recorded entry by entry, or tried."""

import re
from datetime import date
from typing import Annotated, Any, Final, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from api.answers import item_results
from api.auth.permissions import require
from api.auth.principal import Principal
from api.calls import call_with, read_key
from api.codes import ApiError
from api.documentation import described
from api.request_context import Language, context_of, header_of
from api.services import Services
from ledger.application.bank_files import EntryResult, StatementResult, import_bank_file
from ledger.application.bank_layouts import layout_of
from ledger.application.booked_lines import BookedLine, booked_lines
from ledger.application.caller import hash_of
from ledger.bank.codes import FILE_CODES
from ledger.bank.csv_layout import Layout
from ledger.bank.entries import Statement
from ledger.bank.findings import EntryRefused
from ledger.domain.events import StatementEntryKind
from ledger.storage.requests import Outcome

router = APIRouter(tags=["bank"])

MEDIA_TYPES: Final = (b"application/xml", b"text/xml", b"text/csv")
_BODY: Final[dict[str, Any]] = {
    "application/xml": {
        "schema": {"type": "string", "description": "camt.053 or camt.054, versions 001.02, 001.04 and 001.08."},
        "example": '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:'
        'camt.054.001.08"><BkToCstmrDbtCdtNtfctn>…</BkToCstmrDbtCdtNtfctn></Document>',
    },
    "text/csv": {
        "schema": {
            "type": "string",
            "description": "A header of known columns, or the bank's own layout; UTF-8, or the charset named.",
        },
        "example": "bank_reference,account_no,amount,currency,booked_on,contract_reference\n"
        "20260901-000123,110914000012345678,1280.50,CNY,2026-09-01,HT-2026-0001\n",
    },
}


class FileEntry(msgspec.Struct, kw_only=True):
    """One entry with its place in the file (1-based). A refused or skipped one has its code, sentence and figures.

    `skipped`: no movement (yet), such as a pending entry. `amount_fen` is unsigned; `kind` is what the bank says it is.
    """

    status: Literal["accepted", "replayed", "refused", "skipped"]
    line: int | None
    entry: int | None
    transaction: int | None
    bank_reference: str | None = None
    account_no: str | None = None
    amount_fen: int | None = None
    credit: bool | None = None
    kind: StatementEntryKind | None = None
    account_id: str | None = None
    lines: list[BookedLine] = []
    code: str | None = None
    detail: str | None = None
    figures: dict[str, int | str] = {}
    field: str | None = None


class FileStatement(msgspec.Struct, kw_only=True):
    """One statement of a camt.053. `difference_fen`: what its closing balance exceeds opening and entries by."""

    status: Literal["accepted", "replayed", "refused"]
    line: int | None
    statement_id: str
    account_no: str
    from_on: date | None = None
    to_on: date | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    difference_fen: int | None = None
    code: str | None = None
    detail: str | None = None
    figures: dict[str, int | str] = {}


class FileReport(msgspec.Struct, kw_only=True):
    """What became of the file's entries and statements, in file order; with `dry_run` what would have."""

    kind: Literal["camt.053", "camt.054", "csv"]
    sha256: str
    message_id: str | None
    dry_run: bool
    accepted: int
    replayed: int
    refused: int
    skipped: int
    results: list[FileEntry]
    statements: list[FileStatement]


@router.post(
    "/v1/bank-files",
    **described(
        summary="Import a bank's file",
        description="Entries stand on their own: receipts go to their contracts or to suspense, debits settle the "
        "instruction that they name or are recorded as unexplained, returns come back to their refunds. Each statement "
        "is recorded behind its entries. A file imported again changes nothing: its entries are replayed. "
        "With `dry_run` everything is decided and nothing recorded, and no Idempotency-Key is needed. A file that "
        "cannot be read is refused as a whole, with the line where there is one.",
        answer=FileReport,
        body=_BODY,
        codes=tuple(FILE_CODES),
        command=True,
    ),
)
async def import_file(
    request: Request,
    principal: Annotated[Principal, Depends(require("bank_files:write"))],
    name: Annotated[str, Query(max_length=200, description="The file's name.", examples=["camt054.xml"])] = "",
    dry_run: Annotated[bool, Query(description="Decide and record nothing.")] = False,
) -> Response:
    media_type, _, parameters = (header_of(request.scope, b"content-type") or b"").lower().partition(b";")
    if media_type.strip() not in MEDIA_TYPES:
        raise ApiError("media_type_unsupported")
    services: Services = request.app.state.services
    key = None if dry_run else read_key(request, principal)
    data = await request.body()
    hashed = hash_of("POST", request.url.path, data)
    call = call_with(request, principal, data, key=key, request_hash=hashed)
    outcome = await import_bank_file(
        call.ledger,
        call.pool,
        call.caller,
        bank=call.bank,
        data=data,
        salt=call.books.payer_salt,
        name=name,
        layout=_with_charset(layout_of(services.settings.data_dir, call.bank), parameters),
        dry_run=dry_run,
    )
    language = context_of(request.scope).language
    results = [told_entry(result, language) for result in outcome.results]
    answer = FileReport(
        kind=outcome.file.kind,
        sha256=outcome.file.sha256,
        message_id=outcome.file.message_id,
        dry_run=dry_run,
        accepted=sum(result.status == "accepted" for result in results),
        replayed=sum(result.status == "replayed" for result in results),
        refused=sum(result.status == "refused" for result in results),
        skipped=sum(result.status == "skipped" for result in results),
        results=results,
        statements=[_statement(result, language) for result in outcome.statements],
    )
    told = [one.status for one in (*results, *answer.statements)]
    return item_results(answer, replayed=not dry_run and told == ["replayed"] * len(told))


def _with_charset(layout: Layout, parameters: bytes) -> Layout:
    """The layout in the charset of the content type, where it names one of Chinese text."""
    chinese = re.search(rb"charset\s*=\s*\"?(gb18030|gbk|gb2312)\b", parameters)
    return msgspec.structs.replace(layout, encoding="gb18030") if chinese else layout


def told_entry(result: EntryResult, language: Language) -> FileEntry:
    """What became of an entry, with its sentence in the language where it was refused."""
    entry, outcome = result
    at = entry
    if at is None:
        assert isinstance(outcome, EntryRefused)
        at = outcome
    status = "skipped" if result.skipped else "refused"
    answer = FileEntry(status=status, line=at.line, entry=at.entry, transaction=at.transaction)
    if entry is not None:
        answer.bank_reference = entry.bank_reference
        answer.account_no = entry.account_no
        answer.amount_fen = entry.amount_fen
        answer.credit = entry.credit
        answer.kind = entry.kind
    if isinstance(outcome, Outcome):
        answer.status = "replayed" if outcome.replayed else "accepted"
        answer.account_id = str(outcome.account_id)
        answer.lines = booked_lines(outcome)
    else:
        answer.code = outcome.code
        answer.detail = outcome.message_zh if language == "zh" else outcome.message
        answer.figures = outcome.figures
        answer.field = outcome.field if isinstance(outcome, EntryRefused) else None
    return answer


def _statement(result: StatementResult, language: Language) -> FileStatement:
    statement, outcome = result
    answer = FileStatement(
        status="refused",
        line=statement.line,
        statement_id=statement.statement_id,
        account_no=statement.account_no,
    )
    if isinstance(statement, Statement):
        answer.from_on, answer.to_on = statement.from_on, statement.to_on
        answer.opening_fen, answer.closing_fen = statement.opening_fen, statement.closing_fen
        answer.difference_fen = statement.difference_fen
    if isinstance(outcome, Outcome):
        answer.status = "replayed" if outcome.replayed else "accepted"
    else:
        answer.code = outcome.code
        answer.detail = outcome.message_zh if language == "zh" else outcome.message
        answer.figures = outcome.figures
    return answer
