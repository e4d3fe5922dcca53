"""How a client proves itself to the token endpoint: a signed assertion (RFC 7523), or in development a secret.

Whether a client is unknown, revoked or has signed with a wrong key is answered by one sentence, so that ids cannot be
tried out. What is wrong with an assertion whose signature holds is told in full, because its owner needs to know.
"""

import base64
import binascii
import json
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast
from urllib.parse import unquote_plus

from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from psycopg import AsyncConnection

from ledger.application.clients import Client, find_client, import_public_keys

ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
# EdDSA is the older name of Ed25519 in JOSE; client keys on that algorithm are Ed25519 only, checked at registration.
ASSERTION_ALGORITHMS: Final = ["Ed25519", "EdDSA", "ES256", "PS256"]
MAX_ASSERTION_LIFE_S: Final = 300
CLOCK_LEEWAY_S: Final = 30
MAX_JTI_LENGTH: Final = 200

_USE: Final = """
INSERT INTO escrow.used_assertions (client_id, jti, expires_at) VALUES (%(client_id)s, %(jti)s, %(expires_at)s)
ON CONFLICT DO NOTHING RETURNING jti
"""
_UNPROVEN: Final = "The client is unknown or revoked, or its proof does not hold."

# joserfc warns of that older name at every use; many libraries of banks know no other.
warnings.filterwarnings("ignore", message="EdDSA is deprecated", category=SecurityWarning)


class OAuthError(Exception):
    """A refusal of the token endpoint, in the words of RFC 6749, 5.2."""

    def __init__(self, error: str, description: str, *, status: int = 400, challenge: bool = False) -> None:
        self.error = error
        self.description = description
        self.status = status
        self.challenge = challenge
        super().__init__(f"{error}: {description}")


async def authenticate_client(
    connection: AsyncConnection[Any],
    form: Mapping[str, str],
    authorization: bytes | None,
    *,
    audiences: frozenset[str],
    allow_secrets: bool,
    now: float,
) -> Client:
    """The client that the token request proves, by exactly one method.

    `audiences` are the values of `aud` that mean us; `now` is in seconds since 1970. A used assertion is written in the
    connection's transaction. Errors: OAuthError `invalid_client`, `invalid_request`.
    """
    has_assertion = "client_assertion" in form or "client_assertion_type" in form
    has_posted_secret = "client_secret" in form
    if has_assertion + has_posted_secret + (authorization is not None) != 1:
        raise OAuthError("invalid_request", "Use exactly one method of client authentication.")
    if has_assertion:
        return await _by_assertion(connection, form, audiences=audiences, now=now)
    if not allow_secrets:
        raise _refusal("This server takes no client secrets; use private_key_jwt.", basic=authorization is not None)
    if authorization is not None:
        client_id, secret = _read_basic(authorization)
    else:
        client_id, secret = form.get("client_id", ""), form["client_secret"]
    client = await find_client(connection, client_id)
    if client is None or client.revoked_at is not None or not client.has_secret(secret):
        raise _refusal(_UNPROVEN, basic=authorization is not None)
    return client


async def _by_assertion(
    connection: AsyncConnection[Any], form: Mapping[str, str], *, audiences: frozenset[str], now: float
) -> Client:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        raise OAuthError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
    assertion = form.get("client_assertion", "")
    subject = _unproven_subject(assertion)
    client = await find_client(connection, subject)
    if client is None or client.revoked_at is not None or client.public_jwks is None:
        raise _refusal(_UNPROVEN)
    try:
        keys = import_public_keys(client.public_jwks)
        claims = jwt.decode(assertion, keys, algorithms=ASSERTION_ALGORITHMS).claims
    except (JoseError, ValueError) as error:
        raise _refusal(_UNPROVEN) from error
    if form.get("client_id", client.client_id) != client.client_id:
        raise _refusal("client_id differs from the assertion's sub.")
    expires_at = _check_claims(claims, client_id=client.client_id, audiences=audiences, now=now)
    await _use_once(connection, claims, client_id=client.client_id, expires_at=expires_at)
    return client


def _unproven_subject(assertion: str) -> str:
    """The `sub` of an assertion before its signature is checked: only good for finding the key to check it with."""
    try:
        claims: object = json.loads(jws.extract_compact(assertion.encode()).payload)
    except (JoseError, ValueError, RecursionError) as error:
        raise _refusal("The assertion is not a signed JWT.") from error
    subject = cast(dict[str, object], claims).get("sub") if isinstance(claims, dict) else None
    if not isinstance(subject, str) or "\0" in subject:
        raise _refusal("The assertion needs a sub.")
    return subject


def _check_claims(claims: Mapping[str, Any], *, client_id: str, audiences: frozenset[str], now: float) -> float:
    """Checks the claims of an assertion whose signature holds; returns when it expires, in seconds since 1970."""
    if claims.get("iss") != client_id:
        raise _refusal("iss must be the client id, as sub is.")
    audience: object = claims.get("aud")
    if isinstance(audience, list) and len(cast(list[object], audience)) == 1:
        audience = cast(list[object], audience)[0]
    # One audience only: an assertion that is meant for somebody else too could be brought to us by them.
    if not isinstance(audience, str) or audience not in audiences:
        raise _refusal("aud must be this server's issuer or token endpoint, and nothing else.")
    issued_at, expires_at = _instant(claims, "iat"), _instant(claims, "exp")
    if issued_at > now + CLOCK_LEEWAY_S:
        raise _refusal("iat is in the future.")
    if expires_at <= now - CLOCK_LEEWAY_S:
        raise _refusal("The assertion has expired.")
    if not 0 < expires_at - issued_at <= MAX_ASSERTION_LIFE_S:
        raise _refusal(f"exp must be at most {MAX_ASSERTION_LIFE_S} seconds after iat.")
    if "nbf" in claims and _instant(claims, "nbf") > now + CLOCK_LEEWAY_S:
        raise _refusal("nbf is in the future.")
    return expires_at


async def _use_once(
    connection: AsyncConnection[Any], claims: Mapping[str, Any], *, client_id: str, expires_at: float
) -> None:
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 1 <= len(jti) <= MAX_JTI_LENGTH or "\0" in jti:
        raise _refusal(f"The assertion needs a jti of 1 to {MAX_JTI_LENGTH} characters.")
    forgotten_at = datetime.fromtimestamp(expires_at + 2 * CLOCK_LEEWAY_S, UTC)
    row = {"client_id": client_id, "jti": jti, "expires_at": forgotten_at}
    cursor = await connection.execute(_USE, row)
    if await cursor.fetchone() is None:
        raise _refusal("The assertion was used before; sign a new one for each request.")


def _instant(claims: Mapping[str, Any], name: str) -> float:
    value: object = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e11:
        raise _refusal(f"The assertion needs {name}, in seconds since 1970.")
    return float(value)


def _read_basic(authorization: bytes) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(b" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _refusal(_UNPROVEN, basic=True) from error
    client_id, colon, secret = decoded.partition(":")
    if scheme.lower() != b"basic" or not colon:
        raise _refusal(_UNPROVEN, basic=True)
    # RFC 6749, 2.3.1: both halves are form-encoded before they are joined.
    return unquote_plus(client_id).replace("\0", ""), unquote_plus(secret)


def _refusal(description: str, *, basic: bool = False) -> OAuthError:
    return OAuthError("invalid_client", description, status=401, challenge=basic)
