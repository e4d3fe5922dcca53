"""What the edge remembers of one request: id, language, the client once it is known, the code of a refusal."""

import re
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final, Literal

from uuid_utils.compat import uuid7

Language = Literal["en", "zh"]
Scope = MutableMapping[str, Any]

CONTEXT_KEY: Final = "escrow.request"
_WELL_FORMED_ID: Final = re.compile(rb"[A-Za-z0-9._:-]{8,128}")


class RequestContext:
    """One request's id (ours, or the caller's well-formed X-Request-ID), language, and client id once authenticated.

    `by_machine` says that the client is one of the API; of a page it is a user. `code` is that of the refusal, if any.
    """

    __slots__ = ("by_machine", "client_id", "code", "language", "request_id")

    def __init__(self, *, request_id: str, language: Language) -> None:
        self.request_id = request_id
        self.language: Language = language
        self.client_id: str | None = None
        self.by_machine = False
        self.code = ""

    def is_client(self, client_id: str) -> None:
        """Notes the API client that has proved who it is."""
        self.client_id = client_id
        self.by_machine = True


def context_of(scope: Scope) -> RequestContext:
    """The context of the ASGI scope, made on first use."""
    context: RequestContext | None = scope.get(CONTEXT_KEY)
    if context is None:
        asked_id = header_of(scope, b"x-request-id")
        accepted = asked_id is not None and _WELL_FORMED_ID.fullmatch(asked_id)
        context = RequestContext(
            request_id=asked_id.decode("ascii") if asked_id is not None and accepted else str(uuid7()),
            language=choose_language(header_of(scope, b"accept-language") or b""),
        )
        scope[CONTEXT_KEY] = context
    return context


def header_of(scope: Scope, name: bytes) -> bytes | None:
    """The first value of the header, whose name is given in lower case, or None."""
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    for key, value in headers:
        if key == name:
            return value
    return None


@lru_cache(maxsize=512)
def choose_language(accept_language: bytes) -> Language:
    """Chinese when the best-liked of the header's languages that we have is a zh, else English (RFC 9110, 12.5.4)."""
    best: Language = "en"
    best_quality = 0.0
    for item in accept_language[:1000].decode("latin-1").lower().split(","):
        tag, _, parameters = item.strip().partition(";")
        primary = tag.strip().partition("-")[0]
        if primary not in ("en", "zh"):
            continue
        quality = _quality(parameters)
        if quality > best_quality:
            best, best_quality = ("zh" if primary == "zh" else "en"), quality
    return best


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    return float(value) if re.fullmatch(r"[01](\.\d{0,3})?", value.strip()) else 0.0
