"""`escrow payment-status`: a bank's pain.002 report on a message of orders."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import msgspec
import typer
import uvloop

from ledger.application.caller import Caller
from ledger.application.payment_status import OrderResult, StatusResult, import_status
from ledger.application.reading import Reader
from ledger.cli.output import REFUSED, JsonOption, choose, is_json, print_json, say
from ledger.cli.store import catch_up, open_books, open_store
from ledger.domain.errors import LedgerError
from ledger.settings import Settings

ACTOR = "operator:payment-status"


class ReportedOrder(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One order's result, with the place of its status in the file."""

    result: str
    status: str
    line: int
    end_to_end_id: str
    instruction_id: str | None = None
    code: str | None = None
    message: str | None = None
    message_zh: str | None = None


def run(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A pain.002 file.")],
    bank: Annotated[str, typer.Option(help="Code of the bank that made the file.")],
    json_: JsonOption = False,
) -> None:
    """Record what a bank says of a message's orders. The same file again changes nothing.

    Exit status 1 when any of its statuses is refused.
    """
    settings = Settings()
    with open_store(settings) as database:
        imported = uvloop.run(_import(settings, database.url, file, bank))
    report = imported.report
    results = [_reported(one) for one in imported.results]
    counts = Counter(one.result for one in results)
    if is_json():
        print_json({"file": file.name, "message_id": report.message_id, "counts": counts, "results": results})
    else:
        for one in results:
            print(_line(one))
        summary = ", ".join(f"{result} {count}" for result, count in sorted(counts.items())) or choose("none", "无")
        say(f"Message {report.message_id}: {summary}.", f"报文{report.message_id}：{summary}。")
    if counts["refused"]:
        raise typer.Exit(REFUSED)


async def _import(settings: Settings, url: str, file: Path, bank: str) -> StatusResult:
    async with open_books(settings, url) as books:
        await catch_up(books)  # orders are found in a view
        reader = Reader(books.pool, books.runner)
        return await import_status(books.ledger, reader, Caller(ACTOR), bank=bank, data=file.read_bytes())


def _reported(one: OrderResult) -> ReportedOrder:
    refusal = one.outcome if isinstance(one.outcome, LedgerError) else None
    return ReportedOrder(
        result=one.result,
        status=one.entry.status,
        line=one.entry.line,
        end_to_end_id=one.entry.end_to_end_id if one.order is None else one.order.end_to_end_id,
        instruction_id=None if one.order is None else one.order.instruction_id,
        code=None if refusal is None else refusal.code,
        message=None if refusal is None else refusal.message,
        message_zh=None if refusal is None else refusal.message_zh,
    )


def _line(one: ReportedOrder) -> str:
    what = f"{one.line} {one.end_to_end_id or '-'} {one.status or '-'} {one.result}"
    if one.code is None:
        return what
    return f"{what} {one.code}: {choose(one.message or '', one.message_zh or '')}"
