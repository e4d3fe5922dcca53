"""A bank's pages: a file checked and recorded, orders put into a message once, breaks, and other banks' rows."""

from typing import Any

import pytest

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
        assert "已指派" in (await visitor.post(f"{path}/assignment", assignee="officer-1")).text
        await visitor.get(path)
        done = await visitor.post(f"{path}/resolution", reason="银行来函说明", link="letter-1")
        assert "差异已说明" in done.text
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(path)).status_code == 404


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
