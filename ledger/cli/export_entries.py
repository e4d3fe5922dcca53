"""`escrow export entries`: an account's bank entries as CSV, in the default layout or in the bank's own."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvloop

from ledger.application.bank_layouts import layout_of
from ledger.application.entry_export import export_entries
from ledger.bank.csv_layout import Layout, read_layout
from ledger.cli.output import JsonOption, choose, is_json, print_json, say
from ledger.cli.store import open_books, open_store
from ledger.settings import Settings


def run(
    account_no: Annotated[str, typer.Argument(help="Number of the account at its bank.")],
    bank: Annotated[str, typer.Option(help="Code of the bank that holds the account.")],
    out: Annotated[Path, typer.Option("--out", dir_okay=False, help="File to write.")],
    from_on: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="First day; from the beginning if absent.")
    ] = None,
    to_on: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="Last day; to the end if absent.")
    ] = None,
    layout: Annotated[
        Path | None,
        typer.Option(
            "--layout",
            exists=True,
            dir_okay=False,
            readable=True,
            help="Map of the CSV columns (YAML or JSON). Without: bank-csv/BANK.yaml in the data directory.",
        ),
    ] = None,
    json_: JsonOption = False,
) -> None:
    """Write the entries of an account's bank books. The same log gives the same bytes; importing them changes none."""
    if from_on is not None and to_on is not None and from_on > to_on:
        raise typer.BadParameter(choose("--from is after --to.", "--from 晚于 --to。"))
    settings = Settings()
    columns = (
        layout_of(settings.data_dir, bank) if layout is None else read_layout(layout.read_bytes(), name=layout.name)
    )
    with open_store(settings) as database:
        content = uvloop.run(_export(settings, database.url, account_no, bank, columns, from_on, to_on))
    out.write_bytes(content)
    if is_json():
        print_json({"file": out.name, "bytes": len(content)})
    say(f"{len(content)} bytes written to {out}.", f"已写入{out}，共{len(content)}字节。")


async def _export(
    settings: Settings,
    url: str,
    account_no: str,
    bank: str,
    layout: Layout,
    from_on: datetime | None,
    to_on: datetime | None,
) -> bytes:
    async with open_books(settings, url) as books:
        return await export_entries(
            books.ledger,
            bank=bank,
            account_no=account_no,
            layout=layout,
            from_on=None if from_on is None else from_on.date(),
            to_on=None if to_on is None else to_on.date(),
        )
