"""What every request gets, whatever answers it: an id, limits, security headers, log lines, a count, a safe 500.

One ASGI middleware does all of it, because on a hot route each further layer costs more than the work it does.
"""

import contextlib
import logging
import sys
import time
from collections.abc import Iterable
from typing import Any, BinaryIO, Final, Literal, TextIO, cast

import msgspec
import structlog
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.codes import ApiError
from api.errors import BodyTooLarge, internal_error, problem_of
from api.metrics import Metrics
from api.request_context import context_of, header_of
from api.request_log import RequestLog

UNMATCHED_ROUTE: Final = "(none)"
CLIENT_CLOSED_REQUEST: Final = 499
CONTENT_SECURITY_POLICY: Final = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
# A method is a word of the client's choice; only these become values of a label.
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
# Watched by machines every few seconds; they are counted, and not logged.
_UNLOGGED: Final = frozenset({"/livez", "/readyz", "/metrics"})

_SECURITY_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
)
_NO_STORE: Final = (b"cache-control", b"no-store")

log = cast(structlog.stdlib.BoundLogger, structlog.get_logger("api.access"))


class RequestMiddleware:
    """Pure ASGI. `body_limit_bytes` holds for declared lengths and for chunked bodies as they are read."""

    def __init__(self, app: ASGIApp, *, metrics: Metrics, request_log: RequestLog, body_limit_bytes: int) -> None:
        self.app = app
        self.metrics = metrics
        self.request_log = request_log
        self.body_limit_bytes = body_limit_bytes
        self._templates: dict[object, str] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = time.perf_counter()
        # Made here, so that it is on this very dictionary: the router may hand copies to mounted apps.
        context = context_of(scope)
        status = 0
        received = 0

        async def bounded_receive() -> Message:
            nonlocal received
            message = await receive()
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                if received > self.body_limit_bytes:
                    raise BodyTooLarge(self.body_limit_bytes)
            return message

        async def decorated_send(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _decorate(message, context.request_id)
            await send(message)

        self.metrics.in_flight.inc()
        try:
            if _declared_length(scope) > self.body_limit_bytes:
                error = ApiError("body_too_large", limit_bytes=self.body_limit_bytes)
                await problem_of(scope, error)(scope, receive, decorated_send)
            else:
                await self.app(scope, bounded_receive, decorated_send)
        except ClientDisconnect:
            status = status or CLIENT_CLOSED_REQUEST
        except Exception as error:
            # The edge of the process: a bug becomes a logged trace and an answer that tells nothing of it.
            log.error("unhandled_error", request_id=context.request_id, exc_info=error)
            if status:
                raise
            await internal_error(scope)(scope, receive, decorated_send)
        finally:
            duration_s = time.perf_counter() - started
            self.metrics.in_flight.dec()
            self._record(scope, status or CLIENT_CLOSED_REQUEST, duration_s)

    def _record(self, scope: Scope, status: int, duration_s: float) -> None:
        method: str = scope["method"] if scope["method"] in _METHODS else "(other)"
        route = self._template(scope)
        self.metrics.count(method=method, route=route, status=status, duration_s=duration_s)
        if route in _UNLOGGED and status < 400:
            return
        context = context_of(scope)
        log.info(
            "request",
            request_id=context.request_id,
            client_id=context.client_id,
            method=method,
            route=route,
            status=status,
            duration_us=int(duration_s * 1e6),
        )
        if context.by_machine and context.client_id is not None:
            self.request_log.note(
                client_id=context.client_id,
                method=method,
                route=route,
                status=status,
                code=context.code,
                duration_s=duration_s,
                request_id=context.request_id,
            )

    def _template(self, scope: Scope) -> str:
        """The template of the route that answered (`/v1/accounts/{id}`), never the path, which is the caller's text."""
        route = scope.get("route")
        if isinstance(route, APIRoute):
            return route.path_format
        endpoint: object = scope.get("endpoint")
        if endpoint is None:
            return UNMATCHED_ROUTE
        if endpoint not in self._templates:
            # Plain routes leave only their endpoint in the scope.
            app: FastAPI = scope["app"]
            for context in iter_route_contexts(app.routes):
                self._templates[context.endpoint] = context.path_format or UNMATCHED_ROUTE
        return self._templates.get(endpoint, UNMATCHED_ROUTE)


class _StandardError:
    """Standard error as it is when a line is written. A line that cannot be written is lost, and the work goes on."""

    def write(self, line: bytes | str) -> None:
        with contextlib.suppress(OSError, ValueError):
            if isinstance(line, bytes):
                sys.stderr.buffer.write(line)
            else:
                sys.stderr.write(line)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            sys.stderr.flush()


def configure_logging(
    *, level: Literal["debug", "info", "warning", "error"], log_format: Literal["json", "console"]
) -> None:
    """Sends structured logs of the whole process to standard error, one JSON object a line or text for a terminal."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    severity = logging.getLevelNamesMapping()[level.upper()]
    if log_format == "json":
        structlog.configure(
            processors=[
                *shared,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(serializer=_encode_log_line),
            ],
            wrapper_class=structlog.make_filtering_bound_logger(severity),
            logger_factory=structlog.BytesLoggerFactory(cast(BinaryIO, _StandardError())),
            cache_logger_on_first_use=True,
        )
    else:
        structlog.configure(
            processors=[*shared, structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)],
            wrapper_class=structlog.make_filtering_bound_logger(severity),
            logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
            cache_logger_on_first_use=True,
        )


def _encode_log_line(event: dict[str, Any], **_options: Any) -> bytes:
    return msgspec.json.encode(event, enc_hook=str)


def _decorate(message: Message, request_id: str) -> None:
    headers: Iterable[tuple[bytes, bytes]] = message.get("headers", ())
    raw = list(headers)
    present = {name.lower() for name, _ in raw}
    raw.extend(header for header in _SECURITY_HEADERS if header[0] not in present)
    if b"cache-control" not in present:
        raw.append(_NO_STORE)
    raw.append((b"x-request-id", request_id.encode("ascii")))
    message["headers"] = raw


def _declared_length(scope: Scope) -> int:
    declared = header_of(scope, b"content-length")
    return int(declared) if declared is not None and declared.isdigit() else 0
