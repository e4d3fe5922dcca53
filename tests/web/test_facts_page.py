"""A regulator records what a registry or an inspection saw at an institution, and the rules judge by it."""

import pytest

from tests.api.town import TODAY
from tests.web.site_over import Site

pytestmark = pytest.mark.anyio
SEEN = {"seen_on": TODAY.isoformat(), "source": "register 310104-77"}


async def test_facts_are_recorded_shown_in_their_units_and_judged(site: Site) -> None:
    town = site.town
    account_id, _ = await town.under("national")
    await town.catch_up()
    path = f"/regulator/accounts/{account_id}/facts"
    async with site.signed_in("regulator") as visitor:
        assert path in (await visitor.get(f"/regulator/accounts/{account_id}")).text
        assert "尚未记录" in (await visitor.get(path)).text
        for form in (
            {"kind": "legal_person_changed"},
            {"kind": "capital_cut", "before": "1,000,000", "value": "100000.50"},
            {"kind": "teachers_left", "before": "12", "value": "7"},
            {"kind": "promotion_spike", "value": "62.5"},
            {"kind": "head_count", "value": "30"},
        ):
            done = await visitor.post(path, **form, **SEEN, form_key=town.new("k"))
            assert "该事实已记录" in done.text
        text = visitor.text()
        assert "注册资本减少 1,000,000.00 100,000.50 register 310104-77" in text
        assert "教师离职 12 7" in text
        assert "促销异常 — 62.50%" in text
        assert "法定代表人变更 — — register 310104-77" in text
    await town.catch_up()
    alerts = await town.get("regulator", "/v1/alerts", account_id=account_id)
    assert {one["rule"] for one in alerts["items"]} == {"institution.runaway", "fee.off_book"}


@pytest.mark.parametrize(
    ("form", "code", "told"),
    [
        ({"kind": "teachers_left", "before": "7", "value": "7"}, "fact_wrong", "须小于原值"),
        ({"kind": "head_count", "value": "many"}, "form_field_wrong", "“现场学员人数”填写有误"),
        ({"kind": "head_count", "value": ""}, "form_field_missing", "请填写“现场学员人数”"),
        ({"kind": "capital_cut", "before": "5", "value": "1.234"}, "form_amount_wrong", "“现注册资本（元）”须为"),
        ({"kind": "promotion_spike", "value": "62.5", "seen_on": "soon"}, "form_field_wrong", "“日期”填写有误"),
        ({"kind": "earthquake"}, "form_field_wrong", "填写有误"),
    ],
)
async def test_a_fact_that_makes_no_sense_is_refused_on_its_own_form(
    site: Site, form: dict[str, str], code: str, told: str
) -> None:
    before = await site.town.heads()
    path = f"/regulator/accounts/{site.town.account_id}/facts"
    async with site.signed_in("regulator") as visitor:
        await visitor.get(path)
        answer = await visitor.post(path, **SEEN | form)
        assert answer.status_code == 422
        assert code in answer.text
        assert told in visitor.text()
        assert 'value="register 310104-77"' in answer.text
    assert await site.town.heads() == before


@pytest.mark.parametrize(("who", "status"), [("institution", 403), ("bank", 403), ("other_regulator", 404)])
async def test_nobody_else_records_a_fact(site: Site, who: str, status: int) -> None:
    path = f"/regulator/accounts/{site.town.account_id}/facts"
    before = await site.town.heads()
    async with site.signed_in(who) as visitor:
        assert (await visitor.get(path)).status_code == status
        answer = await visitor.post(path, kind="head_count", value="3", form_key="k", **SEEN)
        assert answer.status_code == status
    assert await site.town.heads() == before
