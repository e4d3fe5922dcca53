"""What was ordered back to families in a span of days, and what of it has reached them, by district."""

from typing import Final

from starlette.responses import Response

from api.web.exports import FORMATS, cells_of, taken_along
from api.web.page_call import PageCall
from api.web.regulator.reconciliation import day_of
from api.web.site import Pages
from ledger.projections import ordered_refunds
from ledger.projections.ordered_refunds import CampaignTotal

pages = Pages()
COLUMNS: Final = CampaignTotal.__struct_fields__


@pages.get("/regulator/ordered-refunds", "regulator")
async def totals(call: PageCall) -> Response:
    form = call.picked("format", FORMATS)
    today = call.ledger.today()
    first, last = day_of(call, "first", today.replace(month=1, day=1)), day_of(call, "last", today)
    async with call.pool.connection() as connection:
        rows = await ordered_refunds.totals(connection, first=first, last=last, scope=call.scope)
    if form:
        return await taken_along(f"ordered-refunds-{first}-{last}", COLUMNS, cells_of(COLUMNS, rows), form)
    return call.page("regulator/campaign.html", rows=rows, first=first, last=last, formats=FORMATS)
