"""An institution's further pages: fees, lessons, orders to check, money ahead of time, closure, what to put right."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from ledger.application.access import Bindings
from ledger.application.sign_in.users import add_user
from tests.api.case_routes import rectification
from tests.api.town import TODAY
from tests.web.site_over import PASSWORD, Site

pytestmark = pytest.mark.anyio
LATER = (TODAY + timedelta(days=20)).isoformat()


async def test_a_price_is_published_and_takes_the_place_of_the_one_before(site: Site) -> None:
    course = site.town.new("course")
    await site.town.catch_up()
    form = {
        "account_id": site.town.account_id,
        "course_id": course,
        "category": "arts",
        "unit_price": "120.50",
        "period": "lesson",
        "minutes": "45",
        "valid_from": TODAY.isoformat(),
        "valid_until": "",
    }
    async with site.signed_in("institution") as visitor:
        await visitor.get("/institution/fees")
        done = await visitor.post("/institution/fees", **form)
        assert "收费标准已公示" in done.text
        assert f"{course} 120.50" in visitor.text()
        await visitor.post("/institution/fees", **form | {"unit_price": "130", "form_key": site.town.new("k")})
        assert "130.00" in visitor.text()
        assert "已失效" in visitor.text()
        wrong = await visitor.post("/institution/fees", **form | {"minutes": "0", "form_key": site.town.new("k2")})
        assert wrong.status_code == 422
        assert "“每课分钟”填写有误" in visitor.text()
    listed = (await site.town.get("institution", "/v1/fee-notices", course_id=course))["items"]
    assert [one["unit_price_fen"] for one in listed] == [12_050, 13_000]


async def test_lessons_are_listed_with_their_last_day_and_a_disputed_one_is_given_up(site: Site) -> None:
    contract_id, lesson_id = await site.town.asked()
    await site.town.catch_up()
    number = (await site.town.get("institution", f"/v1/contracts/{contract_id}"))["contract_no"]
    async with site.signed_in("institution") as visitor:
        listed = await visitor.get("/institution/lessons")
        assert number in listed.text
        assert "还有" in listed.text
        objection = {"contract_id": contract_id, "reason": "没有上课"}
        await site.town.post("parent", f"/v1/lessons/{lesson_id}/dispute", objection)
        await site.town.catch_up()
        disputed = await visitor.get("/institution/lessons?state=disputed")
        assert "没有上课" in disputed.text
        path = f"/institution/contracts/{contract_id}/lessons/{lesson_id}/concession"
        done = await visitor.post(path, reason="核实未上课", form_key=site.town.new("k"))
        assert "已让步" in done.text
        assert "不消课" in visitor.text()
    async with site.signed_in("other_institution") as other:
        assert (await other.post(path, reason="ours", form_key=site.town.new("k"))).status_code == 404


async def test_leave_and_cash_of_one_contract_are_recorded(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.catch_up()
    path = f"/institution/contracts/{contract_id}"
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(path)
        lesson_id = page.text.split('name="lesson_id" value="')[1].split('"')[0]
        form = {"lesson_id": lesson_id, "lesson_on": LATER, "asked_on": TODAY.isoformat(), "ends_on": ""}
        done = await visitor.post(f"{path}/leave", **form, reason="生病")
        assert "请假已记录" in done.text
        late = form | {"lesson_id": site.town.new("lesson"), "lesson_on": "2030-01-01", "form_key": site.town.new("k")}
        assert (await visitor.post(f"{path}/leave", **late, reason="生病")).status_code == 422
        cash = {"cash_id": site.town.new("slip"), "amount": "88.8", "taken_on": TODAY.isoformat()}
        await visitor.get(path)
        told = await visitor.post(f"{path}/cash", **cash, form_key=site.town.new("cash"))
        assert "现金收款已报告" in told.text
        assert cash["cash_id"] in told.text
        assert "88.80" in told.text
        again = await visitor.post(f"{path}/cash", **cash, form_key=site.town.new("another"))
        assert "cash_reported_before" in again.text
    async with site.signed_in("other_institution") as other:
        assert (await other.get(path)).status_code == 404
        for part in ("leave", "cash", "amendment"):
            assert (await other.post(f"{path}/{part}", **form, **cash, form_key=site.town.new("k"))).status_code == 404


async def test_another_course_is_proposed_with_all_that_is_left(site: Site) -> None:
    contract_id = await site.town.paid_contract()
    await site.town.teach(contract_id)
    await site.town.catch_up()
    path = f"/institution/contracts/{contract_id}"
    form = {
        "contract_no": site.town.new("HT"),
        "course_id": "dance",
        "subject": "dance",
        "category": "arts",
        "starts_on": TODAY.isoformat(),
        "ends_on": "2027-07-31",
        "lesson_minutes": "60",
        "price_1": "90.00",
        "paid_lessons_1": "6",
        "gift_lessons_1": "0",
        "reason": "换课",
    }
    async with site.signed_in("institution") as visitor:
        await visitor.get(path)
        assert "转入90.00元" in visitor.text()
        low = await visitor.post(f"{path}/amendment", **form | {"price_1": "89.99", "form_key": site.town.new("low")})
        assert "amendment_value_lost" in low.text
        done = await visitor.post(f"{path}/amendment", **form, form_key=site.town.new("right"))
        assert "等待家长确认" in done.text
    proposed = (await site.town.get("parent", f"/v1/contracts/{contract_id}"))["amendment"]
    assert proposed["terms"]["packages"][0]["carried_fen"] == 9_000


async def _second_person(site: Site) -> str:
    async with site.town.app.state.services.pool.connection() as connection:
        address = await add_user(
            connection,
            site.town.app.state.services.sign_in.key,
            user_id="checker",
            name="Checker",
            role="institution",
            bindings=Bindings(institutions=frozenset({"i-1"})),
            password=PASSWORD,
            now=datetime.now(UTC),
        )
    site.secrets["checker"] = parse_qs(urlsplit(address).query)["secret"][0]
    return "checker"


async def test_money_to_the_institution_needs_a_second_person(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id))
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", {"pack": "national", "reason": "the law"})
    made = [
        (await town.post("institution", "/v1/payouts", {"account_id": account_id, "amount_fen": fen}))["instruction_id"]
        for fen in (300, 200)
    ]
    await town.catch_up()
    checker = await _second_person(site)
    paths = [f"/institution/accounts/{account_id}/orders/{one}" for one in made]
    async with site.signed_in("institution") as maker, site.visitor() as second:
        page = await maker.get("/institution/money")
        assert "须由另一人复核" in page.text
        assert f"{paths[0]}/approval" not in page.text
        same = await maker.post(f"{paths[0]}/approval", form_key=site.town.new("k"))
        assert (same.status_code, "instruction_same_person" in same.text) == (403, True)
        await site.enter(second, checker)
        assert "机构 institution" in (await second.get("/institution/money")).text
        assert "已复核通过" in (await second.post(f"{paths[0]}/approval", form_key=site.town.new("a"))).text
        assert "机构 checker" in second.text()
        assert (
            "已否决" in (await second.post(f"{paths[1]}/decline", reason="金额有误", form_key=site.town.new("d"))).text
        )
    states = [(await town.get("institution", f"/v1/instructions/{one}"))["state"] for one in made]
    assert states == ["approved", "declined"]
    async with site.signed_in("other_institution") as other:
        for path in (f"{paths[0]}/approval", f"{paths[1]}/decline"):
            assert (await other.post(path, reason="ours", form_key=site.town.new("k"))).status_code == 404


async def test_an_advance_says_why_and_is_asked_for(site: Site) -> None:
    account_id, _ = await site.town.under("jinhua")
    await site.town.catch_up()
    path = f"/institution/accounts/{account_id}/advance"
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(path)
        assert "可计入的未消课" in page.text
        above = await visitor.post(path, amount="999,999.99", form_key=site.town.new("k"))
        assert "advance_above_limit" in above.text
        await visitor.get(path)
        asked = await visitor.post(path, amount="20.00", form_key=site.town.new("k"))
        assert "预拨申请已提交银行" in asked.text
    async with site.signed_in("other_institution") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.post(path, amount="1", form_key=site.town.new("k"))).status_code == 404
        assert (await other.post(f"/institution/accounts/{account_id}/announcement", amount="1")).status_code == 404


async def test_a_large_withdrawal_is_announced_where_the_policy_asks_for_it(site: Site) -> None:
    account_id, _ = await site.town.under("guangzhou")
    await site.town.catch_up()
    async with site.signed_in("institution") as visitor:
        page = await visitor.get(f"/institution/accounts/{account_id}")
        told = await visitor.post(
            f"/institution/accounts/{account_id}/announcement", amount="50", form_key=site.town.new("k")
        )
        assert "超过10.00元的支取须提前预告" in page.text
        assert "已预告50.00元" in told.text
        free = await visitor.get(f"/institution/accounts/{site.town.account_id}")
        assert "大额支取预告" not in free.text


async def test_a_closure_is_notified_once_behind_its_confirmation(site: Site) -> None:
    account_id, _ = await site.town.under("default")
    await site.town.catch_up()
    path = f"/institution/accounts/{account_id}/closure"
    form = {"closes_on": LATER, "reason": "租约到期", "confirmation": "i-1"}
    async with site.signed_in("institution") as visitor:
        await visitor.get(path)
        wrong = await visitor.post(path, **form | {"confirmation": "i-2"})
        assert "confirmation_wrong" in wrong.text
        done = await visitor.post(path, **form, form_key=site.town.new("right"))
        assert "停办预告已提交" in done.text
        assert LATER in done.text
        assert '<form class="card narrow"' not in done.text
        twice = await visitor.post(path, **form, form_key=site.town.new("again"))
        assert "closure_notified" in twice.text
    async with site.signed_in("other_institution") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.post(path, **form, form_key=site.town.new("k"))).status_code == 404


async def test_what_has_to_be_put_right_is_answered(site: Site) -> None:
    case_id = await rectification(site.town)
    await site.town.catch_up()
    path = f"/institution/rectifications/{case_id}/exit/answer"
    async with site.signed_in("institution") as visitor:
        listed = await visitor.get("/institution/rectifications")
        assert "clear it" in listed.text
        done = await visitor.post(path, answer="通道已清理", form_key=site.town.new("k"))
        assert "整改答复已提交" in done.text
        assert "通道已清理" in done.text
        assert (await visitor.get("/institution")).status_code == 200
    async with site.signed_in("other_institution") as other:
        assert "clear it" not in (await other.get("/institution/rectifications")).text
        assert (await other.post(path, answer="ours", form_key=site.town.new("k"))).status_code == 404
