"""A bank's pages: a file checked and recorded, orders put into a message once, breaks, and other banks' rows."""

import re
from html import unescape
from typing import Any

import pytest

from api.web.bank.home import MOST
from ledger.projections import instructions
from tests.api.town import TODAY
from tests.web.site_over import FORM_KEY, HOST, Site, Visitor

pytestmark = pytest.mark.anyio


async def test_a_file_is_checked_entry_by_entry_before_it_is_recorded(site: Site) -> None:
    reference = site.town.new("file")
    content = (
        "bank_reference,account_no,amount_fen,currency,booked_on\n"
        f"{reference},110914000012345678,12345,CNY,{TODAY.isoformat()}\n"
        f"{reference}x,000,5,CNY,{TODAY.isoformat()}\n"
    ).encode()
    async with site.signed_in("bank") as visitor:
        before = await site.town.heads()
        checked = await _upload(visitor, content, "check")
        assert "仅检查，未入账" in checked.text
        assert "123.45" in checked.text
        assert "account_unknown" in checked.text or "account_not_found" in checked.text
        assert await site.town.heads() == before
        recorded = await _upload(visitor, content, "record")
        assert "已入账" in recorded.text
        after = await site.town.heads()
        assert sum(after.values()) == sum(before.values()) + 1
        again = await _upload(visitor, content, "record")
        assert "重复" in again.text
        assert await site.town.heads() == after


async def test_a_file_that_cannot_be_read_says_why(site: Site) -> None:
    async with site.signed_in("bank") as visitor:
        answer = await _upload(visitor, b"<?xml version='1.0'?><!DOCTYPE x><x/>", "record")
        assert answer.status_code == 422
        assert "请求编号" in answer.text
        none = await visitor.post("/bank/files", what="record", form_key="k")
        assert "form_field_missing" in none.text


async def test_orders_go_into_a_message_once_and_its_file_is_the_same_again(site: Site) -> None:
    await site.town.instruction()
    await site.town.catch_up()
    async with site.signed_in("bank") as visitor:
        await visitor.get("/bank/messages")
        made = await visitor.post("/bank/messages")
        assert "付款文件已生成" in made.text
        assert "可付指令0笔" in visitor.text()
        assert "生成付款文件" not in visitor.text(), "none is left for another message"
        path = made.text.split('href="/bank/messages/')[1].split('"')[0]
        first = await visitor.get(f"/bank/messages/{path}")
        second = await visitor.get(f"/bank/messages/{path}")
        assert first.content == second.content
        assert b"CstmrCdtTrfInitn" in first.content
        assert (await visitor.get(f"/bank/messages/{path}?format=csv")).status_code == 200
        await site.town.catch_up()
        await visitor.get("/bank/messages")
        refused = await visitor.post("/bank/messages", form_key="another")
        assert "payment_orders_not_found" in refused.text
    async with site.signed_in("other_bank") as other:
        assert (await other.get(f"/bank/messages/{path}")).status_code == 404


async def test_every_order_that_may_be_paid_is_reached_from_the_first_page(site: Site) -> None:
    made = {await site.town.instruction() for _ in range(MOST + 1)}
    unchecked = await site.awaiting()
    async with site.signed_in("bank") as visitor, site.signed_in("regulator") as checker:
        first = await visitor.get("/bank")
        assert "待第二人批准 1" in visitor.text()
        assert "110914000012345678" in first.text, "from which account it is paid"
        second = await visitor.get(_next(first.text))
        async with site.town.app.state.services.pool.connection() as connection:
            orders = await instructions.list_page(connection, limit=1_000)
        shown = first.text + second.text
        end_to_end = {one.instruction_id: one.end_to_end_id for one in orders}
        assert [one for one in made if end_to_end[one] not in shown] == []
        assert end_to_end[unchecked] not in shown
        await checker.post(f"/regulator/orders/{unchecked}/approval", form_key="ok")
        await site.town.catch_up()
        again = await visitor.get("/bank")
        assert "待第二人批准" not in again.text
        assert end_to_end[unchecked] in again.text + (await visitor.get(_next(again.text))).text
        await visitor.get("/bank/messages")
        await visitor.post("/bank/messages")
        await site.town.catch_up()
        await visitor.get("/bank")
        assert "没有待办指令" in visitor.text()
        assert int(re.findall("已导出，待回执 ([0-9]+)", visitor.text())[0]) >= len(made) + 1


async def test_the_next_page_of_accounts_is_of_the_same_search(site: Site) -> None:
    for number in range(MOST + 1):
        await site.town.open_account(account_no=f"77{number:04}")
    await site.town.open_account(account_no="88")
    await site.town.catch_up()
    async with site.signed_in("bank") as visitor:
        page = await visitor.get("/bank/accounts?q=77")
        rest = await visitor.get(_next(page.text))
        assert len(re.findall("<code>77", page.text + rest.text)) == MOST + 1
        assert "<code>88</code>" not in rest.text


async def test_breaks_are_listed_assigned_and_explained(site: Site) -> None:
    await site.town.paid_contract()
    await site.town.catch_up()
    account = site.town.account_id
    await site.town.post(
        "bank",
        "/v1/statements",
        {
            "statement_id": site.town.new("statement"),
            "statement_on": TODAY.isoformat(),
            "balances": [{"account_no": "110914000012345678", "balance_fen": 1}],
        },
    )
    await site.town.catch_up()
    await site.town.post("regulator", f"/v1/accounts/{account}/reconciliation", {"on": TODAY.isoformat()})
    await site.town.catch_up()
    async with site.signed_in("regulator") as visitor, site.signed_in("bank") as bank:
        listed = await visitor.get("/breaks")
        path = "/breaks/" + listed.text.split('href="/breaks/')[1].split('"')[0]
        assert (await bank.get(path)).status_code == 200
        assert (await bank.post(f"{path}/assignment", assignee="o", form_key="k")).status_code == 403
        await visitor.get(path)
        assert f'href="/regulator/accounts/{account}">i-1</a>' in listed.text
        assert "110914000012345678" in (await bank.get("/breaks")).text
        assert "已指派" in (await visitor.post(f"{path}/assignment", assignee="officer-1")).text
        assert "负责人 officer-1" in visitor.text()
        await visitor.get(path)
        done = await visitor.post(f"{path}/resolution", reason="银行来函说明", link="letter-1")
        assert "差异已说明" in done.text
        assert "监管部门 regulator 理由 银行来函说明 · 凭证 letter-1" in visitor.text()
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(path)).status_code == 404


def _next(page: str) -> str:
    """Where a list goes on."""
    return unescape(re.findall(r'class="pager"><a class="button quiet" href="(.*?)"', page)[0])


async def _upload(visitor: Visitor, content: bytes, what: str) -> Any:
    await visitor.get("/bank/files")
    assert visitor.last is not None
    found = FORM_KEY.search(visitor.last.text)
    assert found is not None
    return await visitor.http.post(
        "/bank/files",
        data={"what": what, "form_key": found.group(1)},
        files={"file": ("file.csv", content)},
        headers={"origin": HOST},
    )
