"""The token endpoint: every algorithm that is taken, and every proof that is refused."""

import asyncio
import json
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey

from ledger.application.access import Bindings
from ledger.application.clients import revoke_client
from tests.api.conftest import ISSUER, TOKEN_URL, Api, MakeApi, Signer

pytestmark = pytest.mark.anyio
UNPROVEN = "The client is unknown or revoked, or its proof does not hold."


async def refused(api: Api, form: dict[str, str], error: str = "invalid_client", **options: Any) -> str:
    answer = await api.http.post("/v1/oauth/token", data=form, **options)
    assert answer.status_code == (401 if error == "invalid_client" else 400), answer.text
    body = answer.json()
    assert body["error"] == error
    assert answer.headers["cache-control"] == "no-store"
    return body["error_description"]


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("Ed25519", OKPKey.generate_key("Ed25519")),
        ("EdDSA", OKPKey.generate_key("Ed25519")),
        ("ES256", ECKey.generate_key("P-256")),
        ("PS256", RSAKey.generate_key(2048)),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_signed_assertion_gets_a_token(api: Api, algorithm: str, key: Any) -> None:
    signer = Signer("bank-1", key, algorithm)
    await api.add_client("bank-1", public_jwks=signer.public_jwks())
    answer = await api.http.post("/v1/oauth/token", data=signer.form(scope="deposits:write"))
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 600, "deposits:write")
    assert answer.headers["cache-control"] == "no-store"


async def test_token_is_verifiable_with_the_published_keys_and_names_one_principal(api: Api) -> None:
    signer = await api.add_signer(bindings=Bindings(bank="ICBC"))
    token = await api.token(signer)
    jwks = (await api.http.get("/.well-known/jwks.json")).json()
    assert all("d" not in key for key in jwks["keys"])
    decoded = jwt.decode(token, OKPKey.import_key(jwks["keys"][0]), algorithms=["Ed25519"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.claims["sub"] == "bank-1"
    assert decoded.claims["bindings"] == {"bank": "ICBC"}
    assert decoded.claims["exp"] - decoded.claims["iat"] == 600


async def test_token_endpoint_url_is_an_audience_too(api: Api) -> None:
    signer = await api.add_signer()
    assert await api.token(signer, client_assertion=signer.assertion(aud=TOKEN_URL))
    assert await api.token(signer, client_assertion=signer.assertion(aud=[ISSUER]))


# The change of good claims, given the seconds since 1970, and a part of what is told.
WRONG_CLAIMS: list[tuple[Callable[[int], dict[str, Any]], str]] = [
    (lambda _: {"iss": "somebody-else"}, "iss must be"),
    (lambda _: {"iss": None}, "iss must be"),
    (lambda _: {"sub": "bank-2", "iss": "bank-2"}, UNPROVEN),
    (lambda _: {"sub": None}, "needs a sub"),
    (lambda _: {"sub": 7}, "needs a sub"),
    (lambda _: {"sub": "bank\x00-1"}, "needs a sub"),
    (lambda _: {"aud": "https://other.test"}, "aud must be"),
    (lambda _: {"aud": None}, "aud must be"),
    (lambda _: {"aud": [ISSUER, "https://other.test"]}, "aud must be"),
    (lambda _: {"aud": ISSUER + "/"}, "aud must be"),
    (lambda now: {"exp": now - 31, "iat": now - 90}, "expired"),
    (lambda _: {"exp": None}, "needs exp"),
    (lambda _: {"exp": "soon"}, "needs exp"),
    (lambda _: {"exp": True}, "needs exp"),
    (lambda _: {"exp": 1e300}, "needs exp"),
    (lambda _: {"iat": None}, "needs iat"),
    (lambda now: {"iat": now + 3_600, "exp": now + 3_660}, "future"),
    (lambda now: {"iat": now, "exp": now + 301}, "at most 300"),
    (lambda now: {"iat": now + 20, "exp": now + 10}, "at most 300"),
    (lambda now: {"nbf": now + 3_600}, "nbf"),
    (lambda _: {"jti": None}, "needs a jti"),
    (lambda _: {"jti": ""}, "needs a jti"),
    (lambda _: {"jti": "x" * 201}, "needs a jti"),
    (lambda _: {"jti": "a\x00b"}, "needs a jti"),
]


@pytest.mark.parametrize(("change", "told"), WRONG_CLAIMS)
async def test_assertion_with_wrong_claim_is_refused(
    api: Api, change: Callable[[int], dict[str, Any]], told: str
) -> None:
    signer = await api.add_signer()
    assert told in await refused(api, signer.form(signer.assertion(**change(int(time.time())))))


async def test_assertion_within_the_leeway_of_clocks_is_accepted(api: Api) -> None:
    signer = await api.add_signer()
    now = int(time.time())
    assert await api.token(signer, client_assertion=signer.assertion(iat=now + 15, exp=now + 60))
    assert await api.token(signer, client_assertion=signer.assertion(iat=now - 60, exp=now - 10))
    assert await api.token(signer, client_assertion=signer.assertion(iat=now - 200, exp=now + 100))


async def test_assertion_used_twice_is_refused(api: Api) -> None:
    signer = await api.add_signer()
    form = signer.form()
    assert (await api.http.post("/v1/oauth/token", data=form)).status_code == 200
    assert "used before" in await refused(api, form)


async def test_assertion_used_at_the_same_time_gives_one_token(api: Api) -> None:
    signer = await api.add_signer()
    form = signer.form()
    answers = await asyncio.gather(*(api.http.post("/v1/oauth/token", data=form) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 401, 401, 401]


async def test_same_jti_of_another_client_is_another_assertion(api: Api) -> None:
    first, second = await api.add_signer("bank-1"), await api.add_signer("bank-2")
    assert await api.token(first, client_assertion=first.assertion(jti="one"))
    assert await api.token(second, client_assertion=second.assertion(jti="one"))


async def test_sweep_keeps_assertions_that_could_still_be_repeated(api: Api) -> None:
    signer = await api.add_signer()
    form = signer.form()
    await api.http.post("/v1/oauth/token", data=form)
    await api.app.state.access_state.sweep()
    assert "used before" in await refused(api, form)
    api.clock.offset_s = 200
    await api.app.state.access_state.sweep()
    async with api.pool.connection() as connection:
        rows = await (await connection.execute("SELECT * FROM escrow.used_assertions")).fetchall()
    assert rows == []


async def test_wrong_key_is_refused(api: Api) -> None:
    signer = await api.add_signer()
    assert await refused(api, signer.form(signer.assertion(key=OKPKey.generate_key("Ed25519")))) == UNPROVEN


async def test_unknown_client_is_refused_in_the_same_words(api: Api) -> None:
    assert await refused(api, Signer("nobody").form()) == UNPROVEN


async def test_revoked_client_is_refused_in_the_same_words(api: Api) -> None:
    signer = await api.add_signer()
    async with api.pool.connection() as connection:
        await revoke_client(connection, client_id="bank-1", now=datetime.now(UTC))
    assert await refused(api, signer.form()) == UNPROVEN


async def test_key_id_that_is_not_the_clients_is_refused(api: Api) -> None:
    first, second = OKPKey.generate_key("Ed25519"), OKPKey.generate_key("Ed25519")
    jwks = {"keys": [{**key.as_dict(private=False), "kid": kid} for key, kid in ((first, "a"), (second, "b"))]}
    await api.add_client("bank-1", public_jwks=jwks)
    signer = Signer("bank-1", first)
    assert await api.token(signer, client_assertion=signer.assertion(header={"kid": "a"}))
    assert await refused(api, signer.form(signer.assertion(header={"kid": "b"}))) == UNPROVEN
    assert await refused(api, signer.form(signer.assertion(header={"kid": "c"}))) == UNPROVEN
    assert await refused(api, signer.form(signer.assertion())) == UNPROVEN


async def test_unsigned_assertion_is_refused(api: Api) -> None:
    signer = await api.add_signer()
    parts = [
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "none"}, signer.claims())
    ]
    assert await refused(api, signer.form(".".join([*parts, ""]))) == UNPROVEN


async def test_symmetric_signature_made_with_the_public_key_is_refused(api: Api) -> None:
    signer = await api.add_signer()
    forged = signer.assertion(
        key=OctKey.import_key({"kty": "oct", "k": signer.key.as_dict()["x"]}), header={"alg": "HS256"}
    )
    assert await refused(api, signer.form(forged)) == UNPROVEN


async def test_key_carried_in_the_header_is_not_believed(api: Api) -> None:
    signer = await api.add_signer()
    other = OKPKey.generate_key("Ed25519")
    forged = signer.assertion(key=other, header={"jwk": other.as_dict(private=False)})
    assert await refused(api, signer.form(forged)) == UNPROVEN


@pytest.mark.parametrize("assertion", ["x", "a.b.c", "....", "é.é.é", "e30.e30.e30", "e30.W10.e30"])
async def test_malformed_assertion_is_refused(api: Api, assertion: str) -> None:
    await refused(api, Signer("bank-1").form(assertion))


async def test_form_above_its_limit_is_not_read(api: Api) -> None:
    answer = await api.http.post("/v1/oauth/token", data=Signer("bank-1").form("x" * 16_384))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert answer.json()["figures"] == {"limit_bytes": 16_384}


async def test_our_own_access_token_is_no_assertion(api: Api) -> None:
    signer = await api.add_signer()
    token = await api.token(signer)
    assert await refused(api, signer.form(token)) == UNPROVEN


async def test_client_id_beside_the_assertion_must_agree(api: Api) -> None:
    signer = await api.add_signer()
    assert "client_id differs" in await refused(api, signer.form(client_id="bank-2"))


async def test_scope_that_the_client_does_not_hold_is_refused(api: Api) -> None:
    signer = await api.add_signer(scopes=frozenset({"deposits:write"}))
    await refused(api, signer.form(scope="deposits:write statements:write"), "invalid_scope")


async def test_request_that_is_not_a_client_credentials_form_is_refused(api: Api) -> None:
    signer = await api.add_signer()
    await refused(api, signer.form(grant_type="password"), "unsupported_grant_type")
    await refused(api, {"client_assertion": "x"}, "invalid_request")
    await refused(api, {"grant_type": "client_credentials"}, "invalid_request")
    await refused(api, signer.form(client_secret="x"), "invalid_request")
    await refused(api, signer.form() | {"client_assertion_type": "urn:other"}, "invalid_request")
    twice = await api.http.post(
        "/v1/oauth/token",
        content="grant_type=client_credentials&grant_type=client_credentials",
        headers={"content-type": "application/x-www-form-urlencoded"},
    )
    assert twice.json()["error"] == "invalid_request"
    as_json = await api.http.post("/v1/oauth/token", json=signer.form())
    assert (as_json.status_code, as_json.json()["code"]) == (415, "media_type_unsupported")


async def test_secret_is_refused_unless_development_allows_it(api: Api) -> None:
    secret = await api.add_client("bank-1")
    assert secret is not None
    form = {"grant_type": "client_credentials", "client_id": "bank-1", "client_secret": secret}
    assert "no client secrets" in await refused(api, form)


async def test_secret_by_form_and_by_basic_in_development(make_api: MakeApi) -> None:
    async with make_api(settings={"allow_dev_secrets": True}) as api:
        secret = await api.add_client("bank-1")
        assert secret is not None
        grant = {"grant_type": "client_credentials"}
        by_form = await api.http.post("/v1/oauth/token", data={**grant, "client_id": "bank-1", "client_secret": secret})
        by_basic = await api.http.post("/v1/oauth/token", data=grant, auth=("bank-1", secret))
        assert (by_form.status_code, by_basic.status_code) == (200, 200)
        assert await refused(api, {**grant, "client_id": "bank-1", "client_secret": secret + "x"}) == UNPROVEN
        assert await refused(api, grant, auth=("bank-1", "x")) == UNPROVEN
        wrong = await api.http.post("/v1/oauth/token", data=grant, headers={"authorization": "Basic !!"})
        assert (wrong.status_code, wrong.headers["www-authenticate"]) == (401, 'Basic realm="escrow"')
        async with api.pool.connection() as connection:
            row = await (await connection.execute("SELECT secret_sha256 FROM escrow.api_clients")).fetchone()
        assert row is not None
        assert secret.encode() not in row[0]


async def test_client_with_a_key_has_no_secret(make_api: MakeApi) -> None:
    async with make_api(settings={"allow_dev_secrets": True}) as api:
        await api.add_signer()
        form = {"grant_type": "client_credentials", "client_id": "bank-1", "client_secret": ""}
        assert await refused(api, form) == UNPROVEN


async def test_metadata_names_the_endpoints(api: Api) -> None:
    document = (await api.http.get("/.well-known/oauth-authorization-server")).json()
    assert document["issuer"] == ISSUER
    assert document["token_endpoint"] == TOKEN_URL
    assert document["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]


async def test_token_requests_of_one_address_are_limited(make_api: MakeApi) -> None:
    async with make_api(settings={"token_rate_limit_per_minute": 2}) as api:
        answers = [await api.http.post("/v1/oauth/token", data=Signer("nobody").form()) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [401, 401, 429]
        assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
