"""The bank's status reports (pain.002): recorded at once, and what became of each order."""

from typing import Final

from starlette.responses import Response

from api.routes.payment_messages import told_status
from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.caller import hash_of
from ledger.application.payment_status import RESULTS, import_status
from ledger.domain.errors import LedgerError

pages = Pages()
SHOWN: Final = 500
"""Results that are listed; refused ones before all others."""


@pages.get("/bank/status", "bank")
async def choose(call: PageCall) -> Response:
    return call.page("bank/status.html", report=None)


@pages.post("/bank/status", "bank")
async def take(call: PageCall) -> Response:
    if call.file is None:
        raise LedgerError("form_field_missing", field="file")
    data = await call.file.read()
    report, results = await import_status(
        call.ledger,
        call.reader,
        call.caller_of(hash_of("POST", call.request.url.path, data)),
        bank=call.principal.bank or "",
        data=data,
    )
    items = [told_status(one, call.language) for one in results]
    items.sort(key=lambda item: item.result != "refused")
    counts = {result: sum(item.result == result for item in items) for result in RESULTS}
    return call.page("bank/status.html", report=report, counts=counts, results=items[:SHOWN], shown=SHOWN)
