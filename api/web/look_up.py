"""What anybody may look up: whether an institution is supervised, where its money lies, and what it may charge."""

from typing import Final

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.fees import published_fees
from ledger.projections import balances
from ledger.projections.balances import AccountBalance
from ledger.projections.claim_rows import WindDownRow
from ledger.projections.claims import get_wind_down
from ledger.projections.fee_notices import FeeNotice

pages = Pages()
MOST: Final = 20
MOST_FEES: Final = 200
SHORTEST: Final = 2
"""A search of fewer characters would list the city."""


@pages.get("/institutions")
async def institutions(call: PageCall) -> Response:
    wanted = (call.query("q") or "").strip()
    found: list[AccountBalance] = []
    fees: list[FeeNotice] = []
    ends: dict[str, WindDownRow | None] = {}
    if len(wanted) >= SHORTEST:
        async with call.pool.connection() as connection:
            found = await balances.list_page(connection, search=wanted, limit=MOST)
            ends = {one.account_id: await get_wind_down(connection, one.account_id) for one in found}
        for institution_id in {one.institution_id for one in found}:
            fees += await published_fees(
                call.pool,
                on=call.ledger.today(),
                institution_id=institution_id,
                district=None,
                course_id=None,
                after=None,
                limit=MOST_FEES,
            )
    fees.sort(key=lambda fee: (fee.institution_id, fee.course_id))
    return call.page("institutions.html", wanted=wanted, shortest=SHORTEST, accounts=found, ends=ends, fees=fees)
