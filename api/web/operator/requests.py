"""The requests of all API clients, for the operator who is asked why one was refused."""

from starlette.responses import Response

from api.web.page_call import PageCall
from api.web.request_log import requests_page
from api.web.site import Pages
from ledger.application.clients import list_clients

pages = Pages()


@pages.get("/operator/requests", "operator")
async def list_requests(call: PageCall) -> Response:
    async with call.pool.connection() as connection:
        clients = await list_clients(connection)
        return await requests_page(call, connection, [client.client_id for client in clients])
