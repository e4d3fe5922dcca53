"""The pages of the app: each with the roles that may see it, in one table; static files; and what all of them share."""

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final, cast
from urllib.parse import quote

import psycopg
from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.codes import EDGE_CODES, ApiError
from api.errors import BodyTooLarge, status_of
from api.ratelimit import RateLimits
from api.request_context import Language, context_of
from api.services import Services
from api.web.cookies import SESSION, language_of, read_cookies
from api.web.origin import require_own_origin
from api.web.page_call import FORM_FIELDS, FORM_FILES, Notice, PageCall, principal_of
from api.web.rendering import STATIC, in_yuan, static_url
from api.web.words import WORDS, word
from ledger.application.access import Role
from ledger.application.reading import as_uuid
from ledger.application.sign_in.sessions import Session, find_session
from ledger.application.sign_in.visits import Visit, note_visit
from ledger.domain.errors import LedgerError

Handler = Callable[[PageCall], Awaitable[Response]]
FRAGMENT: Final = "x-fragment"
"""Sent by our own script when it brings a page up to date that somebody looks at already."""
STATIC_PATH: Final = "/static/{digest}/{name}"
_FOR_EVER: Final = {"cache-control": "public, max-age=31536000, immutable"}
_MEDIA: Final = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One page: no roles means that everybody may see it. What is not `noted` shows nothing, and is no visit."""

    path: str
    method: str
    roles: frozenset[Role]
    handler: Handler
    noted: bool = True


@dataclass(slots=True)
class Pages:
    """The pages of one audience, and what they say about what was done."""

    notices: dict[str, Notice] = field(default_factory=dict[str, Notice])
    routes: list[PageRoute] = field(default_factory=list[PageRoute])

    def get(self, path: str, *roles: Role, noted: bool = True) -> Callable[[Handler], Handler]:
        """Registers a page to look at."""
        return self._add(path, "GET", roles, noted=noted)

    def post(self, path: str, *roles: Role) -> Callable[[Handler], Handler]:
        """Registers where a form is sent to."""
        return self._add(path, "POST", roles)

    def _add(
        self, path: str, method: str, roles: Sequence[Role], *, noted: bool = True
    ) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.routes.append(PageRoute(path, method, frozenset(roles), handler, noted))
            return handler

        return add


def install_pages(app: FastAPI, audiences: Sequence[Pages]) -> None:
    """Serves the pages and their static files. They are outside the OpenAPI document, which is about machines."""
    notices = {name: notice for audience in audiences for name, notice in audience.notices.items()}
    for audience in audiences:
        for route in audience.routes:
            methods = ["GET", "HEAD"] if route.method == "GET" else [route.method]
            app.router.routes.append(Route(route.path, _endpoint(route, notices), methods=methods))
    app.router.routes.append(Route(STATIC_PATH, _static, methods=["GET", "HEAD"]))
    app.router.default = _for_browsers(
        _endpoint(PageRoute("", "GET", frozenset(), _nowhere), notices), app.router.default
    )


def _for_browsers(page: Callable[[Request], Awaitable[Response]], others: ASGIApp) -> ASGIApp:
    """What answers at an address where nothing is: a page to people who look, a problem to machines."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive) if scope["type"] == "http" else None
        if request is None or not _is_of_a_browser(request):
            await others(scope, receive, send)
        else:
            await (await page(request))(scope, receive, send)

    return answer


def _is_of_a_browser(request: Request) -> bool:
    looks = request.method == "GET" and "text/html" in request.headers.get("accept", "")
    return looks and not request.url.path.startswith("/v1/")


async def _nowhere(call: PageCall) -> Response:
    raise ApiError("route_not_found")


def _endpoint(route: PageRoute, notices: dict[str, Notice]) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        began = time.perf_counter()
        services: Services = request.app.state.services
        cookies = read_cookies(request.scope)
        context_of(request.scope).language = language_of(cookies)
        call = PageCall(request, services, None, {}, None, cookies, notices, began)
        try:
            require_own_origin(request.scope)
            call.session = await _session(services, cookies.get(SESSION), call)
            _admit(route, call)
            if route.method == "POST":
                await _read_form(call)
            await _freshen(call)
            answer = await route.handler(call)
        except _SignInFirst:
            target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return call.go_to("/sign-in") if route.method == "POST" else _sign_in_for(target)
        except (LedgerError, ApiError) as refusal:
            answer = _refused(call, refusal)
        except psycopg.OperationalError:
            answer = _refused(call, ApiError("database_unavailable"))
        if call.session is not None and route.noted and FRAGMENT not in request.headers:
            await _note(call, answer.status_code)
        return answer

    return endpoint


class _SignInFirst(Exception):
    """The page needs a session."""


def _admit(route: PageRoute, call: PageCall) -> None:
    if not route.roles:
        return
    if call.session is None:
        raise _SignInFirst
    limits: RateLimits = call.request.app.state.rate_limits
    limits.count_client(call.principal.client_id)
    context_of(call.request.scope).client_id = call.principal.client_id
    if call.session.role not in route.roles:
        raise ApiError("page_denied")


async def _session(services: Services, token: str | None, call: PageCall) -> Session | None:
    if not token:
        return None
    async with services.pool.connection() as connection:
        return await find_session(connection, token, now=call.now)


async def _read_form(call: PageCall) -> None:
    try:
        form = await call.request.form(max_fields=FORM_FIELDS, max_files=FORM_FILES)
    except BodyTooLarge as large:
        raise ApiError("body_too_large", limit_bytes=large.limit_bytes) from large
    except HTTPException as malformed:  # too many fields, a field too long, or no form at all
        raise ApiError("request_malformed") from malformed
    texts: dict[str, str] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            call.file = value
        elif name in texts:
            texts[name] += "\n" + value.strip()  # boxes that were ticked
        else:
            texts[name] = value.strip()
    call.form = texts


async def _freshen(call: PageCall) -> None:
    """After a form was taken the next page shows what it did."""
    at_least = call.query("at_least")
    if at_least is None or call.services.books is None:
        return
    partition, _, position = at_least.partition(":")
    if partition.isascii() and partition.isdigit() and position.isascii() and position.isdigit():
        await call.reader.wait_for(int(partition[:4]), int(position[:15]))


async def _note(call: PageCall, status: int) -> None:
    principal = principal_of(call.signed_in)
    visit = Visit(
        at=call.now,
        session_id=call.signed_in.session_id,
        actor=principal.actor,
        role=principal.role,
        districts=sorted(principal.districts),
        method=call.request.method,
        path="/".join(_as_one_spelling(part) for part in call.request.url.path.split("/")),
        status=status,
        request_id=context_of(call.request.scope).request_id,
    )
    async with call.pool.connection() as connection:
        await note_visit(connection, visit)


def _as_one_spelling(part: str) -> str:
    """An id that may be written in several ways, in the one by which the access log is searched."""
    known = as_uuid(part)
    return part if known is None else str(known)


def _refused(call: PageCall, refusal: LedgerError | ApiError) -> Response:
    if isinstance(refusal, LedgerError):
        told = _with_field_in_words(refusal, call.language)
        sentence = told.message_zh if call.language == "zh" else told.message
    else:
        entry = EDGE_CODES[refusal.code]
        sentence = (entry.zh if call.language == "zh" else entry.en).format(**refusal.figures)
    return call.page(
        "refused.html",
        status=status_of(refusal.code),
        code=refusal.code,
        sentence=in_yuan(sentence),
        request_id=context_of(call.request.scope).request_id,
        above="/" if refusal.code == "page_denied" else _page_above(call.request),
    )


def _with_field_in_words(refusal: LedgerError, language: Language) -> LedgerError:
    """The refusal of a form that names the field as the page does."""
    name = str(refusal.figures.get("field", "")).partition("/")[0]
    if name not in WORDS["field"]:
        return refusal
    return LedgerError(refusal.code, **refusal.figures | {"field": f"“{word(language, 'field', name)}”"})


def _page_above(request: Request) -> str:
    """The nearest page to go back to: where the form is shown, or what an address that came to nothing belongs to."""
    pages = [one for one in request.app.router.routes if isinstance(one, Route) and "GET" in (one.methods or ())]
    path = request.url.path
    if request.method != "POST" and not request.url.query:
        path = path.rpartition("/")[0]
    while path and not any(one.path_regex.match(path) for one in pages):
        path = path.rpartition("/")[0]
    return path or "/"


def _sign_in_for(target: str) -> Response:
    return RedirectResponse(f"/sign-in?next={quote(target, safe='')}", 303)


async def _static(request: Request) -> Response:
    name = cast(str, request.path_params["name"])
    known = {entry.name for entry in STATIC.iterdir() if entry.is_file()}
    if name not in known or request.url.path != static_url(name):
        raise ApiError("route_not_found")
    media = _MEDIA.get(name[name.rfind(".") :], "application/octet-stream")
    return Response(STATIC.joinpath(name).read_bytes(), media_type=media, headers=_FOR_EVER)
