"""An OpenID Connect provider as staff's way in: discovery, the authorization code, and the ID token it gives for it."""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from ledger.domain.errors import LedgerError

TIMEOUT_S: Final = 10.0
SCOPE: Final = "openid profile"
_ALGORITHMS: Final = ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"]
_LEEWAY_S: Final = 60


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """`user_claim` is the claim of the ID token that names our user."""

    issuer: str
    client_id: str
    client_secret: str
    user_claim: str = "preferred_username"

    async def authorization_url(self, *, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to (RFC 6749, 4.1; PKCE by S256). Raises LedgerError `identity_unavailable`."""
        async with self._http() as http:
            metadata = await self._metadata(http)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        query = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{metadata['authorization_endpoint']}?{urlencode(query)}"

    async def user_of(self, code: str, *, redirect_uri: str, nonce: str, verifier: str, now: datetime) -> str:
        """The user that the code stands for, by a token that is the provider's, for us, of this sign-in and in force.

        Raises LedgerError `identity_refused`, `identity_unavailable`.
        """
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        async with self._http() as http:
            metadata = await self._metadata(http)
            try:
                answer = await http.post(
                    metadata["token_endpoint"], data=form, auth=(self.client_id, self.client_secret)
                )
                keys = await http.get(metadata["jwks_uri"])
            except httpx.HTTPError as error:
                raise LedgerError("identity_unavailable") from error
        if not answer.is_success or not keys.is_success:
            raise LedgerError("identity_refused", why="code")
        token: Any = answer.json().get("id_token")
        return self._user(str(token), keys.json(), nonce, now)

    def _user(self, token: str, keys: Any, nonce: str, now: datetime) -> str:
        try:
            claims = jwt.decode(token, KeySet.import_key_set(keys), algorithms=_ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise LedgerError("identity_refused", why="signature") from error
        audience = claims.get("aud")
        audiences: list[Any] = [audience] if isinstance(audience, str) else list(audience or ())
        begins, ends = _number(claims.get("iat")) - _LEEWAY_S, _number(claims.get("exp")) + _LEEWAY_S
        fits = {
            "issuer": str(claims.get("iss", "")).rstrip("/") == self.issuer,
            "audience": self.client_id in audiences,
            "party": claims.get("azp", self.client_id) == self.client_id,
            "nonce": claims.get("nonce") == nonce,
            "expiry": begins <= now.timestamp() < ends,
        }
        for why, right in fits.items():
            if not right:
                raise LedgerError("identity_refused", why=why)
        user = claims.get(self.user_claim)
        if not isinstance(user, str) or not user:
            raise LedgerError("identity_refused", why=self.user_claim)
        return user

    async def _metadata(self, http: httpx.AsyncClient) -> dict[str, str]:
        try:
            answer = await http.get(f"{self.issuer}/.well-known/openid-configuration")
        except httpx.HTTPError as error:
            raise LedgerError("identity_unavailable") from error
        if not answer.is_success:
            raise LedgerError("identity_unavailable")
        metadata: dict[str, str] = answer.json()
        if metadata.get("issuer", "").rstrip("/") != self.issuer:  # another provider's (RFC 8414, 3.3)
            raise LedgerError("identity_refused", why="issuer")
        return metadata

    @staticmethod
    def _http() -> httpx.AsyncClient:
        return httpx.AsyncClient(timeout=TIMEOUT_S, follow_redirects=False, trust_env=False)


def _number(value: Any) -> float:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else 0.0
