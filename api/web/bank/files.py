"""A bank's files: looked at entry by entry before anything is recorded, then recorded."""

from typing import Final

from starlette.responses import Response

from api.routes.bank_files import FileEntry, told_entry
from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.bank_files import import_bank_file
from ledger.application.bank_layouts import layout_of
from ledger.application.caller import hash_of
from ledger.domain.errors import LedgerError

pages = Pages({"file_recorded": Notice("文件已入账。", "The file is recorded.")})
SHOWN: Final = 500
"""Entries of a file that are listed; refused ones before all others."""


@pages.get("/bank/files", "bank")
async def choose(call: PageCall) -> Response:
    return call.page("bank/files.html", report=None)


@pages.post("/bank/files", "bank")
async def take(call: PageCall) -> Response:
    if call.file is None:
        raise LedgerError("form_field_missing", field="file")
    data = await call.file.read()
    dry_run = call.choice("what", ("check", "record")) == "check"
    bank = call.principal.bank or ""
    outcome = await import_bank_file(
        call.ledger,
        call.pool,
        call.caller_of(hash_of("POST", call.request.url.path, data)),
        bank=bank,
        data=data,
        salt=call.books.payer_salt,
        name=call.file.filename or "",
        layout=layout_of(call.services.settings.data_dir, bank),
        dry_run=dry_run,
    )
    entries = [told_entry(result, call.language) for result in outcome.results]
    entries.sort(key=lambda entry: entry.status != "refused")
    return call.page(
        "bank/files.html",
        report=outcome.file,
        dry_run=dry_run,
        counts={status: _count(entries, status) for status in ("accepted", "replayed", "refused", "skipped")},
        entries=entries[:SHOWN],
        statements=[statement for statement, _ in outcome.statements],
        shown=SHOWN,
    )


def _count(entries: list[FileEntry], status: str) -> int:
    return sum(entry.status == status for entry in entries)
