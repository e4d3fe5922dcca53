"""The bank's API clients: what each may do, by which public keys it proves itself, and what it had recorded lately."""

from typing import Any, Final

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.site import Pages
from ledger.application.clients import Client, clients_of_bank
from ledger.projections.recorded_by import LOOKED_BACK, recorded_by_bank

pages = Pages()
MOST: Final = 100


@pages.get("/bank/clients", "bank")
async def list_clients(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        clients = await clients_of_bank(connection, call.principal.bank or "")
    return call.page("bank/clients.html", clients=[(client, _key_ids(client)) for client in clients])


@pages.get("/bank/recorded", "bank")
async def recorded(call: PageCall) -> Response:
    """Requests are in the server's log, which the database does not have; what they had recorded is in the events."""
    async with call.pool.connection() as connection:
        rows = await recorded_by_bank(connection, call.principal.bank or "", client=call.query("client"), limit=MOST)
    return call.page("bank/recorded.html", rows=rows, looked_back=LOOKED_BACK, most=MOST)


def _key_ids(client: Client) -> list[str]:
    """The names of its public keys, never a key or a secret; the kind of a key that has no name."""
    keys: list[dict[str, Any]] = list((client.public_jwks or {}).get("keys", []))
    return [str(key.get("kid") or key.get("kty")) for key in keys]
