"""Signing in: who is admitted, how often one may try, and what a session is worth."""

import re

import pytest

from api.web.cookies import SESSION
from ledger.application.sign_in import lockout, one_time_codes, sessions
from tests.web.site_over import HOST, PASSWORD, Site

pytestmark = pytest.mark.anyio


async def test_a_user_signs_in_with_password_and_authenticator(site: Site) -> None:
    async with site.visitor() as visitor:
        answer = await site.enter(visitor, "city")
        assert (answer.status_code, answer.url.path) == (200, "/regulator")
        cookie = next(one for one in visitor.http.cookies.jar if one.name == SESSION)
        assert cookie.secure
        assert cookie.path == "/"
        assert cookie.has_nonstandard_attr("HttpOnly")


@pytest.mark.parametrize(
    "changed", [{"password": "wrong"}, {"code": "000000"}, {"user_id": "nobody"}, {"user_id": "a\0b"}, {"code": ""}]
)
async def test_what_is_wrong_is_refused_in_one_way(site: Site, changed: dict[str, str]) -> None:
    async with site.visitor() as visitor:
        answer = await site.enter(visitor, "operator", **changed)
        assert answer.status_code == 403
        assert "sign_in_refused" in answer.text
        assert SESSION not in visitor.http.cookies
        await site.enter(visitor, "operator")  # forgets the failures


async def test_a_code_of_the_authenticator_is_good_once(site: Site) -> None:
    async with site.visitor() as visitor, site.visitor() as thief:
        assert (await site.enter(visitor, "bank")).status_code == 200
        seen = {"user_id": "bank", "password": PASSWORD, "code": site.code("bank")}
        assert (await thief.post("/sign-in", **seen)).status_code == 403


async def test_failures_lock_a_name_out_for_longer_and_longer(site: Site) -> None:
    async with site.visitor() as visitor:
        for _ in range(lockout.FREE_FAILURES):
            assert (await site.enter(visitor, "other_bank", password="wrong")).status_code == 403
        locked = await visitor.post("/sign-in", user_id="other_bank", password=PASSWORD, code=site.code("other_bank"))
        assert locked.status_code == 429
        assert "sign_in_locked" in locked.text
        site.clock.offset_s += lockout.FIRST_LOCK.total_seconds() + 1
        assert (await site.enter(visitor, "other_bank")).status_code == 200


def test_each_further_failure_doubles_the_lock_up_to_an_hour() -> None:
    free = [lockout.lock_after(failures) for failures in range(lockout.FREE_FAILURES)]
    assert not any(free)
    assert lockout.lock_after(lockout.FREE_FAILURES) == lockout.FIRST_LOCK
    assert lockout.lock_after(lockout.FREE_FAILURES + 1) == 2 * lockout.FIRST_LOCK
    assert lockout.lock_after(lockout.FREE_FAILURES + 100) == lockout.LONGEST_LOCK


async def test_signing_in_gives_a_new_token_whatever_the_browser_brought(site: Site) -> None:
    async with site.visitor() as visitor:
        visitor.http.cookies.set(SESSION, "chosen-by-an-attacker", domain="escrow.test")
        await site.enter(visitor, "regulator")
        tokens = {one.value for one in visitor.http.cookies.jar if one.name == SESSION}
        assert "chosen-by-an-attacker" not in tokens or len(tokens) == 2
        async with site.visitor() as attacker:
            attacker.http.cookies.set(SESSION, "chosen-by-an-attacker", domain="escrow.test")
            answer = await attacker.get("/regulator")
            assert answer.url.path == "/sign-in"


async def test_a_signed_out_session_is_worth_nothing(site: Site) -> None:
    async with site.signed_in("institution") as visitor:
        token = visitor.http.cookies[SESSION]
        assert (await visitor.post("/sign-out")).url.path == "/"
        async with site.visitor() as thief:
            thief.http.cookies.set(SESSION, token, domain="escrow.test")
            assert (await thief.get("/institution")).url.path == "/sign-in"


async def test_an_idle_session_is_over(site: Site) -> None:
    async with site.signed_in("institution") as visitor:
        site.clock.offset_s += sessions.IDLE.total_seconds() - 1
        assert (await visitor.get("/sessions")).url.path == "/sessions"
        site.clock.offset_s += sessions.IDLE.total_seconds() - 1
        assert (await visitor.get("/sessions")).url.path == "/sessions"
        site.clock.offset_s += sessions.IDLE.total_seconds() + 1
        assert (await visitor.get("/sessions")).url.path == "/sign-in"


async def test_a_user_sees_and_ends_own_sessions_and_nobody_elses(site: Site) -> None:
    async with site.signed_in("other_institution") as first, site.signed_in("other_institution") as second:
        listed = await second.get("/sessions")
        ends = [part.split('"')[0] for part in listed.text.split('action="/sessions/')[1:]]
        assert len(ends) == 1
        async with site.signed_in("institution") as stranger:
            assert (await stranger.post(f"/sessions/{ends[0]}")).status_code == 404
        assert (await second.post(f"/sessions/{ends[0]}")).status_code == 200
        assert (await first.get("/sessions")).url.path == "/sign-in"
        assert (await second.get("/sessions")).url.path == "/sessions"


async def test_a_family_signs_in_with_the_code_that_was_sent(site: Site) -> None:
    async with site.visitor() as visitor:
        answer = await site.enter_family(visitor, await site.contract_no("parent"))
        assert (answer.status_code, answer.url.path) == (200, "/parent")


async def test_a_number_that_no_contract_has_is_answered_alike(site: Site) -> None:
    number = await site.contract_no("parent")
    sent = len(site.delivered())
    async with site.visitor() as visitor:
        known = await visitor.post("/sign-in/family", contract_no=number)
        unknown = await visitor.post("/sign-in/family", contract_no="HT-unknown")
        assert len(site.delivered()) == sent + 1
        assert _timeless(known.text).replace(number, "HT-unknown") == _timeless(unknown.text)
        assert (await visitor.post("/sign-in/family/code", code="123456")).status_code == 403


def _timeless(page: str) -> str:
    return re.sub(r"<time.*?</time>", "", page)


async def test_a_code_is_good_once_for_a_while_and_a_few_tries(site: Site) -> None:
    number = await site.contract_no("other_parent")
    async with site.visitor() as visitor:
        await visitor.post("/sign-in/family", contract_no=number)
        code = site.delivered()[-1]["code"]
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        for _ in range(one_time_codes.MOST_TRIES):
            assert (await visitor.post("/sign-in/family/code", code=wrong)).status_code == 403
        assert (await visitor.post("/sign-in/family/code", code=code)).status_code == 403

        await visitor.post("/sign-in/family", contract_no=number)
        code = site.delivered()[-1]["code"]
        site.clock.offset_s += one_time_codes.LIFE.total_seconds() + 1
        assert (await visitor.post("/sign-in/family/code", code=code)).status_code == 403

        await visitor.post("/sign-in/family", contract_no=number)
        code, cookies = site.delivered()[-1]["code"], dict(visitor.http.cookies)
        assert (await visitor.post("/sign-in/family/code", code=code)).status_code == 200
        async with site.visitor() as thief:
            thief.http.cookies.update(cookies)
            assert (await thief.post("/sign-in/family/code", code=code)).status_code == 403


async def test_a_family_is_sent_a_few_codes_an_hour(site: Site) -> None:
    site.clock.offset_s += 3_601
    number = await site.contract_no("parent")
    sent = len(site.delivered())
    async with site.visitor() as visitor:
        for _ in range(one_time_codes.MOST_CODES + 3):
            await visitor.post("/sign-in/family", contract_no=number)
    assert len(site.delivered()) == sent + one_time_codes.MOST_CODES
    site.clock.offset_s += 3_601


@pytest.mark.parametrize("target", ["//evil.test/", "https://evil.test/", "/\\evil.test", "javascript:alert(1)", ""])
async def test_nobody_is_sent_to_another_site(site: Site, target: str) -> None:
    async with site.visitor() as visitor:
        answer = await site.enter(visitor, "city", next=target)
        assert str(answer.url).startswith(f"{HOST}/regulator")


async def test_one_who_is_sent_to_sign_in_comes_back(site: Site) -> None:
    async with site.visitor() as visitor:
        answer = await visitor.get("/sessions?a=1")
        assert answer.url.path == "/sign-in"
        assert 'name="next" value="/sessions?a=1"' in answer.text
        assert (await site.enter(visitor, "city", next="/sessions?a=1")).url.path == "/sessions"
