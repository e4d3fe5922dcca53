"""The routes of the load, answered before FastAPI's layers: they do for themselves what they need of those layers.

They stay registered with the router, which documents them and answers every other method.
"""

from collections.abc import Awaitable, Callable, Mapping

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

Endpoint = Callable[[Request], Awaitable[Response]]


class HotRoutes:
    """Pure ASGI. `routes` are POST paths; errors are answered by the app's own handlers."""

    def __init__(self, app: ASGIApp, *, routes: Mapping[str, Endpoint]) -> None:
        self.app = app
        self.routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        endpoint = self.routes.get(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if endpoint is None:
            await self.app(scope, receive, send)
            return
        scope["endpoint"] = endpoint  # the template of the log line and the metrics
        request = Request(scope, receive)
        try:
            response = await endpoint(request)
        except Exception as error:
            response = await _answer(request, error)
        await response(scope, receive, send)


async def _answer(request: Request, error: Exception) -> Response:
    """What the app's handler of this kind of error says. An error without a handler is raised again: it is a bug."""
    app: FastAPI = request.app
    for kind in type(error).__mro__:
        handler = app.exception_handlers.get(kind)
        if handler is not None:
            answered = handler(request, error)
            return await answered if isinstance(answered, Awaitable) else answered
    raise error
