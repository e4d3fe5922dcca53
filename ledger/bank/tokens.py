"""Opaque tokens in place of a payer's name and account: equal payers give equal tokens, and nobody reads them back."""

import hashlib
import hmac
import unicodedata

MINIMUM_SALT_BYTES = 16


class PayerTokens:
    """Makes tokens with one secret salt. Account numbers can be guessed one by one, so the salt must stay secret.

    Text is normalised first (NFKC, case folded, spaces removed): the same account written in groups of four
    gives the same token. Raises `ValueError` for a salt shorter than `MINIMUM_SALT_BYTES`.
    """

    def __init__(self, salt: bytes) -> None:
        if len(salt) < MINIMUM_SALT_BYTES:
            raise ValueError(f"the salt has {len(salt)} bytes; it needs at least {MINIMUM_SALT_BYTES}")
        self._salt = salt

    def remitter(self, *, name: str | None, account: str | None) -> str | None:
        """`payer_` and 32 hex digits of the payer: name and account together, so namesakes differ."""
        if not name and not account:
            return None
        return self._token("payer", name or "", account or "")

    def route(self, *, account: str | None) -> str | None:
        """`route_` and 32 hex digits of the payer's account: where a refund has to go back to."""
        return self._token("route", account) if account else None

    def _token(self, kind: str, *parts: str) -> str:
        text = "\x1f".join((kind, *map(_normal, parts)))
        digest = hmac.new(self._salt, text.encode(), hashlib.sha256).hexdigest()
        return f"{kind}_{digest[:32]}"


def _normal(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())
