"""A regulator's pages: rankings and their files, alerts to work on, cases, an account now and then, other districts."""

import io
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import python_calamine

from api.web.exports import exported
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio
TABLE = (("name", "amount_fen"), [("=cmd()", 5), ("@x", -5), ("好", 2**53 - 1)])


async def test_an_alert_is_acknowledged_assigned_silenced_and_resolved(site: Site) -> None:
    account = await site.town.open_account(account_no=site.town.new("alert"))
    minimum = {"amount_fen": 100_000, "reason": "size"}
    await site.town.post("regulator", f"/v1/accounts/{account}/minimum-balance", minimum)
    await site.town.catch_up()
    (raised,) = (await site.town.get("regulator", "/v1/alerts", account_id=account))["items"]
    path = f"/regulator/alerts/{raised['alert_id']}"
    async with site.signed_in("regulator") as visitor:
        overview = (await visitor.get("/regulator")).text
        assert "低于最低余额" in overview
        assert "已检查机构" in overview
        assert 'href="/regulator/alerts?rule=balance.below_minimum&amp;severity=red&amp;state=raised"' in overview
        listed = (await visitor.get("/regulator/alerts?rule=balance.below_minimum")).text
        assert "现金0.00元低于最低余额1,000.00元，差1,000.00元。" in listed
        assert f'<a href="/regulator/accounts/{account}">i-1</a>' in listed
        assert (
            f"{raised['alert_id']},{account},i-1,balance.below_minimum"
            in (await visitor.get("/regulator/alerts?format=csv")).text
        )
        seen = (await visitor.get(path)).text
        assert f'<a href="/regulator/accounts/{account}">i-1</a>' in seen
        assert "账户最低余额" in seen
        assert "minimum_fen" not in seen
        assert "已知悉。" in (await visitor.post(f"{path}/acknowledgement")).text
        assert "alert_acknowledged" in (await visitor.post(f"{path}/acknowledgement", form_key="again")).text
        await visitor.get(path)
        assert "交由officer-7" in (await visitor.post(f"{path}/assignment", assignee="officer-7")).text
        await visitor.get(path)
        silenced = (await visitor.post(f"{path}/silence", until="2026-09-10", reason="补足中")).text
        assert "已静默。" in silenced
        assert "至2026-09-10" in silenced
        await visitor.get(path)
        done = await visitor.post(f"{path}/resolution", reason="已核实")
        assert "已解除。" in done.text
        assert "已核实" in done.text
        assert "监管部门 regulator" in visitor.text()
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.post(f"{path}/resolution", reason="mine", form_key="k")).status_code == 404


async def test_a_case_is_opened_worked_on_and_closed(site: Site) -> None:
    account = site.town.account_id
    async with site.signed_in("regulator") as visitor:
        await visitor.get(f"/regulator/accounts/{account}")
        opened = await visitor.post("/regulator/cases", account_id=account, kind="clue", reason="群众举报体外收费")
        path = str(opened.url.path)
        assert path.startswith("/regulator/cases/")
        assert "群众举报体外收费" in opened.text
        await visitor.post(f"{path}/note", note="已约谈")
        await visitor.get(path)
        assert "o-1, o-2" in (await visitor.post(f"{path}/officers", officers="o-1，o-2")).text
        begun = await visitor.get(path)
        assert '<option value="investigation">' not in begun.text, "it is running"
        assert '<option value="decision">' in begun.text
        nowhere = await visitor.post(f"{path}/transfer", to_handler="no where", reason="归口")
        assert (nowhere.status_code, "“承办部门代码" in nowhere.text) == (422, True)
        await visitor.get(path)
        await visitor.post(f"{path}/steps/1/end", note="属实")
        await visitor.get(path)
        moved = await visitor.post(f"{path}/transfer", to_handler="310104/sports", reason="归口")
        assert "310104/sports" in moved.text
        closed = await visitor.post(f"{path}/closing", outcome="resolved", reason="已整改")
        assert "案件已办结" in closed.text
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(path)).status_code == 404


async def test_an_account_now_then_and_why(site: Site) -> None:
    account = site.town.account_id
    contract_id = await site.town.paid_contract(10_000)
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor:
        await visitor.get(f"/regulator/accounts/{account}/history")
        assert "account.fee_paid" in visitor.text()
        assert "现金 100.00 未消课 100.00" in visitor.text().replace("\xa0", " ")
        newest = (await site.town.get("regulator", f"/v1/accounts/{account}"))["version"]
        told = await visitor.get(f"/regulator/accounts/{account}/events/{newest}")
        assert f'href="/regulator/accounts/{account}/history?before={newest}">i-1</a>' in told.text, "the way back"
        number = (await site.town.get("institution", f"/v1/contracts/{contract_id}"))["contract_no"]
        assert f"未消课 {number} 100.00" in visitor.text(), "whose it is"
        assert f"合同{number}的学费100.00 元到账" in visitor.text()
        await visitor.get(f"/regulator/accounts/{account}/history")
        assert f"合同{number}的学费100.00 元到账" in visitor.text()
        event = await visitor.get(f"/regulator/accounts/{account}/events/1")
        assert "account.opened" in event.text
        await visitor.get(f"/regulator/accounts/{account}/as-of?first=2026-09-01&second=2026-09-01")
        assert "0.00" in visitor.text()
        effective = await visitor.get(f"/regulator/accounts/{account}/as-of?kind=effective&first=2026-09-01")
        assert effective.status_code == 200
        assert (await visitor.get(f"/regulator/accounts/{account}/as-of?first=yesterday")).status_code == 422
        for number in ("0", "99999", "-1", "x"):
            assert (await visitor.get(f"/regulator/accounts/{account}/events/{number}")).status_code == 404
        assert (await visitor.get(f"/regulator/accounts/{account}/history?before=x")).status_code == 200
    async with site.signed_in("other_regulator") as other:
        for page in ("", "/history", "/events/1", "/as-of"):
            assert (await other.get(f"/regulator/accounts/{account}{page}")).status_code == 404


async def test_a_freeze_is_recorded_and_ended(site: Site) -> None:
    account = await site.town.open_account(account_no=site.town.new("freeze"))
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor:
        await visitor.get(f"/regulator/accounts/{account}")
        frozen = await visitor.post(f"/regulator/accounts/{account}/freeze", scope="payouts", reason="调查")
        assert "账户已冻结" in frozen.text
        assert "已冻结: 拨付" in visitor.text()
        assert '/freeze" data-confirm' in frozen.text
        to_freeze, to_end = frozen.text.split('/unfreeze"')
        assert '<option value="payouts">' not in to_freeze, "that is frozen already"
        assert '<option value="payouts">' in to_end
        assert '<option value="normal"' not in frozen.text, "that is what it is"
        ended = await visitor.post(f"/regulator/accounts/{account}/unfreeze", scope="payouts", reason="查清")
        assert "账户已解冻" in ended.text
        await visitor.get(f"/regulator/accounts/{account}")
        fixed = await visitor.post(f"/regulator/accounts/{account}/minimum-balance", amount="500", reason="规模")
        assert "最低余额已设定" in fixed.text
        await visitor.get(f"/regulator/accounts/{account}")
        listed = await visitor.post(f"/regulator/accounts/{account}/listing", listing="watch", reason="投诉多")
        assert "重点关注" in listed.text
    async with site.signed_in("other_regulator") as other:
        refused = await other.post(f"/regulator/accounts/{account}/freeze", scope="all", reason="r", form_key="k")
        assert refused.status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet"])
async def test_a_ranking_is_taken_along_as_it_is_seen(site: Site, form: str) -> None:
    await site.town.paid_contract()
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor:
        seen = await visitor.get("/regulator/districts")
        assert "310104" in seen.text
        for measure in ("敞口（元）", "对账差异"):
            assert f'scope="col">{measure}</th>' in seen.text, "what it is ranked by is shown"
        assert 'scope="col">敞口（元）</th>' in (await visitor.get("/regulator/institutions?by=exposure_fen")).text
        taken = await visitor.get(f"/regulator/districts?format={form}")
        assert taken.status_code == 200
        assert taken.headers["content-disposition"] == f'attachment; filename="districts.{form}"'
        assert (await visitor.get(f"/regulator/institutions?format={form}")).status_code == 200
        assert (await visitor.get("/regulator/institutions?month=2026-13")).status_code == 422


def test_nothing_in_a_file_is_a_formula(tmp_path: Path) -> None:
    csv = bytes(exported("t", *TABLE, "csv").body).decode("utf-8-sig").splitlines()
    assert csv == ["name,amount_fen", "'=cmd(),5", "'@x,-5", f"好,{2**53 - 1}"]
    xlsx = bytes(exported("t", *TABLE, "xlsx").body)
    assert b"<f>" not in xlsx
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(xlsx))
    assert book.get_sheet_by_index(0).to_python()[1] == ["=cmd()", 5]
    path = tmp_path / "t.parquet"
    path.write_bytes(bytes(exported("t", *TABLE, "parquet").body))
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT * FROM '{path}'").fetchall() == TABLE[1]


def test_an_instant_is_told_by_chinas_clock_and_kept_exactly(tmp_path: Path) -> None:
    at = datetime(2026, 9, 1, 16, 30, 0, 5, UTC)
    assert b"2026-09-02T00:30:00.000005+08:00" in bytes(exported("t", ["at"], [(at,)], "csv").body)
    xlsx = bytes(exported("t", ["at"], [(at,)], "xlsx").body)
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(xlsx))
    assert book.get_sheet_by_index(0).to_python()[1] == ["2026-09-02T00:30:00.000005+08:00"]
    path = tmp_path / "t.parquet"
    path.write_bytes(bytes(exported("t", ["at"], [(at,)], "parquet").body))
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT * FROM '{path}'").fetchall()[0][0].astimezone(UTC) == at


def test_the_same_table_is_the_same_file() -> None:
    for form in ("csv", "xlsx", "parquet"):
        assert exported("t", *TABLE, form).body == exported("t", *TABLE, form).body
