"""What anybody may look up about an institution, and that no balance is part of it."""

import pytest

from tests.web.site_over import Site

pytestmark = pytest.mark.anyio


async def test_anybody_sees_whether_an_institution_is_supervised_and_what_it_charges(site: Site) -> None:
    await site.town.paid_contract(9_876)
    notice = {
        "account_id": site.town.account_id,
        "course_id": "piano",
        "category": "arts",
        "unit_price_fen": 12_345,
        "period": "lesson",
        "minutes": 45,
        "valid_from": "2026-09-01",
    }
    await site.town.post("institution", "/v1/fee-notices", notice)
    await site.town.catch_up()
    async with site.visitor() as visitor:
        await visitor.get("/institutions?q=i-1")
        assert "受监管" in visitor.text()
        assert "110914000012345678" in visitor.text()
        assert "123.45" in visitor.text()
        assert "98.76" not in visitor.text()
        await visitor.get("/institutions?q=nobody")
        assert "未找到" in visitor.text()
        await visitor.get("/institutions?q=i")
        assert "110914000012345678" not in visitor.text()


async def test_blanks_around_what_is_looked_up_and_too_little_of_it_are_no_alarm(site: Site) -> None:
    async with site.visitor() as visitor:
        await visitor.get("/institutions?q=%20110914000012345678%20")
        assert "受监管" in visitor.text()
        await visitor.get("/institutions?q=1")
        assert "请至少输入2个字符" in visitor.text()
        assert "未找到" not in visitor.text()


async def test_nobody_is_told_to_pay_an_institution_that_closes_or_may_not_sign(site: Site) -> None:
    town = site.town
    closing, frozen = await town.open_account(account_no="771"), await town.open_account(account_no="772")
    notice = {"account_id": closing, "closes_on": "2026-12-31", "reason": "the lease ends"}
    await town.post("institution", "/v1/closures", notice)
    await town.post("regulator", f"/v1/accounts/{frozen}/freeze", {"scope": "contracts", "reason": "a look"})
    await town.catch_up()
    async with site.visitor() as visitor:
        for number, told in (("771", "已预告停办 · 最后营业日2026-12-31"), ("772", "暂停签约")):
            await visitor.get(f"/institutions?q={number}")
            assert told in visitor.text()
            assert "请勿再向该机构缴费" in visitor.text()
            assert "只向上述账户缴费" not in visitor.text()
            assert "受监管" not in visitor.text().split("查询 ")[-1]
