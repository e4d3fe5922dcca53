"""`escrow rebuild`: make views anew from the events."""

import asyncio
import time
from typing import Annotated

import typer

from ledger.cli.output import JsonOption, is_json, print_json, progress, say
from ledger.cli.store import open_store
from ledger.projections.rebuild import rebuild
from ledger.settings import Settings
from ledger.storage.mapper import decode_event


def run(
    views: Annotated[list[str] | None, typer.Argument(help="Names of views; all of them if none is named.")] = None,
    json_: JsonOption = False,
) -> None:
    """Make views anew from the events. Readers see the old rows until the new ones are there."""
    settings = Settings()
    began = time.monotonic()
    with open_store(settings) as database, progress("Rebuilding views", "正在重建视图"):
        done = asyncio.run(rebuild(database.url, decode_event, *(views or [])))
    took_s = round(time.monotonic() - began, 3)
    if is_json():
        print_json({"views": done.views, "events": done.events, "rows": done.rows, "took_s": took_s})
        return
    names = ", ".join(done.views)
    say(
        f"Rebuilt {names}: {done.rows} rows from {done.events} events in {took_s} s.",
        f"已重建 {names}：由{done.events}个事件得到{done.rows}行，用时{took_s}秒。",
    )
