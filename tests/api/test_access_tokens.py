"""Access tokens: what they let through, what is refused, revocation, key rotation, and the memory of tokens."""

from datetime import UTC, datetime
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends
from joserfc import jwt
from joserfc.jwk import OKPKey
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from api.auth.keys import rotate_signing_key
from api.auth.permissions import authorise, require
from api.auth.principal import Principal
from api.auth.tokens import Tokens
from api.codes import ApiError
from ledger.application.access import Bindings
from ledger.application.clients import revoke_client
from tests.api.conftest import ISSUER, Api, MakeApi

pytestmark = pytest.mark.anyio

router = APIRouter(prefix="/v1/test")


@router.get("/deposits")
async def see_deposits(principal: Annotated[Principal, Depends(require("deposits:write"))]) -> dict[str, str | None]:
    return {"client_id": principal.client_id, "bank": principal.bank}


@router.get("/freezes")
async def see_freezes(principal: Annotated[Principal, Depends(require("freeze:write"))]) -> str:
    return principal.client_id


async def thin_route(request: Request) -> Response:
    return PlainTextResponse(authorise(request.scope, "deposits:write").client_id)


router.routes.append(Route("/v1/test/thin", thin_route))


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


@pytest.fixture
def with_routes(make_api: MakeApi) -> Any:
    return make_api(routers=[router])


async def test_token_opens_what_its_scopes_allow(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer(bindings=Bindings(bank="ICBC")))
        answer = await api.http.get("/v1/test/deposits", headers=bearer(token))
        assert (answer.status_code, answer.json()) == (200, {"client_id": "bank-1", "bank": "ICBC"})
        thin = await api.http.get("/v1/test/thin", headers=bearer(token))
        assert (thin.status_code, thin.text) == (200, "bank-1")


async def test_missing_permission_is_403_and_missing_token_401(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer())
        denied = await api.http.get("/v1/test/freezes", headers=bearer(token))
        assert (denied.status_code, denied.json()["code"]) == (403, "permission_denied")
        assert denied.json()["figures"] == {"permission": "freeze:write"}
        assert 'error="insufficient_scope"' in denied.headers["www-authenticate"]
        for headers in ({}, {"authorization": "Basic Zm9vOmJhcg=="}, {"authorization": "Bearer "}):
            missing = await api.http.get("/v1/test/deposits", headers=headers)
            assert (missing.status_code, missing.json()["code"]) == (401, "unauthenticated")
            assert missing.headers["www-authenticate"] == 'Bearer realm="escrow"'


async def test_token_asked_for_fewer_scopes_has_fewer(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer(), scope="statements:write")
        assert (await api.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 403


async def test_token_is_refused_once_it_has_expired(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer())
        assert (await api.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 200
        api.clock.offset_s = 599
        await api.app.state.access_state.refresh()
        assert (await api.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 200
        api.clock.offset_s = 601
        await api.app.state.access_state.refresh()
        for _ in range(2):
            answer = await api.http.get("/v1/test/deposits", headers=bearer(token))
            assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_revocation_counts_from_the_next_refresh_for_known_tokens_too(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer())
        assert (await api.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 200
        async with api.pool.connection() as connection:
            await revoke_client(connection, client_id="bank-1", now=datetime.now(UTC))
        await api.app.state.access_state.refresh()
        assert (await api.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 401


async def test_tokens_are_not_accepted_on_old_revocations(with_routes: Any) -> None:
    async with with_routes as api:
        token = await api.token(await api.add_signer())
        api.clock.offset_s = 31
        answer = await api.http.get("/v1/test/deposits", headers=bearer(token))
        assert (answer.status_code, answer.json()["code"]) == (503, "access_state_stale")
        assert answer.headers["retry-after"] == "1"
        assert (await api.http.get("/readyz")).json()["checks"]["access"] == "keys and revocations are out of date"


async def test_forged_tokens_are_refused(with_routes: Any) -> None:
    async with with_routes as api:
        signer = await api.add_signer()
        token = await api.token(signer)
        own = api.app.state.access_state.ring.signing
        claims = jwt.decode(token, own, algorithms=["Ed25519"]).claims
        head = {"alg": "Ed25519", "kid": own.kid, "typ": "at+jwt"}

        def sign(key: Any, header: dict[str, Any], **changed: Any) -> str:
            return jwt.encode(header, claims | changed, key, algorithms=["Ed25519"])

        forged = [
            "x",
            token[:-4] + ("AAAA" if token[-4:] != "AAAA" else "BBBB"),
            "x" * 20_000,
            sign(OKPKey.generate_key("Ed25519"), head),
            sign(own, head | {"kid": "other"}),
            sign(own, head | {"typ": "JWT"}),
            sign(own, head, iss="https://other.test"),
            sign(own, head, aud="https://other.test"),
            sign(own, head, role="emperor"),
            sign(own, head, admin=True),
            signer.assertion(),
        ]
        assert sign(own, head) not in forged
        for token in [*forged]:
            answer = await api.http.get("/v1/test/deposits", headers=bearer(token))
            assert (answer.status_code, answer.json()["code"]) == (401, "token_invalid")


async def test_rotated_key_signs_after_the_handover_and_old_tokens_stay_good(with_routes: Any) -> None:
    async with with_routes as api:
        state = api.app.state.access_state
        signer = await api.add_signer()
        old_token, old_kid = await api.token(signer), state.ring.signing.kid
        async with api.pool.connection() as connection:
            new_kid = await rotate_signing_key(connection, now=datetime.now(UTC), token_ttl_s=600)
        await state.refresh()
        assert state.ring.signing.kid == old_kid
        assert len(state.ring.public_jwks["keys"]) == 2
        api.clock.offset_s = 31
        await state.refresh()
        assert state.ring.signing.kid == new_kid
        assert (await api.http.get("/v1/test/deposits", headers=bearer(old_token))).status_code == 200
        api.clock.offset_s = 700
        await state.refresh()
        assert [key["kid"] for key in state.ring.public_jwks["keys"]] == [new_kid]


async def test_two_processes_share_one_key(make_api: MakeApi) -> None:
    async with make_api() as first, make_api(routers=[router]) as second:
        token = await first.token(await first.add_signer())
        assert (await second.http.get("/v1/test/deposits", headers=bearer(token))).status_code == 200
        assert first.app.state.access_state.ring.public_jwks == second.app.state.access_state.ring.public_jwks


async def test_memory_of_tokens_is_bounded_and_keeps_the_used_ones(api: Api) -> None:
    signer = await api.add_signer()
    tokens = Tokens(api.app.state.access_state, issuer=ISSUER, ttl_s=600, remembered_tokens=2)
    issued = [(await api.token(signer)).encode() for _ in range(3)]
    for token in (issued[0], issued[1], issued[0], issued[2]):
        tokens.principal(b"Bearer " + token)
    assert len(tokens._remembered) == 2  # pyright: ignore[reportPrivateUsage]
    first = tokens.principal(b"Bearer " + issued[0])
    assert tokens.principal(b"bearer  " + issued[0]) is first


async def test_rate_limit_of_a_client(make_api: MakeApi) -> None:
    async with make_api(routers=[router], settings={"rate_limit_per_s": 1}) as api:
        token = await api.token(await api.add_signer())
        answers = [await api.http.get("/v1/test/deposits", headers=bearer(token)) for _ in range(8)]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert refused
        assert refused[0].json()["code"] == "rate_limited"
        assert refused[0].headers["retry-after"] == "1"


async def test_unauthenticated_principal_is_an_error_of_the_edge(api: Api) -> None:
    with pytest.raises(ApiError) as refused:
        api.app.state.tokens.principal(None)
    assert refused.value.code == "unauthenticated"
