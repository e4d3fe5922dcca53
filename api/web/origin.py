"""A form is taken from our own pages alone: the browser says where it comes from, and cookies are SameSite=Lax."""

from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request

from api.codes import ApiError
from api.request_context import Scope, header_of

SAFE: Final = frozenset({"GET", "HEAD"})


def require_own_origin(scope: Scope) -> None:
    """Refuses a request that changes something and was not sent by a page of this host.

    Every browser of the last years sends `Sec-Fetch-Site` or `Origin` with a form; a request with neither is refused.
    Errors: ApiError `form_foreign`.
    """
    if scope["method"] in SAFE:
        return
    site = header_of(scope, b"sec-fetch-site")
    if site is not None:  # no page can make a browser send another value
        if site != b"same-origin":
            raise ApiError("form_foreign")
        return
    origin, host = header_of(scope, b"origin"), header_of(scope, b"host")
    if origin is None or host is None or urlsplit(origin.decode("latin-1")).netloc != host.decode("latin-1"):
        raise ApiError("form_foreign")


def own_path(text: str | None, otherwise: str) -> str:
    """A path of this host to go to next; anything that could lead elsewhere is `otherwise`."""
    if text and text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text:
        return text
    return otherwise


def came_from(request: Request) -> str:
    """The path and query of this host's page that the request came from; empty where the browser does not say."""
    told = urlsplit(request.headers.get("referer", ""))
    if not told.netloc or told.netloc != request.headers.get("host"):
        return ""
    return own_path(told.path + (f"?{told.query}" if told.query else ""), "")
