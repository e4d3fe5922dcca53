"""The bank's API clients: what each may do, by which public keys it proves itself, and what they asked lately."""

from typing import Any

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.request_log import requests_page
from api.web.site import Pages
from ledger.application.clients import Client, clients_of_bank

pages = Pages()


@pages.get("/bank/clients", "bank")
async def list_clients(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        clients = await clients_of_bank(connection, call.principal.bank or "")
    return call.page("bank/clients.html", clients=[(client, _key_ids(client)) for client in clients])


@pages.get("/bank/requests", "bank")
async def list_requests(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        clients = await clients_of_bank(connection, call.principal.bank or "")
        return await requests_page(call, connection, [client.client_id for client in clients])


def _key_ids(client: Client) -> list[str]:
    """The names of its public keys, never a key or a secret; the kind of a key that has no name."""
    keys: list[dict[str, Any]] = list((client.public_jwks or {}).get("keys", []))
    return [str(key.get("kid") or key.get("kty")) for key in keys]
