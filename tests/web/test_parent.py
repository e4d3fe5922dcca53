"""A family's pages: what it sees, what it does, and that other families are not there for it."""

import pytest

from tests.web.site_over import HOST, Site

pytestmark = pytest.mark.anyio


async def test_a_family_follows_its_refund_from_quote_to_track(site: Site) -> None:
    contract_id = await site.town.paid_contract(10_000)
    await site.town.teach(contract_id)
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{contract_id}")
        assert "90.00" in visitor.text()
        await visitor.get(f"/parent/contracts/{contract_id}/refund")
        assert "100.00 −10.00" in visitor.text()
        asked = await visitor.post(f"/parent/contracts/{contract_id}/refund", ground="own", reason="搬家\n不再上课")
        assert asked.url.path.startswith("/parent/refunds/")
        assert "退费申请已提交" in visitor.text()
        assert "搬家 不再上课" in visitor.text()
        assert "机构逾期未答视为同意：" in asked.text
        again = await visitor.post(str(asked.url.path) + "/withdrawal", reason="改主意了")
        assert "已撤回" in again.text


async def test_a_form_that_is_sent_twice_asks_once(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        form = {"ground": "own", "reason": "moving", "form_key": "the-same-key"}
        first = await visitor.post(f"/parent/contracts/{contract_id}/refund", **form)
        second = await visitor.post(f"/parent/contracts/{contract_id}/refund", **form)
        assert first.url == second.url
        other = await visitor.post(f"/parent/contracts/{contract_id}/refund", **form | {"reason": "another"})
        assert other.status_code == 422
        assert "idempotency_key_reused" in other.text


async def test_a_family_confirms_and_disputes_the_lessons_that_wait(site: Site) -> None:
    confirmed, lesson = await site.town.asked()
    disputed, other_lesson = await site.town.asked()
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get(f"/parent/contracts/{confirmed}")
        assert "视为确认" in visitor.text()
        done = await visitor.post(f"/parent/contracts/{confirmed}/lessons/{lesson}/confirmation")
        assert "已确认" in done.text
        await visitor.get(f"/parent/contracts/{disputed}")
        said = await visitor.post(f"/parent/contracts/{disputed}/lessons/{other_lesson}/dispute", reason="没有上课")
        assert "有争议" in said.text
        again = await visitor.post(f"/parent/contracts/{confirmed}/lessons/{lesson}/confirmation", form_key="another")
        assert again.status_code in (409, 422)


@pytest.mark.parametrize(
    "path",
    ["/parent/contracts/{contract}", "/parent/contracts/{contract}/refund", "/parent/refunds/{refund}"],
)
async def test_another_familys_page_is_not_there(site: Site, path: str) -> None:
    contract_id = await site.town.paid_contract()
    refund_id = await site.town.refund()
    await site.town.catch_up()
    address = path.format(contract=contract_id, refund=refund_id)
    async with site.signed_in("parent") as own, site.signed_in("other_parent") as other:
        assert (await own.get(address)).status_code == 200
        assert (await other.get(address)).status_code == 404
        unknown = await other.get(path.format(contract="nobodys", refund="nobodys"))
        assert unknown.status_code == 404


async def test_another_family_can_do_nothing_about_a_contract(site: Site) -> None:
    contract_id, lesson_id = await site.town.asked()
    refund_id = await site.town.refund()
    await site.town.catch_up()
    before = await site.town.heads()
    async with site.signed_in("other_parent") as other:
        for path in (
            f"/parent/contracts/{contract_id}/refund",
            f"/parent/contracts/{contract_id}/lessons/{lesson_id}/confirmation",
            f"/parent/contracts/{contract_id}/lessons/{lesson_id}/dispute",
            f"/parent/refunds/{refund_id}/withdrawal",
        ):
            answer = await other.post(path, reason="mine", ground="own", form_key="k")
            assert answer.status_code == 404, path
        mine = await other.post("/parent/complaints", contract_id=contract_id, reason="mine", form_key="k2")
        assert mine.status_code == 404
    signed_by_the_visitor = 1  # the visitor's own contract and its payment
    after = await site.town.heads()
    assert sum(after.values()) - sum(before.values()) == 2 * signed_by_the_visitor


async def test_a_complaint_is_received_and_followed(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        await visitor.get("/parent/complaints")
        told = await visitor.post("/parent/complaints", contract_id=contract_id, reason="老师换了三次")
        assert told.url.path.startswith("/parent/complaints/")
        assert "310104" in visitor.text()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"ground": "own"}, "form_field_missing"),
        ({"ground": "mine", "reason": "r"}, "form_field_wrong"),
        ({"ground": "own", "reason": "r" * 501}, "form_field_long"),
        ({"ground": "own", "reason": "a\u202eb"}, "form_field_wrong"),
        ({"ground": "own", "reason": "r", "form_key": ""}, "idempotency_key_missing"),
    ],
)
async def test_a_form_that_is_wrong_is_refused_and_nothing_is_recorded(
    site: Site, form: dict[str, str], code: str
) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    async with site.signed_in("parent") as visitor:
        before = await site.town.heads()
        answer = await visitor.post(f"/parent/contracts/{contract_id}/refund", **{"form_key": "k", **form})
        assert answer.status_code in (400, 422)
        assert code in answer.text
        assert await site.town.heads() == before


async def test_pages_speak_both_languages_and_large_type(site: Site) -> None:
    async with site.signed_in("parent") as visitor:
        assert '<html lang="zh-CN">' in (await visitor.get("/parent")).text
        english = await visitor.get("/language/en?next=/parent")
        assert english.url.path == "/parent"
        assert '<html lang="en">' in english.text
        assert "My contracts" in english.text
        large = await visitor.get("/type/large?next=/parent")
        assert 'class="large"' in large.text


async def test_pages_are_not_kept_by_browsers_and_run_nothing_foreign(site: Site) -> None:
    async with site.signed_in("parent") as visitor:
        answer = await visitor.get("/parent")
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        assert "style=" not in answer.text
        assert HOST not in answer.text
        address = answer.text.split('rel="stylesheet" href="')[1].split('"')[0]
        style = await visitor.get(address)
        assert style.headers["cache-control"].startswith("public, max-age=31536000")
        assert (await visitor.get("/static/000000000000/pages.css")).status_code == 404
        assert (await visitor.get("/static/000000000000/..%2fsite.py")).status_code == 404
