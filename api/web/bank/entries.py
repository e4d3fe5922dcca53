"""An entry of the bank's books, looked up by its reference: what became of it here, contract or suspense."""

import asyncio
from typing import Final

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.explain import Explanation, explain_event
from ledger.domain.errors import LedgerError
from ledger.storage.bank_entries import RecordedEntry

pages = Pages()
LONGEST: Final = 200


@pages.get("/bank/entries", "bank")
async def look_up(call: PageCall) -> Response:
    wanted = (call.query("reference") or "").strip()
    if len(wanted) > LONGEST or not wanted.isprintable():
        raise LedgerError("form_field_wrong", field="reference")
    found = await _found(call, wanted) if wanted else None
    account = None if found is None else await call.reader.account(str(found.account_id), call.scope)
    return call.page(
        "bank/entries.html",
        wanted=wanted,
        entry=found,
        account=account,
        events=[] if found is None else await _events(call, found),
    )


async def _found(call: PageCall, reference: str) -> RecordedEntry | None:
    bank = call.principal.bank or ""
    return (await asyncio.to_thread(call.ledger.recorded_entries, bank, [reference])).get(reference)


async def _events(call: PageCall, found: RecordedEntry) -> list[tuple[Explanation, str, str]]:
    """The entry's events, each explained, with the contract and the receipt in suspense that it names."""
    first = found.version - len(found.events) + 1
    return [
        (
            await explain_event(
                call.pool,
                call.books.rulebook,
                partitions=call.ledger.partitions,
                account_id=found.account_id,
                version=first + number,
            ),
            getattr(event, "contract_id", ""),
            getattr(event, "suspense_id", ""),
        )
        for number, event in enumerate(found.events)
    ]
