"""A form that is refused comes back as it was sent, on its own page, with a sentence that a person can read."""

import re
from html import unescape

import pytest

from api.web.form_again import fill, find_form
from api.web.refusals import field_of
from ledger.domain.errors import LedgerError
from tests.web.site_over import PASSWORD, Site

pytestmark = pytest.mark.anyio
PAGE = """<!doctype html>
<html><body><main id="content">
<p>5 &lt; 6 &amp; more</p>
<form method="post" action="/other"><input name="reason" value="x"></form>
<details class="card"><summary>Open</summary>
<form method="post"><input type="hidden" name="form_key" value="k1"><input type="hidden" name="answer" value="no">
<label>Why not <textarea name="reason" required></textarea></label></form>
<form method="post"><input type="hidden" name="form_key" value="k2"><input type="hidden" name="answer" value="yes">
<input type="hidden" name="pupil" value="a"><input type="hidden" name="pupil" value="b">
<label>Kind <select name="kind"><option value="x" selected>X</option><option value="y">Y</option></select></label>
<label><input type="checkbox" name="there" value="a" checked> A</label>
<label><input type="checkbox" name="there" value="b" checked> B</label>
<label>Password <input type="password" name="password"></label>
<label>Why <textarea name="reason" required></textarea></label>
</form></details></main></body></html>
"""
SENT = {
    "form_key": "k0",
    "answer": "yes",
    "pupil": "a\nb",
    "kind": "y",
    "there": "b",
    "password": "secret",
    "reason": 'a <b> & "c"',
}


def filled(sent: dict[str, str], wrong: str = "") -> str:
    form = find_form(PAGE, place="/here?q=1", path="/here", sent=sent)
    return fill(PAGE, form, place="/here?q=1", sent=sent, wrong=wrong, refusal="<p>no</p>")


def test_of_forms_that_go_to_one_place_the_one_is_filled_that_was_sent() -> None:
    answer = filled(SENT, "reason")
    first, second = answer.split('value="no"')
    assert "</textarea>" in second
    assert '<textarea name="reason" required></textarea>' in second.split("</form>")[0]
    assert "a &lt;b&gt; &amp; &quot;c&quot;</textarea>" in second.split("</form>")[1]
    assert 'name="reason" value="x"' in first


def test_a_form_comes_back_as_it_was_sent_without_its_password() -> None:
    answer = filled(SENT, "reason")
    assert '<input type="hidden" name="form_key" value="k0">' in answer
    assert '<option value="x">' in answer
    assert '<option value="y" selected>' in answer
    assert 'value="a"> A' in answer
    assert 'value="b" checked> B' in answer
    assert "secret" not in answer
    assert '<input type="hidden" name="pupil" value="a"><input type="hidden" name="pupil" value="b">' in answer


def test_the_page_is_otherwise_left_as_it_is() -> None:
    answer = filled(SENT, "reason")
    assert answer.startswith('<!doctype html>\n<html><body><main id="content"><p>no</p>\n<p>5 &lt; 6 &amp; more</p>')
    assert '<details class="card" open>' in answer
    assert answer.count('aria-invalid="true"') == 1
    bare = fill(PAGE, None, place="/here", sent=SENT, wrong="reason", refusal="")
    assert re.sub(r'<input type="hidden" name="form_place" value="/here">', "", bare) == PAGE


@pytest.mark.parametrize(
    ("told", "field"),
    [("reason", "reason"), ("unit_price_fen", "unit_price"), ("packages/0/paid_lessons", "paid_lessons")],
)
def test_the_place_in_a_routes_body_names_the_forms_field(told: str, field: str) -> None:
    assert field_of(LedgerError("form_field_wrong", field=told)) == field


async def test_a_refused_contract_comes_back_filled_in_and_can_be_sent_again(site: Site) -> None:
    form = {
        "account_id": site.town.account_id,
        "contract_no": "HT-again-1",
        "family_id": "f-1",
        "student_id": "s-1",
        "course_id": "piano",
        "subject": "钢琴",
        "category": "sports",
        "starts_on": "2026-09-01",
        "ends_on": "2026-08-01",
        "lesson_minutes": "45",
        "price": "1,000.50",
        "list_price": "1000.50",
        "paid_lessons": "10",
        "gift_lessons": "0",
    }
    async with site.signed_in("institution") as visitor:
        await visitor.get("/language/en?next=/institution/contracts")
        before = await site.town.heads()
        answer = await visitor.post("/institution/contracts", **form)
        assert answer.status_code == 422
        assert "The contract ends on 2026-08-01, before it starts on 2026-09-01." in visitor.text()
        assert await site.town.heads() == before
        for name in ("contract_no", "subject", "ends_on", "price"):
            assert f'name="{name}"' in answer.text
            assert f'value="{form[name]}"' in answer.text
        assert '<option value="sports" selected>' in answer.text
        again = await visitor.post("/institution/contracts", **form | {"price": "much"})
        assert "“Price (CNY)” is an amount in yuan" in unescape(again.text)
        assert 'value="much" aria-invalid="true"' in again.text
        right = await visitor.post("/institution/contracts", **form | {"ends_on": "2027-01-31"})
        assert right.status_code == 200
        assert "The contract is recorded." in visitor.text()


async def test_a_form_that_goes_elsewhere_comes_back_twice_on_the_page_where_it_stands(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    place = f"/institution/contracts/{contract_id}"
    form = {"cash_id": "R-7", "amount": "12.345", "taken_on": "2026-08-30"}
    async with site.signed_in("institution") as visitor:
        await visitor.get(f"{place}?done=leave_recorded")
        for _ in range(2):
            answer = await visitor.post(f"{place}/cash", **form)
            assert answer.status_code == 422
            assert 'value="R-7"' in answer.text
            assert f'name="form_place" value="{place}?done=leave_recorded"' in answer.text
            assert "请假已记录" not in answer.text
            assert "“金额（元）”须为人民币元" in unescape(answer.text)
            found = re.search(r'name="form_place" value="([^"]+)"', answer.text)
            assert found
            form["form_place"] = found[1]


async def test_a_place_that_is_not_the_visitors_own_page_is_not_shown(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    form = {"form_key": "k", "ground": "no"}
    async with site.signed_in("parent") as visitor:
        for place in (
            "/institution",
            "https://evil.test/",
            "//evil.test",
            "/nowhere",
            f"/parent/contracts/{contract_id}x",
        ):
            visitor.last = None
            answer = await visitor.post(f"/parent/contracts/{contract_id}/refund", **form | {"form_place": place})
            assert answer.status_code == 422
            assert "<h1>未能完成</h1>" in answer.text, place


async def test_a_refusal_speaks_of_yuan_and_of_the_contracts_number(site: Site) -> None:
    contract_id = await site.town.sign()
    await site.town.catch_up()
    number = (await site.town.get("institution", f"/v1/contracts/{contract_id}"))["contract_no"]
    async with site.signed_in("parent") as visitor:
        answer = await visitor.get(f"/parent/contracts/{contract_id}/refund")
        assert answer.status_code == 422
        assert f"合同{number}没有可退金额" in visitor.text()
    async with site.signed_in("institution") as visitor:
        page = f"/institution/accounts/{site.town.account_id}"
        await visitor.get(page)
        await visitor.post(f"{page}/payouts", amount="99999999", form_key="k")
        assert "99,999,999.00元" in visitor.text()
        assert "9999999900" not in visitor.text()


async def test_a_wrong_code_is_tried_again_where_it_was_typed(site: Site) -> None:
    number = await site.contract_no("parent")
    async with site.visitor() as visitor:
        site.clock.offset_s += 750
        page = await visitor.post("/sign-in/family", contract_no=number, next="/parent/refunds")
        assert page.url.path == "/sign-in/family/code"
        sent = len(site.delivered())
        wrong = await visitor.post("/sign-in/family/code", code="000000", next="/parent/refunds")
        assert wrong.status_code == 403
        assert 'name="code"' in wrong.text
        assert "000000" not in wrong.text
        right = await visitor.post("/sign-in/family/code", code=site.delivered()[-1]["code"], next="/parent/refunds")
        assert right.url.path == "/parent/refunds"
        assert len(site.delivered()) == sent


async def test_a_refused_sign_in_keeps_the_name_and_forgets_the_password(site: Site) -> None:
    async with site.visitor() as visitor:
        await visitor.get("/sign-in?next=/institution/fees")
        answer = await visitor.post("/sign-in", user_id="institution", password="wrong words here", code="123456")
        assert answer.status_code == 403
        assert 'value="institution"' in answer.text
        assert "wrong words here" not in answer.text
        assert 'name="next" value="/institution/fees"' in answer.text
        site.clock.offset_s += 60
        form = {"user_id": "institution", "password": PASSWORD, "code": site.code("institution")}
        assert (await visitor.post("/sign-in", next="/institution/fees", **form)).url.path == "/institution/fees"


async def test_an_address_of_the_pages_that_leads_nowhere_is_answered_by_a_page(site: Site) -> None:
    async with site.signed_in("institution") as visitor:
        for path in ("/institution/nothing", f"/institution/contracts/{site.town.account_id}/cash", "/parent/x/y"):
            answer = await visitor.get(path)
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")
            assert "route_not_found" in answer.text
        assert (await visitor.get("/v1/nothing")).headers["content-type"] == "application/problem+json"
        assert (await visitor.get("/v1/deposits")).status_code == 405


async def test_an_instant_is_told_as_people_in_china_read_it(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("national")
    await town.catch_up()
    path = f"/institution/accounts/{account_id}/classes/piano"
    form = {"present": contract_id, "pupil": contract_id, "minutes": "45", "starts_at": "20:10", "lesson_id": "late"}
    async with site.signed_in("institution") as visitor:
        await visitor.get(path)
        answer = await visitor.post(path, **form, taught_on="2026-09-01")
        assert answer.status_code == 422
        assert "课时于2026-09-01 20:55结束，晚于20:30。" in visitor.text()
        assert 'value="20:10"' in answer.text
        assert f'value="{contract_id}" checked' in answer.text
        assert 'name="lesson_id" value="late"' in answer.text


async def test_what_is_not_there_or_not_ones_own_is_told_without_its_id(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    async with site.signed_in("other_parent") as visitor:
        await visitor.get("/language/en")
        answer = await visitor.get(f"/parent/contracts/{contract_id}")
        assert answer.status_code == 404
        assert "There is nothing here, or it is not yours to see." in visitor.text()
        assert contract_id not in answer.text.split("<main")[1]
