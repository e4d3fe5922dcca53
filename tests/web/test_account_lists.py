"""Pages of accounts with long lists: everything is reached, and the day of a reconciliation is one that has figures."""

import re
from datetime import timedelta
from html import unescape

import pytest

from api.web.regulator.accounts import MOST
from tests.api.town import TODAY
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio


async def test_every_contract_is_reached_from_its_account(site: Site) -> None:
    for _ in range(MOST + 1):
        await site.town.sign()
    refund_id = await site.town.refund()
    await site.town.catch_up()
    path = f"/regulator/accounts/{site.town.account_id}"
    async with site.signed_in("regulator") as visitor:
        first = await visitor.get(path)
        more = await visitor.get(
            unescape(re.findall(r'class="pager"><a class="button quiet" href="(.*?)"', first.text)[0])
        )
        listed = (await site.town.get("institution", "/v1/contracts", limit=500))["items"]
        assert len(listed) > MOST
        assert [one for one in listed if f">{one['contract_no']}</th>" not in first.text + more.text] == []
        refund = await site.town.get("regulator", f"/v1/refunds/{refund_id}")
        (asked,) = [one for one in listed if one["contract_id"] == refund["contract_id"]]
        assert f"<span>{asked['contract_no']} · " in first.text, "whose refund it is"


async def test_the_reconciliation_shown_first_is_of_a_day_that_was_compared(site: Site) -> None:
    town = site.town
    number = town.new("latest")
    account = await town.open_account(account_no=number)
    said = {"statement_id": town.new("statement"), "statement_on": TODAY.isoformat()}
    await town.post("bank", "/v1/statements", said | {"balances": [{"account_no": number, "balance_fen": 0}]})
    await town.post("regulator", f"/v1/accounts/{account}/reconciliation", {"on": TODAY.isoformat()})
    await town.catch_up()
    town.clock.go_to(TODAY + timedelta(days=1))
    async with site.signed_in("regulator") as visitor, site.signed_in("other_regulator") as other:
        await visitor.get("/regulator/reconciliation")
        assert f"{TODAY}对账" in visitor.text()
        assert "已对平" in visitor.text()
        overview = await visitor.get("/regulator")
        assert f'href="/regulator/reconciliation?day={TODAY}">最近一次与银行对账：{TODAY}' in overview.text
        await other.get("/regulator/reconciliation")
        assert f"{TODAY + timedelta(days=1)}对账" in other.text(), "no account of theirs was compared"
        assert "尚未与银行对账。" in (await other.get("/regulator")).text
