"""The upkeep of the machine: what runs beside requests, what was not delivered, closes, verifications, backups."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from api.health import run_check
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application import close_record
from ledger.application.operations import backed_up_at
from ledger.application.verification.runs import latest_runs
from ledger.notifications import deliveries

pages = Pages()
CLOSES: Final = 30
RUNS: Final = 10


@pages.get("/operator/upkeep", "operator")
async def upkeep(call: PageCall) -> Response:
    marker = call.services.settings.backup_marker
    backup = await asyncio.to_thread(backed_up_at, marker)
    async with call.pool.connection() as connection:
        closes = await close_record.list_page(connection, districts=None, limit=CLOSES)
        runs = await latest_runs(connection, limit=RUNS)
        backlogs = await deliveries.backlogs(connection)
    return call.page(
        "operator/upkeep.html",
        jobs=[(check.name, await run_check(check)) for check in call.services.readiness],
        closes=[close for close, _ in closes],
        runs=runs,
        backlogs=list(backlogs.values()),
        marker=marker,
        backup=backup,
        backup_hours=None if backup is None else int((datetime.now(UTC) - backup).total_seconds()) // 3600,
    )
