"""`escrow import`: a bank's statements, notifications or CSV, entry by entry."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from ledger.application.bank_files import EntryResult, StatementResult, open_import
from ledger.application.bank_layouts import layout_of
from ledger.application.booked_lines import booked_lines
from ledger.application.caller import Caller
from ledger.application.payer_salt import load_payer_salt
from ledger.bank.csv_layout import Layout, read_layout
from ledger.bank.entries import FileFacts, Statement
from ledger.bank.findings import EntryRefused, StatementRefused
from ledger.cli.output import REFUSED, Bar, JsonOption, choose, is_json, print_json, progress, say
from ledger.cli.store import open_books, open_store
from ledger.domain.errors import LedgerError
from ledger.settings import Settings
from ledger.storage.requests import Outcome

ACTOR = "operator:import"


class ImportedEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One entry's result: `recorded`, `repeated`, `would_record`, `skipped`, or `refused` with its code.

    `repeated` was recorded before. `amount_fen` is negative for a debit; `to` says where the parts went.
    """

    status: str
    entry: int
    transaction: int | None = None
    line: int | None = None
    bank_reference: str | None = None
    account_no: str | None = None
    amount_fen: int | None = None
    kind: str | None = None
    to: tuple[str, ...] = ()
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None


class ImportedStatement(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One statement's result. `difference_fen`: what its closing balance exceeds opening and entries by, unless 0."""

    status: str
    statement_id: str
    account_no: str
    line: int | None = None
    opening_fen: int | None = None
    closing_fen: int | None = None
    difference_fen: int = 0
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None


def run(
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="camt.053, camt.054 or CSV.")
    ],
    bank: Annotated[str, typer.Option(help="Code of the bank that made the file.")],
    layout: Annotated[
        Path | None,
        typer.Option(
            "--layout",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Map of the bank's CSV columns (YAML or JSON). Without: bank-csv/BANK.yaml in the data directory.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Decide every entry and record nothing.")] = False,
    json_: JsonOption = False,
) -> None:
    """Record a bank's file. The same file again changes nothing. Exit status 1 when anything is refused."""
    settings = Settings()
    columns = (
        layout_of(settings.data_dir, bank) if layout is None else read_layout(layout.read_bytes(), name=layout.name)
    )
    with open_store(settings) as database, progress("Importing entries", "正在导入") as bar:
        telling = _Telling(dry_run=dry_run, bar=bar)
        facts = uvloop.run(_import(settings, database.url, file, bank, columns, telling))
    counts = telling.counts
    if is_json():
        print_json(
            {
                "file": file.name,
                "kind": facts.kind,
                "sha256": facts.sha256,
                "dry_run": dry_run,
                "counts": counts,
                "entries": telling.entries,
                "statements": telling.statements,
            }
        )
    else:
        for statement in telling.statements:
            print(_statement_line(statement))
        summary = ", ".join(f"{status} {count}" for status, count in sorted(counts.items()))
        total = sum(counts.values())
        if total and counts["repeated"] == total:
            say("Everything was recorded before; nothing has changed.", "全部明细先前已入账，本次无任何变化。")
        say(f"{total} entries: {summary or 'none'}", f"共{total}笔：{summary or '无'}")
    if counts["refused"] or any(statement.status == "refused" for statement in telling.statements):
        raise typer.Exit(REFUSED)


async def _import(
    settings: Settings, url: str, file: Path, bank: str, layout: Layout, telling: "_Telling"
) -> FileFacts:
    async with open_books(settings, url) as books:
        with file.open("rb") as source:
            importing = await open_import(
                books.ledger,
                books.pool,
                Caller(ACTOR),
                bank=bank,
                source=source,
                salt=load_payer_salt(settings.data_dir),
                name=file.name,
                layout=layout,
                dry_run=telling.dry_run,
            )
            telling.begin(importing.file)
            async for result in importing.results():
                telling.take(result)
        return importing.file


class _Telling:
    """Prints each entry as it comes, and keeps what the end needs: under `--json` every entry, else only counts."""

    def __init__(self, *, dry_run: bool, bar: Bar) -> None:
        self.dry_run = dry_run
        self.counts: Counter[str] = Counter()
        self.entries: list[ImportedEntry] = []
        self.statements: list[ImportedStatement] = []
        self._bar = bar

    def begin(self, file: FileFacts) -> None:
        """How many entries there are is known now."""
        self._bar.show(0, file.entry_count)

    def take(self, result: EntryResult | StatementResult) -> None:
        """Tell one result."""
        if isinstance(result, StatementResult):
            self.statements.append(_statement(result, dry_run=self.dry_run))
            return
        entry = _entry(result, dry_run=self.dry_run)
        self.counts[entry.status] += 1
        self._bar.show(entry.entry)
        if is_json():
            self.entries.append(entry)
        else:
            print(_line(entry))  # the bar makes room for it


def _status(outcome: Outcome, *, dry_run: bool) -> str:
    return "repeated" if outcome.replayed else "would_record" if dry_run else "recorded"


def _entry(result: EntryResult, *, dry_run: bool) -> ImportedEntry:
    outcome = result.outcome
    entry, transaction, line = result.place
    known = result.entry
    told = ImportedEntry(
        status="skipped" if result.skipped else "refused",
        entry=entry,
        transaction=transaction or None,
        line=line or None,
        bank_reference=None if known is None else known.bank_reference,
        account_no=None if known is None else known.account_no,
        amount_fen=None if known is None else known.signed_fen,
        kind=None if known is None else known.kind,
    )
    match outcome:
        case Outcome():
            to = tuple(part.to for part in booked_lines(outcome))
            return msgspec.structs.replace(told, status=_status(outcome, dry_run=dry_run), to=to)
        case LedgerError() | EntryRefused():
            return msgspec.structs.replace(
                told, code=outcome.code, message=outcome.message, message_zh=outcome.message_zh
            )


def _statement(result: StatementResult, *, dry_run: bool) -> ImportedStatement:
    statement, outcome = result
    told = ImportedStatement(
        status="refused", statement_id=statement.statement_id, account_no=statement.account_no, line=statement.line
    )
    if isinstance(statement, Statement):
        told = msgspec.structs.replace(
            told,
            opening_fen=statement.opening_fen,
            closing_fen=statement.closing_fen,
            difference_fen=statement.difference_fen,
        )
    match outcome:
        case Outcome():
            return msgspec.structs.replace(told, status=_status(outcome, dry_run=dry_run))
        case LedgerError() | StatementRefused():
            return msgspec.structs.replace(
                told, code=outcome.code, message=outcome.message, message_zh=outcome.message_zh
            )


def _line(entry: ImportedEntry) -> str:
    place = f"{entry.entry}" if entry.transaction is None else f"{entry.entry}.{entry.transaction}"
    what = f"{place} {entry.bank_reference or '-'} {entry.amount_fen or '-'} {entry.status}"
    if entry.code is None:
        return " ".join([what, *entry.to])
    at = "" if entry.line is None else choose(f" (line {entry.line})", f"（第{entry.line}行）")
    return f"{what} {entry.code}: {choose(entry.message or '', entry.message_zh or '')}{at}"


def _statement_line(statement: ImportedStatement) -> str:
    what = choose("statement", "对账单")
    line = f"{what} {statement.statement_id} {statement.account_no} {statement.status}"
    if statement.code is not None:
        return f"{line} {statement.code}: {choose(statement.message or '', statement.message_zh or '')}"
    if statement.difference_fen:
        fen = statement.difference_fen
        return f"{line}: " + choose(
            f"the closing balance differs by {fen} fen from opening and entries",
            f"期末余额与期初余额及明细相差{fen}分",
        )
    return line
