"""The cookies of the pages: the session's token, the language, the size of type."""

from http.cookies import CookieError, SimpleCookie
from typing import Any, Final

from starlette.responses import Response

from api.request_context import Language, Scope, header_of

SESSION: Final = "__Host-escrow-session"
CODE: Final = "__Host-escrow-code"
LANGUAGE: Final = "escrow-language"
TYPE_SIZE: Final = "escrow-type"
_YEAR_S: Final = 365 * 24 * 3_600


def read_cookies(scope: Scope) -> dict[str, str]:
    """The request's cookies; none of a header that is malformed."""
    header = header_of(scope, b"cookie")
    jar: SimpleCookie = SimpleCookie()
    try:
        jar.load((header or b"").decode("latin-1"))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def language_of(cookies: dict[str, str]) -> Language:
    """The language chosen before; Chinese for whoever chose none."""
    return "en" if cookies.get(LANGUAGE) == "en" else "zh"


def set_private(response: Response, name: str, value: str, *, life_s: int) -> None:
    """A cookie for this host alone, over HTTPS (or this machine) alone, and out of reach of scripts."""
    response.set_cookie(name, value, max_age=life_s, path="/", secure=True, httponly=True, samesite="lax")


def drop_private(response: Response, name: str) -> None:
    """The browser forgets the cookie."""
    response.delete_cookie(name, path="/", secure=True, httponly=True, samesite="lax")


def set_choice(response: Response, name: str, value: str) -> None:
    """A choice of how pages look; it tells nothing of anybody."""
    options: dict[str, Any] = {"max_age": _YEAR_S, "path": "/", "samesite": "lax"}
    response.set_cookie(name, value, **options)
