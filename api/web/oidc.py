"""Signing in by an OpenID Connect provider, where one is set: it says who it is, our users say what she may."""

import base64
import binascii
import secrets
from typing import Final

import msgspec
from starlette.responses import RedirectResponse, Response

from api.web.cookies import drop_private, set_private
from api.web.origin import own_path
from api.web.page_call import PageCall
from api.web.sign_in import HOME, begin_staff_session, sign_in_parts
from api.web.site import Pages
from ledger.application.sign_in.installation_key import InstallationKey
from ledger.application.sign_in.users import find_user
from ledger.domain.errors import LedgerError
from ledger.notifications.identity_provider import IdentityProvider

pages = Pages()
UNDER_WAY: Final = "__Host-escrow-oidc"
LIFE_S: Final = 600
_NAME: Final = "oidc"


class UnderWay(msgspec.Struct, frozen=True, array_like=True):
    """What the browser carries to the provider and back, sealed: only we made it, and only for this sign-in."""

    state: str
    nonce: str
    verifier: str
    target: str
    began_at: int


@pages.get("/sign-in/oidc")
async def leave(call: PageCall) -> Response:
    provider, key = _parts(call)
    way = UnderWay(
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(24),
        secrets.token_urlsafe(48),
        own_path(call.query("next"), ""),
        int(call.now.timestamp()),
    )
    target = await provider.authorization_url(
        redirect_uri=_redirect_uri(call), state=way.state, nonce=way.nonce, verifier=way.verifier
    )
    answer = RedirectResponse(target, 303)
    sealed = base64.urlsafe_b64encode(key.seal(msgspec.json.encode(way), name=_NAME)).decode()
    set_private(answer, UNDER_WAY, sealed, life_s=LIFE_S)
    return answer


@pages.get("/sign-in/oidc/callback")
async def come_back(call: PageCall) -> Response:
    provider, key = _parts(call)
    way = _way(call, key)
    code = call.query("code")
    if not code or not secrets.compare_digest(way.state, call.query("state") or ""):
        raise LedgerError("identity_refused", why=call.query("error") or "state")
    user_id = await provider.user_of(
        code, redirect_uri=_redirect_uri(call), nonce=way.nonce, verifier=way.verifier, now=call.now
    )
    async with call.pool.connection() as connection:
        user = await find_user(connection, user_id)
        if user is None or user.disabled_at is not None:
            raise LedgerError("sign_in_refused")
        answer = await begin_staff_session(call, connection, user, own_path(way.target, HOME[user.role]))
    drop_private(answer, UNDER_WAY)
    return answer


def _way(call: PageCall, key: InstallationKey) -> UnderWay:
    try:
        sealed = base64.urlsafe_b64decode(call.cookies.get(UNDER_WAY, ""))
        way = msgspec.json.decode(key.open(sealed, name=_NAME), type=UnderWay)
    except (ValueError, binascii.Error) as error:
        raise LedgerError("identity_refused", why="state") from error
    if call.now.timestamp() > way.began_at + LIFE_S:
        raise LedgerError("identity_refused", why="expiry")
    return way


def _parts(call: PageCall) -> tuple[IdentityProvider, InstallationKey]:
    parts = sign_in_parts(call)
    if parts.provider is None:
        raise LedgerError("identity_not_set")
    return parts.provider, parts.key


def _redirect_uri(call: PageCall) -> str:
    return f"{call.services.settings.public_url}/sign-in/oidc/callback"
