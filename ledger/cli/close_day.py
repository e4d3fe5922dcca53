"""`escrow close-day`: the daily close of every account."""

from datetime import datetime
from typing import Annotated

import typer
import uvloop

from ledger.application.caller import Caller
from ledger.application.close_day import DayClosed, close_day
from ledger.cli.output import REFUSED, JsonOption, is_json, print_json, progress, say
from ledger.cli.store import catch_up, open_books, open_store
from ledger.projections.paging import EVERYTHING
from ledger.settings import Settings

ACTOR = "clock:close-day"


def run(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day to close, not after today.")],
    json_: JsonOption = False,
) -> None:
    """Let happen what the law lets happen by silence or lapse of time. The same day again changes nothing."""
    settings = Settings()
    with open_store(settings) as database, progress("Closing the day", "正在日终处理"):
        closed = uvloop.run(_close(settings, database.url, day))
    if is_json():
        print_json(closed)
    else:
        say(
            f"Closed {closed.closed_on}: {closed.accounts} accounts, "
            f"{closed.events} events in {closed.changed} of them.",
            f"已完成{closed.closed_on}日终：{closed.accounts}个账户，其中{closed.changed}个产生{closed.events}个事件。",
        )
        for code, count in closed.refused.items():
            say(f"refused, {code}: {count}", f"被拒绝，{code}：{count}")
    if closed.refused:
        raise typer.Exit(REFUSED)


async def _close(settings: Settings, url: str, day: datetime) -> DayClosed:
    async with open_books(settings, url) as books:
        await catch_up(books)  # the accounts are listed from a view
        return await close_day(books.ledger, books.pool, Caller(ACTOR), scope=EVERYTHING, on=day.date())
