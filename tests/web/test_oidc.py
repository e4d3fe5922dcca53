"""Signing in by an OpenID Connect provider: a real one over HTTP, and answers that do not fit."""

import re
import warnings
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from api.web.oidc import LIFE_S, UNDER_WAY
from ledger.notifications.identity_provider import IdentityProvider
from tests.web.site_over import Site, Visitor

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from oidc_provider_mock import run_server_in_thread

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    """A provider on a port of this machine, whose users are who they say they are."""
    with run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture(scope="module")
def open_site(site: Site, issuer: str) -> Site:
    """The site with the provider set."""
    site.town.app.state.services.sign_in.provider = IdentityProvider(
        issuer=issuer, client_id="escrow", client_secret="a secret", user_claim="sub"
    )
    return site


async def at_provider(visitor: Visitor, user: str, path: str = "/sign-in/oidc") -> str:
    """Leaves for the provider, says there who one is, and gives where the provider sends one back to."""
    left = await visitor.http.get(path)
    assert left.status_code == 303, left.text
    target = left.headers["location"]
    async with httpx.AsyncClient(follow_redirects=False) as http:
        answer = await http.post(target, data={"sub": user})
    assert answer.is_redirect, answer.text
    back = urlsplit(answer.headers["location"])
    return f"{back.path}?{back.query}"


async def test_whom_the_provider_knows_and_we_know_too_is_let_in(open_site: Site) -> None:
    async with open_site.visitor() as visitor:
        assert "/sign-in/oidc" in (await visitor.get("/sign-in")).text
        back = await at_provider(visitor, "city", "/sign-in/oidc?next=/regulator/accounts")
        answer = await visitor.get(back)
        assert (answer.status_code, answer.url.path) == (200, "/regulator/accounts")
        assert UNDER_WAY not in visitor.http.cookies


async def test_whom_we_do_not_know_is_not(open_site: Site) -> None:
    async with open_site.visitor() as visitor:
        answer = await visitor.get(await at_provider(visitor, "stranger"))
        assert answer.status_code == 403
        assert "sign_in_refused" in answer.text


async def test_an_answer_to_another_browser_is_refused(open_site: Site) -> None:
    async with open_site.visitor() as visitor, open_site.visitor() as victim:
        back = await at_provider(visitor, "city")
        await victim.http.get("/sign-in/oidc")
        assert "identity_refused" in (await victim.get(back)).text
        async with open_site.visitor() as without_cookie:
            assert "identity_refused" in (await without_cookie.get(back)).text


async def test_a_code_is_good_once_and_only_for_a_while(open_site: Site) -> None:
    async with open_site.visitor() as visitor:
        back = await at_provider(visitor, "city")
        cookie = visitor.http.cookies[UNDER_WAY]
        assert (await visitor.get(back)).status_code == 200
        visitor.http.cookies.set(UNDER_WAY, cookie, domain="escrow.test")
        assert (await visitor.get(back)).status_code == 403
        late = await at_provider(visitor, "city")
        open_site.clock.offset_s += LIFE_S + 1
        assert "identity_refused" in (await visitor.get(late)).text


async def test_tokens_of_others_are_refused(open_site: Site, issuer: str) -> None:
    parts = open_site.town.app.state.services.sign_in
    good = parts.provider
    try:
        async with open_site.visitor() as visitor:
            back = await at_provider(visitor, "city")
            parts.provider = IdentityProvider(issuer=issuer, client_id="another", client_secret="x", user_claim="sub")
            assert (await visitor.get(back)).status_code == 403
            back = await at_provider(visitor, "city")
            query = parse_qs(urlsplit(back).query)
            forged = re.sub(r"code=[^&]+", "code=forged", back)
            assert query["code"] != ["forged"]
            assert (await visitor.get(forged)).status_code == 403
            parts.provider = IdentityProvider(issuer=issuer + "/x", client_id="escrow", client_secret="x")
            assert (await visitor.get("/sign-in/oidc")).status_code in (403, 503)
            parts.provider = IdentityProvider(issuer="http://127.0.0.1:9", client_id="escrow", client_secret="x")
            assert (await visitor.get("/sign-in/oidc")).status_code == 503
            parts.provider = None
            assert (await visitor.get("/sign-in/oidc")).status_code == 404
    finally:
        parts.provider = good
