"""`escrow reconcile`: every account against its bank's statements, through a day."""

from datetime import date, datetime
from typing import Annotated

import typer
import uvloop

from ledger.application.caller import Caller
from ledger.application.reading import Reader
from ledger.application.reconciliation import Reconciled, reconcile_day
from ledger.cli.output import REFUSED, JsonOption, is_json, print_json, say
from ledger.cli.store import open_books, open_store
from ledger.projections.paging import EVERYTHING
from ledger.settings import Settings

ACTOR = "clock:reconcile"


def run(
    day: Annotated[datetime, typer.Argument(formats=["%Y-%m-%d"], help="The last day to compare, not after today.")],
    json_: JsonOption = False,
) -> None:
    """Compare every account with its bank, as the daily close does. The same day again changes nothing.

    Exit status 1 where breaks are found, or an account could not be compared.
    """
    settings = Settings()
    with open_store(settings) as database:
        done = uvloop.run(_reconcile(settings, database.url, day.date()))
    if is_json():
        print_json(done)
    else:
        agreed, broken = done.days.get("reconciled", 0), done.days.get("broken", 0)
        found = sum(done.found.values())
        say(
            f"Compared {done.accounts} accounts through {done.reconciled_on}: days reconciled {agreed}, broken "
            f"{broken}; breaks found {found}, resolved {done.resolved}, overdue {done.overdue}; top-ups demanded "
            f"{done.top_ups}.",
            f"已对账{done.accounts}个账户至{done.reconciled_on}：相符{agreed}日，不符{broken}日；"
            f"新增差异{found}项，了结{done.resolved}项，逾期{done.overdue}项；要求补足{done.top_ups}次。",
        )
        for kind, count in sorted(done.found.items()):
            say(f"found, {kind}: {count}", f"新增，{kind}：{count}")
        for code, count in done.refused.items():
            say(f"refused, {code}: {count}", f"被拒绝，{code}：{count}")
    if done.found or done.refused:
        raise typer.Exit(REFUSED)


async def _reconcile(settings: Settings, url: str, on: date) -> Reconciled:
    async with open_books(settings, url) as books:
        reader = Reader(books.pool, books.runner)
        return await reconcile_day(books.ledger, reader, Caller(ACTOR), scope=EVERYTHING, on=on)
