"""`/live`: tells an open page that something it may show has changed; what, it asks for itself."""

from typing import Final

from starlette.responses import Response

from api.routes.stream import EventStream
from api.topics import audience
from api.web.page_call import PageCall
from api.web.site import Pages

pages = Pages()
LIFE_S: Final = 600.0
"""Then the browser comes back with its session, which may be over by then."""


@pages.get("/live", "institution", "bank", "regulator", noted=False)
async def live(call: PageCall) -> Response:
    feed = call.services.feed
    assert feed is not None
    return EventStream(
        feed,
        audience(call.principal, ()),
        None,
        pool=call.pool,
        life_s=LIFE_S,
        heartbeat_s=call.services.settings.stream_heartbeat_s,
        named=False,
    )
