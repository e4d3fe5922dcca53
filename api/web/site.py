"""The pages of the app: each with the roles that may see it, in one table; static files; and what all of them share."""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, cast
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import psycopg
from fastapi import FastAPI
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from api.codes import ApiError
from api.errors import BodyTooLarge, status_of
from api.ratelimit import RateLimits
from api.request_context import context_of
from api.services import Services
from api.web.cookies import SESSION, language_of, read_cookies
from api.web.form_again import PLACE_FIELD, fill, find_form
from api.web.origin import came_from, own_path, require_own_origin
from api.web.page_call import FORM_FIELDS, FORM_FILES, Notice, PageCall, principal_of
from api.web.refusals import field_of, sentence_of
from api.web.rendering import STATIC, render, static_url
from ledger.application.access import Role
from ledger.application.reading import as_uuid
from ledger.application.sign_in.sessions import Session, find_session
from ledger.application.sign_in.visits import Visit, note_visit
from ledger.domain.errors import LedgerError

Handler = Callable[[PageCall], Awaitable[Response]]
FRAGMENT: Final = "x-fragment"
"""Sent by our own script when it brings a page up to date that somebody looks at already."""
STATIC_PATH: Final = "/static/{digest}/{name}"
_FAMILIES: Final = frozenset[Role]({"parent"})
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
    routes = [route for audience in audiences for route in audience.routes]
    looked_at = [(Route(route.path, _static, methods=["GET"]), route) for route in routes if route.method == "GET"]
    below = sorted({route.path.split("/")[1] for route in routes if route.path.count("/") > 1})
    nothing = [PageRoute(f"/{first}/{{rest:path}}", "GET", frozenset(), _nothing_here) for first in below]
    for route in (*routes, *nothing):
        methods = ["GET", "HEAD"] if route.method == "GET" else [route.method]
        app.router.routes.append(Route(route.path, _endpoint(route, notices, looked_at), methods=methods))
    app.router.routes.append(Route(STATIC_PATH, _static, methods=["GET", "HEAD"]))


async def _nothing_here(call: PageCall) -> Response:
    """Whoever is at an address of the pages that leads nowhere is a person: she gets a page."""
    raise ApiError("route_not_found")


def _endpoint(
    route: PageRoute, notices: dict[str, Notice], looked_at: Sequence[tuple[Route, PageRoute]]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        began = time.perf_counter()
        services: Services = request.app.state.services
        cookies = read_cookies(request.scope)
        context_of(request.scope).language = language_of(cookies)
        call = PageCall(request, services, None, {}, None, cookies, notices, began)
        is_form = False
        try:
            require_own_origin(request.scope)
            call.session = await _session(services, cookies.get(SESSION), call)
            _admit(route, call)
            if route.method == "POST":
                is_form = True
                await _read_form(call)
            await _freshen(call)
            answer = await route.handler(call)
        except _SignInFirst:
            return _sign_in_for(route, request)
        except (LedgerError, ApiError) as refusal:
            again = await _form_again(call, refusal, looked_at) if is_form else None
            answer = again or await _refused(call, refusal)
        except psycopg.OperationalError:
            answer = await _refused(call, ApiError("database_unavailable"))
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


async def _form_again(
    call: PageCall, refusal: LedgerError | ApiError, looked_at: Sequence[tuple[Route, PageRoute]]
) -> Response | None:
    """The page on which the form stands, with what was refused and all that was typed; None if it cannot be shown."""
    place = own_path(call.form.get(PLACE_FIELD), "") or came_from(call.request)
    page = _page_at(place, looked_at)
    if page is None:
        return None
    route, params = page
    if route.roles and (call.session is None or call.session.role not in route.roles):
        return None
    query = [(name, text) for name, text in parse_qsl(urlsplit(place).query) if name not in ("done", "at_least")]
    scope = {
        **call.request.scope,
        "method": "GET",
        "path": urlsplit(place).path,
        "query_string": urlencode(query).encode(),
        "path_params": params,
    }
    try:
        answer = await route.handler(replace(call, request=Request(scope), form={}, file=None))
    except (LedgerError, ApiError):
        return None
    if not isinstance(answer, HTMLResponse):
        return None
    text = bytes(answer.body).decode()
    form = find_form(text, place=place, path=call.request.url.path, sent=call.form)
    told = await _told(call, refusal, {} if form is None else form.labels)
    text = fill(
        text,
        form,
        place=place,
        sent=call.form,
        wrong=field_of(refusal),
        refusal=render("refusal.html", call.language, told),
    )
    return HTMLResponse(text, status_of(refusal.code), headers=_kept(answer.headers))


def _page_at(place: str, looked_at: Sequence[tuple[Route, PageRoute]]) -> tuple[PageRoute, Mapping[str, object]] | None:
    asked = {"type": "http", "method": "GET", "path": urlsplit(place).path}
    for matcher, route in looked_at:
        match, scope = matcher.matches(asked)
        if match is Match.FULL:
            return route, scope["path_params"]
    return None


def _kept(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in headers.items() if name not in ("content-length", "content-type")}


async def _refused(call: PageCall, refusal: LedgerError | ApiError) -> Response:
    back = came_from(call.request)
    if back.partition("?")[0] == call.request.url.path:
        back = ""
    status = status_of(refusal.code)
    missing = status == status_of("not_found") and call.request.method != "POST"
    return call.page("refused.html", status=status, back=back, missing=missing, **await _told(call, refusal, {}))


async def _told(call: PageCall, refusal: LedgerError | ApiError, labels: Mapping[str, str]) -> dict[str, str]:
    return {
        "sentence": await sentence_of(call, refusal, labels),
        "code": refusal.code,
        "request_id": context_of(call.request.scope).request_id,
    }


def _sign_in_for(route: PageRoute, request: Request) -> Response:
    """Where to sign in for the page: families by a contract's number, everybody else as staff."""
    page = "/sign-in/family" if route.roles == _FAMILIES else "/sign-in"
    if route.method == "POST":
        return RedirectResponse(page, 303)
    target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{page}?next={quote(target, safe='')}", 303)


async def _static(request: Request) -> Response:
    name = cast(str, request.path_params["name"])
    known = {entry.name for entry in STATIC.iterdir() if entry.is_file()}
    if name not in known or request.url.path != static_url(name):
        raise ApiError("route_not_found")
    media = _MEDIA.get(name[name.rfind(".") :], "application/octet-stream")
    return Response(STATIC.joinpath(name).read_bytes(), media_type=media, headers=_FOR_EVER)
