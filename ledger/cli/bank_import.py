"""`escrow import`: a bank's file of receipts, entry by entry."""

import asyncio
from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from ledger.application.bank_files import EntryResult, FileResult, import_bank_file
from ledger.application.caller import Caller
from ledger.application.deposits import deposit_lines
from ledger.application.ledger import Ledger
from ledger.application.payer_salt import load_payer_salt
from ledger.bank.findings import EntryRefused
from ledger.cli.output import REFUSED, Bar, JsonOption, choose, is_json, print_json, progress, say
from ledger.cli.store import open_books, open_store
from ledger.domain.errors import LedgerError
from ledger.settings import Settings
from ledger.storage.requests import Outcome

ACTOR = "operator:import"
_SHOWN_EVERY_S = 0.2


class ImportedEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry's result: `recorded`, `repeated` (recorded before), `would_record`, or `refused` with its code."""

    status: str
    entry: int
    bank_reference: str | None = None
    account_no: str | None = None
    amount_fen: int | None = None
    to: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None


def run(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="camt.054 or CSV.")],
    bank: Annotated[str, typer.Option(help="Code of the bank that made the file.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide every entry and record nothing.")] = False,
    json_: JsonOption = False,
) -> None:
    """Record a bank's file of receipts. The same file again changes nothing. Exit status 1 when any is refused."""
    settings = Settings()
    with open_store(settings) as database, progress("Importing entries", "正在导入") as bar:
        imported = uvloop.run(_import(settings, database.url, file, bank, dry_run=dry_run, bar=bar))
    entries = [_entry(result, dry_run=dry_run) for result in imported.results]
    counts = Counter(entry.status for entry in entries)
    if is_json():
        digest = imported.file.sha256
        print_json({"file": file.name, "sha256": digest, "dry_run": dry_run, "counts": counts, "entries": entries})
    else:
        for entry in entries:
            print(_line(entry))
        summary = ", ".join(f"{status} {count}" for status, count in sorted(counts.items()))
        say(f"{len(entries)} entries: {summary or 'none'}", f"共{len(entries)}笔：{summary or '无'}")
    if counts["refused"]:
        raise typer.Exit(REFUSED)


async def _import(settings: Settings, url: str, file: Path, bank: str, *, dry_run: bool, bar: Bar) -> FileResult:
    async with open_books(settings, url) as books:
        showing = asyncio.create_task(_show_progress(books.ledger, bar))
        try:
            return await import_bank_file(
                books.ledger,
                books.pool,
                Caller(ACTOR),
                bank=bank,
                data=file.read_bytes(),
                salt=load_payer_salt(settings.data_dir),
                name=file.name,
                dry_run=dry_run,
            )
        finally:
            showing.cancel()


async def _show_progress(ledger: Ledger, bar: Bar) -> None:
    while True:
        bar.show(ledger.writer.commands)
        await asyncio.sleep(_SHOWN_EVERY_S)


def _entry(result: EntryResult, *, dry_run: bool) -> ImportedEntry:
    entry, outcome = result.entry, result.outcome
    number = result.place[0]
    reference = None if entry is None else entry.bank_reference
    account_no = None if entry is None else entry.account_no
    amount_fen = None if entry is None else entry.amount_fen
    match outcome:
        case LedgerError() | EntryRefused():
            return ImportedEntry(
                status="refused",
                entry=number,
                bank_reference=reference,
                account_no=account_no,
                amount_fen=amount_fen,
                code=outcome.code,
                message=outcome.message,
                message_zh=outcome.message_zh,
            )
        case Outcome():
            status = "repeated" if outcome.replayed else "would_record" if dry_run else "recorded"
            return ImportedEntry(
                status=status,
                entry=number,
                bank_reference=reference,
                account_no=account_no,
                amount_fen=amount_fen,
                to=tuple(line.to for line in deposit_lines(outcome)),
            )


def _line(entry: ImportedEntry) -> str:
    what = f"{entry.entry} {entry.bank_reference or '-'} {entry.amount_fen or '-'} {entry.status}"
    if entry.code is None:
        return " ".join([what, *entry.to])
    return f"{what} {entry.code}: {choose(entry.message or '', entry.message_zh or '')}"
