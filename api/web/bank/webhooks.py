"""The webhook endpoints of the bank's API clients: what was delivered, what was given up, and sending it again."""

from datetime import UTC, datetime
from typing import Any, Final, get_args
from uuid import UUID

from psycopg import AsyncConnection
from starlette.responses import Response

from api.web.page_call import Notice, PageCall
from api.web.site import Pages
from ledger.application.clients import clients_of_bank
from ledger.application.reading import as_uuid
from ledger.application.recording import take_key
from ledger.domain.errors import LedgerError
from ledger.notifications import deliveries, endpoints
from ledger.notifications.deliveries import DeliveryState
from ledger.notifications.endpoints import Endpoint

pages = Pages(
    {
        "delivery_again": Notice("将再次投递，先于其后的各条。", "It is sent again, before all later ones."),
        "endpoint_enabled": Notice("端点已启用，从停下处继续。", "The endpoint goes on where it stopped."),
    }
)
STATES: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)
MOST: Final = 50


@pages.get("/bank/webhooks", "bank")
async def list_endpoints(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        listed = [
            one
            for client in await clients_of_bank(connection, call.principal.bank or "")
            for one in await endpoints.list_endpoints(connection, client.client_id)
        ]
        backlogs = await deliveries.backlogs(connection, [one.endpoint_id for one in listed])
    return call.page("bank/webhooks.html", endpoints=listed, backlogs=backlogs)


@pages.get("/bank/webhooks/{endpoint_id}", "bank")
async def one_endpoint(call: PageCall) -> Response:
    after = call.query("after") or "0"
    async with call.pool.connection() as connection:
        endpoint = await _own(connection, call)
        rows = await deliveries.list_page(
            connection,
            endpoint.endpoint_id,
            state=call.picked("state", STATES),
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 18 else 0,
            limit=MOST + 1,
        )
    more = str(rows[MOST - 1].seq) if len(rows) > MOST else None
    return call.page("bank/webhook.html", endpoint=endpoint, deliveries=rows[:MOST], more=more, states=STATES)


@pages.post("/bank/webhooks/{endpoint_id}/enable", "bank")
async def enable(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        endpoint = await _own(connection, call)
        if await take_key(connection, call.caller()):
            await endpoints.enable(connection, endpoint.endpoint_id, now=datetime.now(UTC))
    return call.go_to(f"/bank/webhooks/{endpoint.endpoint_id}", done="endpoint_enabled")


@pages.get("/bank/webhooks/{endpoint_id}/deliveries/{delivery_id}", "bank")
async def one_delivery(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        endpoint = await _own(connection, call)
        found = await deliveries.get(connection, endpoint.endpoint_id, _delivery_id(call))
    return call.page("bank/delivery.html", endpoint=endpoint, delivery=found.delivery, body=found.body, log=found.log)


@pages.post("/bank/webhooks/{endpoint_id}/deliveries/{delivery_id}/resend", "bank")
async def resend(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        endpoint = await _own(connection, call)
        delivery_id = _delivery_id(call)
        if await take_key(connection, call.caller()):
            await deliveries.resend(connection, endpoint.endpoint_id, delivery_id, now=datetime.now(UTC))
    path = f"/bank/webhooks/{endpoint.endpoint_id}/deliveries/{delivery_id}"
    return call.go_to(path, done="delivery_again")


async def _own(connection: AsyncConnection[Any], call: PageCall) -> Endpoint:
    """The endpoint of the path, if a client of the bank made it. Raises LedgerError `webhook_not_found`."""
    endpoint_id = as_uuid(call.path("endpoint_id"))
    if endpoint_id is None:
        raise LedgerError("webhook_not_found")
    found = await endpoints.get(connection, endpoint_id)
    own = await clients_of_bank(connection, call.principal.bank or "")
    if found.client_id not in {client.client_id for client in own}:
        raise LedgerError("webhook_not_found")
    return found


def _delivery_id(call: PageCall) -> UUID:
    delivery_id = as_uuid(call.path("delivery_id"))
    if delivery_id is None:
        raise LedgerError("delivery_not_found")
    return delivery_id
