"""Entries of the bank's books, looked up by their reference: what became of each here, contract or suspense."""

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
    found = await asyncio.to_thread(call.ledger.recorded_entries, call.principal.bank or "", [wanted] if wanted else [])
    entries = [
        (entry, await call.reader.account(str(entry.account_id), call.scope), await _events(call, entry))
        for entry in found.values()
    ]
    return call.page("bank/entries.html", wanted=wanted, entries=entries)


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
