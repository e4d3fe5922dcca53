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
