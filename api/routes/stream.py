"""`GET /v1/stream`: changes as server-sent events, from where the client left off."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Header, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.auth.permissions import require
from api.auth.principal import Principal
from api.codes import ApiError
from api.documentation import described
from api.errors import problem_of
from api.services import Services
from api.topics import audience
from ledger.notifications.audience import Audience
from ledger.notifications.changes import Change
from ledger.notifications.cursor import StreamCursor, read_cursor
from ledger.notifications.feed import Feed, Stream, StreamEnded

router = APIRouter(tags=["notifications"])

MEDIA_TYPE: Final = "text/event-stream"
RETRY_MS: Final = 2_000
SEND_S: Final = 30.0
"""A client that takes nothing for so long is disconnected."""

_described = described(
    summary="Follow changes live",
    description="Server-sent events: alerts, instructions and refunds' steps of the client's own rows, each with an "
    "`id`. A client that comes back with `Last-Event-ID` gets everything after it, once; without it the stream begins "
    "now. It ends when a token's life is over, or when the client takes too long: come back with the last id.",
    answer=str,
    codes=("topic_unknown", "topic_not_allowed", "event_id_malformed"),
)
_described["responses"][200]["content"] = {
    MEDIA_TYPE: {
        "schema": {"type": "string"},
        "example": 'id: 0.12-1.7-2.0-3.4\nevent: refund.agreed\ndata: {"type":"refund.agreed","timestamp":'
        '"2026-09-01T01:00:00Z","data":{"refund_id":"019ab3c4-7e1f-7a51-9d7e-3f1b7c2d4e5f"}}\n\n',
    }
}


@router.get("/v1/stream", **_described)
async def stream(
    request: Request,
    principal: Annotated[Principal, Depends(require("stream:read"))],
    topics: Annotated[
        list[str] | None,
        Query(max_length=50, description="`refund.paid`, or `refund.*`; all that may be read if none."),
    ] = None,
    for_s: Annotated[
        int | None, Query(ge=0, le=86_400, description="End after so many seconds; 0: with what there is.")
    ] = None,
    last_event_id: Annotated[str | None, Header(description="The last `id` that the client got.")] = None,
) -> Response:
    services: Services = request.app.state.services
    assert services.feed is not None
    cursor = None if last_event_id is None else read_cursor(last_event_id)
    life_s = services.settings.token_ttl_s
    return EventStream(
        services.feed,
        audience(principal, topics or ()),
        cursor,
        pool=services.pool,
        life_s=life_s if for_s is None else min(for_s, life_s),
        heartbeat_s=services.settings.stream_heartbeat_s,
    )


class EventStream(Response):
    """The answer that goes on. It ends in order when its time is over, the client goes away, or does not read.

    Not `named`, it tells only the topic of each change.
    """

    def __init__(
        self,
        feed: Feed,
        audience: Audience,
        cursor: StreamCursor | None,
        *,
        pool: Any,
        life_s: float,
        heartbeat_s: float,
        named: bool = True,
    ) -> None:
        super().__init__(media_type=MEDIA_TYPE, headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]
        self._feed = feed
        self._audience = audience
        self._from = cursor
        self._pool = pool
        self._life_s = life_s
        self._heartbeat_s = heartbeat_s
        self._named = named

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with AsyncExitStack() as stack:
            try:
                stream = await stack.enter_async_context(self._feed.stream(self._audience, self._from))
            except TimeoutError:
                await problem_of(scope, ApiError("database_unavailable"))(scope, receive, send)
                return
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            telling = asyncio.create_task(self._tell(stream, _bounded(send)))
            gone = asyncio.create_task(_until_gone(receive))
            try:
                await asyncio.wait({telling, gone}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (telling, gone):
                    task.cancel()
                await asyncio.gather(telling, gone, return_exceptions=True)
            if not telling.cancelled() and telling.exception() is None:
                await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _tell(self, stream: Stream, send: Callable[[bytes], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + self._life_s
        await send(f"retry: {RETRY_MS}\nid: {stream.cursor}\n\n".encode())
        async for change in stream.earlier(self._pool):
            await send(self._event(change, stream.cursor))
        try:
            while True:
                left_s = ends_at - loop.time()
                change = await stream.next(max(0.0, min(self._heartbeat_s, left_s)))
                if change is not None:
                    await send(self._event(change, stream.cursor))
                elif left_s <= self._heartbeat_s:
                    return
                else:
                    await send(f": still here\nid: {stream.cursor}\n\n".encode())
        except StreamEnded:
            return

    def _event(self, change: Change, cursor: StreamCursor) -> bytes:
        if not self._named:  # only that something changed: an open page then asks for what it shows
            return f"id: {cursor}\ndata: {change.topic}\n\n".encode()
        return f"id: {cursor}\nevent: {change.topic}\ndata: ".encode() + change.body + b"\n\n"


def _bounded(send: Send) -> Callable[[bytes], Awaitable[None]]:
    async def bounded(body: bytes) -> None:
        await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), SEND_S)

    return bounded


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        continue
