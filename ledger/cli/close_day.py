"""`escrow close-day`: the daily close of every account."""

from datetime import date, datetime
from typing import Annotated

import typer
import uvloop

from ledger.application.caller import Caller
from ledger.application.close_day import DayClosed, OnProgress
from ledger.application.daily_close import daily_close
from ledger.application.reading import Reader
from ledger.cli.output import REFUSED, JsonOption, is_json, print_json, progress, say
from ledger.cli.store import open_books, open_store
from ledger.projections.paging import EVERYTHING
from ledger.settings import Settings

ACTOR = "clock:close-day"


def run(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The day to close, not after today.")],
    only: Annotated[bool, typer.Option("--only", help="Leave out the days missed since the last close.")] = False,
    json_: JsonOption = False,
) -> None:
    """Let happen what the law lets happen by silence or lapse of time. The same day again changes nothing.

    Days that nobody closed since the last complete close are closed first, in their order. A close that was
    interrupted goes on where it stopped.
    """
    settings = Settings()
    with open_store(settings) as database, progress("Closing the day", "正在日终处理") as bar:

        def show(on: date, done: int, total: int) -> None:
            bar.describe(f"Closing {on}", f"{on}日终处理")
            bar.show(done, total)

        closed = uvloop.run(_close(settings, database.url, day.date(), missed=not only, on_progress=show))
    if is_json():
        print_json(closed)
    else:
        if closed.missed:
            count, first, last = len(closed.missed), closed.missed[0], closed.missed[-1]
            say(f"Closed {count} missed day(s), {first} to {last}.", f"已补做{count}天日终：{first}至{last}。")
        say(
            f"Closed {closed.closed_on}: {closed.accounts} accounts, "
            f"{closed.events} events in {closed.changed} of them.",
            f"已完成{closed.closed_on}日终：{closed.accounts}个账户，其中{closed.changed}个产生{closed.events}个事件。",
        )
        if closed.reconciled is not None and closed.reconciled.events:
            done = closed.reconciled
            found = sum(done.found.values())
            say(
                f"Banks: {done.days.get('reconciled', 0)} days reconciled, {found} breaks found, {done.resolved} "
                f"resolved, {done.overdue} overdue.",
                f"银行对账：相符{done.days.get('reconciled', 0)}日，新增差异{found}项，了结{done.resolved}项，"
                f"逾期{done.overdue}项。",
            )
        if closed.alerts is not None and (closed.alerts.escalated or closed.alerts.silences_ended):
            alerts = closed.alerts
            say(
                f"Alerts: {alerts.escalated} escalated, {alerts.silences_ended} silences ended.",
                f"预警：升级{alerts.escalated}项，静默到期{alerts.silences_ended}项。",
            )
        if closed.cases is not None and closed.cases.cases:
            cases = closed.cases
            say(
                f"Cases: {cases.cases} open, {cases.events} events.",
                f"未结案件{cases.cases}件，产生{cases.events}个事件。",
            )
        if closed.wind_downs is not None and closed.wind_downs.wind_downs:
            done = closed.wind_downs
            moved = done.transfers.get("done", 0)
            say(
                f"Wind-downs: {done.wind_downs} open, {done.events} events, {moved} families moved on.",
                f"清算中机构{done.wind_downs}家，产生{done.events}个事件，转移家庭{moved}户。",
            )
        for code, count in closed.refused.items():
            say(f"refused, {code}: {count}", f"被拒绝，{code}：{count}")
    if closed.refused:
        raise typer.Exit(REFUSED)


async def _close(settings: Settings, url: str, on: date, *, missed: bool, on_progress: OnProgress) -> DayClosed:
    async with open_books(settings, url) as books:
        return await daily_close(
            books.ledger,
            Reader(books.pool, books.runner),
            Caller(ACTOR),
            scope=EVERYTHING,
            on=on,
            catch_up=missed,
            on_progress=on_progress,
        )
