"""Every page with every kind of visitor: who is let in is one table, and nothing is outside it."""

import re

import pytest

from api.web.audiences import AUDIENCES
from api.web.site import PageRoute
from tests.web.site_over import HOST, Site

pytestmark = pytest.mark.anyio
ROUTES = [route for audience in AUDIENCES for route in audience.routes]
VISITORS = ["parent", "institution", "bank", "regulator", "operator"]
PUBLIC = {
    ("GET", "/"),
    ("GET", "/sign-in"),
    ("GET", "/sign-in/family"),
    ("GET", "/sign-in/family/code"),
    ("POST", "/sign-in"),
    ("POST", "/sign-in/family"),
    ("POST", "/sign-in/family/code"),
    ("GET", "/sign-in/oidc"),
    ("GET", "/sign-in/oidc/callback"),
    ("GET", "/language/{language}"),
    ("GET", "/type/{size}"),
    ("GET", "/institutions"),
}
STREAMS = {"/live"}
NOBODYS = "00000000-0000-7000-8000-000000000000"


def _named(route: PageRoute) -> str:
    return f"{route.method} {route.path}"


def _address(route: PageRoute) -> str:
    return re.sub(r"{[^}]+}", NOBODYS, route.path)


def test_only_these_pages_are_for_everybody() -> None:
    assert {(route.method, route.path) for route in ROUTES if not route.roles} <= PUBLIC


@pytest.mark.parametrize("route", [route for route in ROUTES if route.roles], ids=_named)
async def test_a_stranger_is_sent_to_sign_in(site: Site, route: PageRoute) -> None:
    async with site.visitor() as visitor:
        answer = await visitor.http.request(route.method, _address(route), headers={"origin": HOST})
        assert answer.status_code == 303
        page = "/sign-in/family" if set(route.roles) == {"parent"} else "/sign-in"
        assert answer.headers["location"].partition("?")[0] == page


@pytest.mark.parametrize("who", VISITORS)
async def test_nobody_is_let_in_whose_role_the_page_does_not_name(site: Site, who: str) -> None:
    async with site.signed_in(who) as visitor:
        for route in ROUTES:
            if not route.roles or route.path in STREAMS or route.path == "/sign-out":
                continue
            answer = await visitor.http.request(route.method, _address(route), headers={"origin": HOST})
            if who in route.roles:
                assert answer.status_code not in (403, 500), f"{_named(route)}: {answer.text}"
            else:
                assert answer.status_code == 403, _named(route)
                assert "page_denied" in answer.text


@pytest.mark.parametrize("route", [route for route in ROUTES if route.method == "POST"], ids=_named)
@pytest.mark.parametrize(
    "headers", [{}, {"origin": "https://evil.test"}, {"sec-fetch-site": "cross-site"}, {"origin": "null"}]
)
async def test_a_form_of_another_site_is_refused(site: Site, route: PageRoute, headers: dict[str, str]) -> None:
    async with site.visitor() as visitor:
        answer = await visitor.http.post(_address(route), headers=headers)
        assert answer.status_code == 403
        assert "form_foreign" in answer.text
