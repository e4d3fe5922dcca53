"""`POST /v1/bank-files`: a bank's file of receipts, recorded entry by entry, or tried."""

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
from ledger.application.bank_files import EntryResult, import_bank_file
from ledger.application.caller import hash_of
from ledger.application.deposits import DepositLine, deposit_lines
from ledger.bank.codes import FILE_CODES
from ledger.bank.findings import EntryRefused
from ledger.storage.requests import Outcome

router = APIRouter(tags=["bank"])

MEDIA_TYPES: Final = (b"application/xml", b"text/xml", b"text/csv")
_BODY: Final[dict[str, Any]] = {
    "application/xml": {
        "schema": {"type": "string", "description": "camt.054, versions 001.02 and 001.08."},
        "example": '<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:'
        'camt.054.001.08"><BkToCstmrDbtCdtNtfctn>…</BkToCstmrDbtCdtNtfctn></Document>',
    },
    "text/csv": {
        "schema": {"type": "string", "description": "UTF-8, with a header of known columns."},
        "example": "bank_reference,account_no,amount,currency,booked_on,contract_reference\n"
        "20260901-000123,110914000012345678,1280.50,CNY,2026-09-01,HT-2026-0001\n",
    },
}


class FileEntry(msgspec.Struct, kw_only=True):
    """One entry with its place in the file (1-based). A refused one has its code, sentence, figures and field."""

    status: Literal["accepted", "replayed", "refused"]
    line: int | None
    entry: int | None
    transaction: int | None
    bank_reference: str | None = None
    account_no: str | None = None
    amount_fen: int | None = None
    account_id: str | None = None
    lines: list[DepositLine] = []
    code: str | None = None
    detail: str | None = None
    figures: dict[str, int | str] = {}
    field: str | None = None


class FileReport(msgspec.Struct, kw_only=True):
    """What became of the file's entries, in file order; with `dry_run` what would have."""

    kind: Literal["camt.054", "csv"]
    sha256: str
    message_id: str | None
    dry_run: bool
    accepted: int
    replayed: int
    refused: int
    results: list[FileEntry]


@router.post(
    "/v1/bank-files",
    **described(
        summary="Import a file of receipts",
        description="Entries stand on their own. A file imported again changes nothing: its entries are replayed. "
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
    media_type = (header_of(request.scope, b"content-type") or b"").partition(b";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise ApiError("media_type_unsupported")
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
        dry_run=dry_run,
    )
    language = context_of(request.scope).language
    results = [_entry(result, language) for result in outcome.results]
    answer = FileReport(
        kind=outcome.file.kind,
        sha256=outcome.file.sha256,
        message_id=outcome.file.message_id,
        dry_run=dry_run,
        accepted=sum(result.status == "accepted" for result in results),
        replayed=sum(result.status == "replayed" for result in results),
        refused=sum(result.status == "refused" for result in results),
        results=results,
    )
    return item_results(answer, replayed=not dry_run and answer.replayed == len(results))


def _entry(result: EntryResult, language: Language) -> FileEntry:
    entry, outcome = result
    at = entry
    if at is None:
        assert isinstance(outcome, EntryRefused)
        at = outcome
    answer = FileEntry(status="refused", line=at.line, entry=at.entry, transaction=at.transaction)
    if entry is not None:
        answer.bank_reference = entry.bank_reference
        answer.account_no = entry.account_no
        answer.amount_fen = entry.amount_fen
    if isinstance(outcome, Outcome):
        answer.status = "replayed" if outcome.replayed else "accepted"
        answer.account_id = str(outcome.account_id)
        answer.lines = deposit_lines(outcome)
    else:
        answer.code = outcome.code
        answer.detail = outcome.message_zh if language == "zh" else outcome.message
        answer.figures = outcome.figures
        answer.field = outcome.field if isinstance(outcome, EntryRefused) else None
    return answer
