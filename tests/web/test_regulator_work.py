"""A regulator's work lists: draws, rectifications, reconciliation, suspense, approvals, totals, the access log."""

import csv
import io
import json
import re
from datetime import timedelta
from html import unescape

import msgspec
import pytest

from api.web.rendering import yuan
from ledger.domain.draw_verification import PublishedDraw, faults_of
from tests.api.case_routes import case
from tests.api.town import TODAY
from tests.api.wind_down_routes import offered
from tests.web.site_over import Site, Visitor

pytestmark = pytest.mark.anyio


async def rows_of(visitor: Visitor, path: str) -> list[dict[str, str]]:
    """The lines of a CSV file, by heading."""
    answer = await visitor.get(path)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


async def test_a_day_is_told_account_by_account_and_taken_along(site: Site) -> None:
    number = site.town.new("day")
    account = await site.town.open_account(account_no=number, institution_id="i-day")
    said = {"statement_id": site.town.new("statement"), "statement_on": TODAY.isoformat()}
    stated = {"balances": [{"account_no": number, "balance_fen": 5}]}
    await site.town.post("bank", "/v1/statements", said | stated)
    await site.town.catch_up()
    path = f"/regulator/reconciliation?day={TODAY}"
    async with site.signed_in("regulator") as visitor:
        await visitor.get(path)
        assert "银行未报送" in visitor.text()
        account_page = await visitor.get(f"/regulator/accounts/{account}")
        assert "银行尚未对账。" in account_page.text
        await site.town.post("regulator", f"/v1/accounts/{account}/reconciliation", {"on": TODAY.isoformat()})
        await site.town.catch_up()
        (row,) = [one for one in await rows_of(visitor, f"{path}&format=csv") if one["account_id"] == account]
        assert (row["state"], row["bank_fen"], row["cash_fen"], row["difference_fen"]) == ("broken", "5", "0", "5")
        assert account in (await visitor.get(f"{path}&state=broken&district=310104")).text
        assert account not in (await visitor.get(f"{path}&state=reconciled")).text
        assert account not in (await visitor.get(f"{path}&district=310105")).text
        assert (await visitor.get("/regulator/reconciliation?day=yesterday")).status_code == 422
    async with site.signed_in("other_regulator") as other:
        assert account not in (await other.get(path)).text
        assert await rows_of(other, f"{path}&format=csv") == []


async def test_an_account_says_through_which_day_the_bank_agrees(site: Site) -> None:
    number = site.town.new("agreed")
    account = await site.town.open_account(account_no=number)
    said = {"statement_id": site.town.new("statement"), "statement_on": TODAY.isoformat()}
    await site.town.post("bank", "/v1/statements", said | {"balances": [{"account_no": number, "balance_fen": 0}]})
    await site.town.catch_up()
    await site.town.post("regulator", f"/v1/accounts/{account}/reconciliation", {"on": TODAY.isoformat()})
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor, site.signed_in("institution") as own:
        for page in ("", "/history", "/events/1", "/as-of", "/wind-down"):
            answer = await visitor.get(f"/regulator/accounts/{account}{page}")
            assert f"银行已对账至{TODAY}，此后现金无变动。" in answer.text, page
        assert f"银行已对账至{TODAY}" in (await own.get(f"/institution/accounts/{account}")).text
        await site.town.post("bank", "/v1/deposits", site.town.deposit(700, account_no=number))
        await site.town.catch_up()
        answer = await visitor.get(f"/regulator/accounts/{account}")
        assert f"银行已对账至{TODAY}，此后的现金变动尚未经银行核对。" in answer.text
        assert "7.00" in answer.text.split('role="img"')[1].split(">")[0]


async def test_lists_are_taken_along_as_they_are_filtered(site: Site) -> None:
    account = await site.town.open_account(account_no=site.town.new("along"), institution_id="i-along")
    minimum = {"amount_fen": 100_000, "reason": "size"}
    await site.town.post("regulator", f"/v1/accounts/{account}/minimum-balance", minimum)
    await site.town.post("regulator", "/v1/cases", {"about_account_id": account, "kind": "clue", "reason": "=cmd()"})
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        (one,) = await rows_of(visitor, "/regulator/accounts?q=i-along&format=csv")
        assert (one["account_id"], one["cash_fen"], one["cover_fen"]) == (account, "0", "0")
        raised = await rows_of(visitor, "/regulator/alerts?rule=balance.below_minimum&format=csv")
        assert account in {one["account_id"] for one in raised}
        assert "'=cmd()" in {one["reason"] for one in await rows_of(visitor, "/regulator/cases?kind=clue&format=csv")}
        history = await rows_of(visitor, f"/regulator/accounts/{account}/history?format=csv")
        assert [one["version"] for one in history][:2] == ["1", "2"]
        assert history[0]["topic"] == "account.opened"
        assert "i-along" in history[0]["told"]
        assert history[0]["recorded_at"].endswith("+08:00")
        told = (await visitor.get(f"/regulator/accounts/{account}/history")).text
        assert history[0]["told_zh"] in unescape(told)
        assert "监管部门 regulator" in visitor.text()
        for form in ("xlsx", "parquet"):
            for path in ("/regulator/accounts", "/regulator/alerts", "/regulator/cases", "/breaks"):
                assert (await visitor.get(f"{path}?format={form}")).status_code == 200
                assert (await other.get(f"{path}?format={form}")).status_code == 200  # of no row
        for path in ("accounts", "alerts", "cases", "suspense", "rectifications"):
            assert await rows_of(other, f"/regulator/{path}?format=csv") == []
        assert (await other.get(f"/regulator/accounts/{account}/history?format=csv")).status_code == 404


async def test_a_receipt_in_suspense_is_matched_as_suggested_or_sent_back(site: Site) -> None:
    contract_id = await site.town.sign()
    first, second = await site.town.suspense(10_000), await site.town.suspense(20_000)
    await site.town.catch_up()
    path = f"/regulator/suspense/{first}"
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        assert first in (await visitor.get("/regulator/suspense")).text
        assert first not in (await visitor.get("/regulator/suspense?age=7")).text
        assert first not in (await other.get("/regulator/suspense")).text
        suggested = await visitor.get(path)
        assert f'name="contract_id" value="{contract_id}"' in suggested.text
        form = {"contract_id": contract_id, "amount": "100", "reason": "家长来电"}
        assert (await other.post(f"{path}/match", **form, form_key="k")).status_code == 404
        done = await visitor.post(f"{path}/match", **form)
        assert "已匹配到合同。" in done.text
        assert "已匹配" in done.text
        again = await visitor.post(f"{path}/match", **form, form_key="again")
        assert again.status_code != 200
        await visitor.get(f"/regulator/suspense/{second}")
        back = await visitor.post(f"/regulator/suspense/{second}/return", reason="无人认领")
        assert "已指令银行退回。" in back.text
        assert "退回中" in back.text
        for page in (path, f"/regulator/suspense/{second}", "/regulator/suspense/none"):
            assert (await other.get(page)).status_code == 404


async def test_a_receipt_in_suspense_is_matched_to_a_transfer_on_its_way(site: Site) -> None:
    town = site.town
    account_id, contract_id, choice = await offered(town)
    await town.post("parent", f"/v1/contracts/{contract_id}/continuity", choice)
    await town.post("regulator", f"/v1/accounts/{account_id}/wind-down/distributions", {})
    await town.catch_up()
    [claim] = (await town.get("parent", f"/v1/accounts/{account_id}/claims"))["items"]
    suspense_id = await town.suspense(10_000)
    await town.catch_up()
    path = f"/regulator/suspense/{suspense_id}"
    async with site.signed_in("regulator") as visitor:
        page = await visitor.get(path)
        assert "在途转移款" in page.text
        _, _, form = page.text.partition(f'name="contract_id" value="{claim["to_contract_id"]}"')
        transfer_id = re.findall('name="transfer_id" value="(.*?)"', form)[0]
        assert transfer_id
        said = {
            "contract_id": claim["to_contract_id"],
            "transfer_id": transfer_id,
            "amount": "100",
            "reason": "银行来电",
        }
        done = await visitor.post(f"{path}/match", **said)
        assert "已匹配到合同。" in done.text
    await town.catch_up()
    balance = await town.get("regulator", f"/v1/accounts/{town.account_id}/balance")
    assert balance["in_transit_fen"] == 0


async def test_an_order_is_approved_or_declined_by_a_second_person(site: Site) -> None:
    first, second = await site.awaiting(), await site.awaiting()
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        waiting = await visitor.get("/regulator/orders")
        assert waiting.text.count("机构 institution") >= 2, "the maker"
        assert first not in (await other.get("/regulator/orders")).text
        assert (await other.post(f"/regulator/orders/{first}/approval", form_key="k")).status_code == 404
        assert (await other.post(f"/regulator/orders/{first}/decline", reason="r", form_key="k")).status_code == 404
        done = await visitor.post(f"/regulator/orders/{first}/approval", form_key="a")
        assert "指令已批准。" in done.text
        assert f"/regulator/orders/{first}/approval" not in done.text
        declined = await visitor.post(f"/regulator/orders/{second}/decline", reason="账户不符", form_key="d")
        assert "指令已否决" in declined.text
        twice = await visitor.post(f"/regulator/orders/{first}/approval", form_key="b")
        assert "instruction_not_awaiting" in twice.text
        await visitor.get("/regulator/orders?state=approved")
        assert "监管部门 regulator · " in visitor.text(), "the checker"


async def test_ordered_refunds_are_summed_up_by_district(site: Site) -> None:
    refund_id = await site.town.refund()
    contested = {"agree": False, "offered_fen": 1_000, "reason": "教材费"}
    await site.town.post("institution", f"/v1/refunds/{refund_id}/answer", contested)
    order = {"amount_fen": 4_000, "reason": "卷款"}
    await site.town.post("regulator", f"/v1/refunds/{refund_id}/order", order)
    await site.town.catch_up()
    day = TODAY.isoformat()
    (told,) = (await site.town.get("regulator", "/v1/ordered-refunds", first_on=day, last_on=day))["items"]
    assert told["ordered_fen"] > 0
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        assert yuan(told["ordered_fen"]) in (await visitor.get("/regulator/ordered-refunds")).text
        (row,) = await rows_of(visitor, "/regulator/ordered-refunds?format=csv")
        assert (row["district"], row["ordered_fen"], row["cleared_fen"]) == ("310104", str(told["ordered_fen"]), "0")
        before = (TODAY - timedelta(days=1)).isoformat()
        empty = await visitor.get(f"/regulator/ordered-refunds?first={before}&last={before}")
        assert "该期间没有责令清退。" in empty.text
        assert "该期间没有责令清退。" in (await other.get("/regulator/ordered-refunds")).text


async def test_rectifications_are_listed_with_their_answers(site: Site) -> None:
    account = site.town.account_id
    opened = {"about_account_id": account, "kind": "clue", "reason": "r"}
    case_id = (await site.town.post("regulator", "/v1/cases", opened))["case_id"]
    demands = {"demands": [{"item_id": "exit", "demand": "清空安全出口"}]}
    await site.town.post("regulator", f"/v1/cases/{case_id}/rectifications", demands)
    path = f"/v1/cases/{case_id}/rectifications/exit"
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        assert "清空安全出口" in (await visitor.get("/regulator/rectifications?institution=i-1")).text
        assert "清空安全出口" not in (await visitor.get("/regulator/rectifications?institution=i-2")).text
        assert "清空安全出口" not in (await visitor.get("/regulator/rectifications?show=overdue")).text
        assert "清空安全出口" not in (await other.get("/regulator/rectifications?show=all")).text
        await site.town.post("institution", f"{path}/answer", {"answer": "已清空"})
        await site.town.catch_up()
        assert "已清空" in (await visitor.get("/regulator/rectifications")).text
        await site.town.post("regulator", f"{path}/check", {"passed": True})
        await site.town.catch_up()
        assert "清空安全出口" not in (await visitor.get("/regulator/rectifications")).text
        assert "清空安全出口" in (await visitor.get("/regulator/rectifications?show=all")).text


async def test_the_access_log_is_told_to_those_who_supervise(site: Site) -> None:
    account = await site.town.open_account(account_no=site.town.new("log"))
    await site.town.catch_up()
    page = f"/regulator/accounts/{account}"
    async with site.signed_in("regulator") as visitor:
        await visitor.get(page)
        await visitor.get(f"/regulator/accounts/{account.upper()}/history")
        seen = await visitor.get("/regulator/visits")
        assert f"{page}/history" in seen.text, "however the id was written"
        assert "regulator:regulator@310104" in seen.text
    async with site.signed_in("city") as city:
        await city.get(page)
        everything = await city.get("/regulator/visits?actor=institution:institution")
        assert everything.status_code == 200
        assert page in (await city.get("/regulator/visits")).text
    async with site.signed_in("other_regulator") as other:
        assert page not in (await other.get("/regulator/visits")).text
        assert (await other.get(f"/regulator/visits?account={account}")).status_code == 404
        assert (await other.get("/regulator/visits?before=x")).status_code == 200
    async with site.signed_in("regulator") as visitor:
        assert "regulator:city" not in (await visitor.get("/regulator/visits")).text
        who = await visitor.get(f"/regulator/visits?account={account}")
        assert "regulator:city" in who.text, "whoever looked at an account one supervises"


async def test_a_draw_is_announced_drawn_done_again_and_becomes_tasks(site: Site) -> None:
    await site.town.open_account(account_no=site.town.new("draw"), institution_id="i-drawn")
    await site.town.catch_up()
    form = {
        "district": "310104",
        "period": "2026Q3",
        "pack": "default",
        "draw_on": (TODAY + timedelta(days=1)).isoformat(),
        "draws": "2",
        "inspectors_each": "1",
        "inspectors": "o-1, o-2",
        "public_source": "福彩双色球次日开奖",
    }
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        await visitor.get("/regulator/inspections")
        wrong = await visitor.post("/regulator/inspections", **form | {"commitment": "x"}, form_key="w")
        assert "form_field_wrong" in wrong.text
        assert (await other.post("/regulator/inspections", **form, form_key="k")).status_code == 403
        await visitor.get("/regulator/inspections")
        announced = await visitor.post("/regulator/inspections", **form)
        path = str(announced.url.path)
        assert "抽查名单已公示。" in announced.text
        assert f'action="{path}/draw"' not in announced.text, "not before its day"
        assert f"{TODAY + timedelta(days=1)}起可抽取。" in announced.text
        assert "基数 1, 名单 正常 1" in visitor.text()
        early = await visitor.post(f"{path}/draw", public_value="03 07 12", form_key="early")
        assert "draw_too_early" in early.text
        site.town.clock.go_to(TODAY + timedelta(days=1))
        await visitor.get(path)
        drawn = await visitor.post(f"{path}/draw", public_value="03 07 12")
        assert "已按公布的清单与种子重新抽取，结果一致。" in drawn.text
        record = await visitor.get(f"{path}/record.json")
        published = msgspec.json.decode(record.content, type=PublishedDraw)
        assert faults_of(published) == []
        assert json.loads(record.content)["seed"] in drawn.text
        await visitor.get(path)
        opened = await visitor.post(f"{path}/tasks", due_on=(TODAY + timedelta(days=30)).isoformat())
        assert "检查任务已建立。" in opened.text
        assert opened.text.count('href="/regulator/cases/') >= len(published.sites) == 2
        assert f'action="{path}/tasks"' not in opened.text, "all of them are opened"
        assert "抽查" in (await visitor.get("/regulator/inspections?state=drawn")).text
        for page in (path, f"{path}/record.json", "/regulator/inspections/none"):
            assert (await other.get(page)).status_code == 404
        assert (await other.post(f"{path}/draw", public_value="1", form_key="k")).status_code == 404
        assert (await other.post(f"{path}/tasks", form_key="k")).status_code == 404
        assert path not in (await other.get("/regulator/inspections")).text


async def test_a_case_tells_what_was_decided_and_what_the_account_refused(site: Site) -> None:
    town = site.town
    account_id = await town.open_account(account_no=town.new("case"))
    case_id = await case(town, about_account_id=account_id)
    freeze = {"action": "freeze", "scope": "payouts", "reason": "体外收费"}
    await town.post("regulator", f"/v1/cases/{case_id}/actions", freeze)
    order = {"action": "order_refund", "refund_id": "nobody", "amount_fen": 123_400, "reason": "清退"}
    assert (await town.call("regulator", "POST", f"/v1/cases/{case_id}/actions", body=order)).status_code == 404
    agreed = {"agreed": True, "terms": "退一半", "amount_fen": 56_700}
    await town.post("regulator", f"/v1/cases/{case_id}/mediation", agreed)
    await town.catch_up()
    async with site.signed_in("regulator") as visitor:
        await visitor.get(f"/regulator/cases/{case_id}")
        assert "冻结 拨付 已执行 体外收费 监管部门 regulator" in visitor.text()
        assert "责令退费 1,234.00 元 账户拒绝 清退" in visitor.text()
        assert "调解达成一致：567.00元 · 退一半" in visitor.text()
