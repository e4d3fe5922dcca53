"""Access tokens: short JWTs (RFC 9068, Ed25519), each for one principal, verified without the database.

A token carries its principal, so a change of a client's scopes counts from its next token; a revocation counts at once
in the process that reads it (see `access_state`). Verified tokens are remembered by their SHA-256 until they expire,
which makes the second request with a token cost microseconds.
"""

import hashlib
from collections import OrderedDict
from typing import Final

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from uuid_utils.compat import uuid7

from api.auth.access_state import AccessState
from api.auth.keys import SIGNING_ALGORITHM
from api.auth.principal import AccessClaims, Principal
from api.codes import ApiError
from ledger.application.access import ROLE_SCOPES
from ledger.application.clients import Client

TOKEN_TYPE: Final = "at+jwt"
REMEMBERED_TOKENS: Final = 20_000
MAX_TOKEN_BYTES: Final = 16_384


class Tokens:
    """Issues and verifies the tokens of one issuer. Used from one event loop."""

    def __init__(
        self, state: AccessState, *, issuer: str, ttl_s: int, remembered_tokens: int = REMEMBERED_TOKENS
    ) -> None:
        self.issuer = issuer
        self.ttl_s = ttl_s
        self._state = state
        self._remembered_tokens = remembered_tokens
        self._remembered: OrderedDict[bytes, tuple[Principal, int]] = OrderedDict()

    def issue(self, client: Client, scopes: frozenset[str]) -> str:
        """A token for the client with these scopes, less those that its role has lost since it was registered."""
        issued_at = int(self._state.clock())
        claims = AccessClaims(
            iss=self.issuer,
            aud=self.issuer,
            sub=client.client_id,
            client_id=client.client_id,
            jti=str(uuid7()),
            iat=issued_at,
            exp=issued_at + self.ttl_s,
            scope=" ".join(sorted(scopes & ROLE_SCOPES[client.role])),
            role=client.role,
            bindings=client.bindings.to_json(),
        )
        key = self._state.ring.signing
        header = {"alg": SIGNING_ALGORITHM, "kid": key.kid, "typ": TOKEN_TYPE}
        return jwt.encode(header, claims.to_json(), key, algorithms=[SIGNING_ALGORITHM])

    def principal(self, authorization: bytes | None) -> Principal:
        """The principal of an Authorization header's bearer token (RFC 6750).

        Errors: ApiError `unauthenticated` without a bearer token; `token_invalid` for one that is forged, expired, of
        another issuer or of a revoked client; `access_state_stale`.
        """
        scheme, _, token = (authorization or b"").partition(b" ")
        token = token.strip()
        if scheme.lower() != b"bearer" or not token:
            raise ApiError("unauthenticated", headers={"www-authenticate": 'Bearer realm="escrow"'})
        now = self._state.clock()
        self._state.check_fresh(now)
        digest = hashlib.sha256(token).digest()
        known = self._remembered.get(digest)
        if known is None:
            principal, expires_at = self._verify(token)
            self._remember(digest, principal, expires_at)
        else:
            principal, expires_at = known
            self._remembered.move_to_end(digest)
        if expires_at <= now:
            self._remembered.pop(digest, None)
            raise _invalid_token()
        if principal.client_id in self._state.revoked:
            raise _invalid_token()
        return principal

    def _verify(self, token: bytes) -> tuple[Principal, int]:
        if len(token) > MAX_TOKEN_BYTES:
            raise _invalid_token()
        try:
            decoded = jwt.decode(token, self._state.ring.verifying, algorithms=[SIGNING_ALGORITHM])
            claims = msgspec.convert(decoded.claims, AccessClaims)
        except (JoseError, ValueError) as error:
            raise _invalid_token() from error
        if decoded.header.get("typ") != TOKEN_TYPE or claims.iss != self.issuer or claims.aud != self.issuer:
            raise _invalid_token()
        return claims.principal(), claims.exp

    def _remember(self, digest: bytes, principal: Principal, expires_at: int) -> None:
        self._remembered[digest] = (principal, expires_at)
        if len(self._remembered) > self._remembered_tokens:
            self._remembered.popitem(last=False)


def _invalid_token() -> ApiError:
    return ApiError("token_invalid", headers={"www-authenticate": 'Bearer realm="escrow", error="invalid_token"'})
