"""A regulator records opening hours, rooms and timetables, by which lessons and fees are then judged."""

import pytest

from tests.web.site_over import Site

pytestmark = pytest.mark.anyio
HOURS = {"opens_at": "08:00", "closes_at": "20:30"}


async def test_hours_and_rooms_are_recorded_shown_and_judge_lessons(site: Site) -> None:
    town = site.town
    account_id, contract_id = await town.under("default")
    await town.catch_up()
    path = f"/regulator/accounts/{account_id}/premises"
    async with site.signed_in("regulator") as visitor:
        assert "尚未记录" in (await visitor.get(path)).text
        done = await visitor.post(path, **HOURS, rooms="A101 12\r\n\r\n音乐室，8\r\n", form_key=town.new("k"))
        assert "营业时间与教室已记录" in done.text
        assert "08:00 – 20:30" in visitor.text()
        assert "A101 12, 音乐室 8" in visitor.text()
        assert "A101 12\n音乐室 8\n</textarea>" in done.text, "the next change begins with what is there"
        late = {"starts_at": "2026-08-31T12:45:00Z", "taught_on": "2026-08-31"}  # 20:45 in China
        await town.post("institution", "/v1/lessons", town.lesson(contract_id, account_id=account_id, **late))
        await town.catch_up()
        alerts = await town.get("regulator", "/v1/alerts", account_id=account_id)
        assert [one["rule"] for one in alerts["items"]] == ["lesson.impossible"]


@pytest.mark.parametrize(
    ("form", "code"),
    [
        (HOURS | {"rooms": "A101"}, "form_line_wrong"),
        (HOURS | {"rooms": "A101 12\nA101 13"}, "form_line_wrong"),
        (HOURS | {"rooms": "A101 many"}, "form_field_wrong"),
        (HOURS | {"rooms": "A101 0"}, "form_field_wrong"),
        (HOURS | {"opens_at": "8am", "rooms": ""}, "form_field_wrong"),
        (HOURS | {"opens_at": "21:00", "rooms": ""}, "premises_wrong"),
    ],
)
async def test_hours_and_rooms_that_make_no_sense_are_refused(site: Site, form: dict[str, str], code: str) -> None:
    before = await site.town.heads()
    async with site.signed_in("regulator") as visitor:
        path = f"/regulator/accounts/{site.town.account_id}/premises"
        answer = await visitor.post(path, **form, form_key=site.town.new("k"))
        assert answer.status_code == 422
        assert code in answer.text
    assert await site.town.heads() == before


async def test_a_months_timetable_stands_beside_the_fees_of_the_month(site: Site) -> None:
    town = site.town
    account_id, _ = await town.under("default")
    await town.catch_up()
    path = f"/regulator/accounts/{account_id}"
    courses = "piano 24 480.00\nchess, 10, 0.5"
    async with site.signed_in("regulator") as visitor:
        page = await visitor.get(f"{path}/premises")
        assert 'value="2026-08"' in page.text
        assert "2026-09 — 100.00" in visitor.text()
        done = await visitor.post(f"{path}/timetables", month="2026-08", courses=courses, form_key=town.new("k"))
        assert "课表已记录" in done.text
        assert "2026-08 11,525.00 0.00" in visitor.text()
        for month, said, code in (
            ("2026-09", courses, "timetable_wrong"),
            ("2026-13", courses, "form_field_wrong"),
            ("2026-08", "piano 24", "form_line_wrong"),
            ("2026-08", "piano 24 4.805", "form_line_wrong"),
            ("2026-08", "piano x 4.80", "form_field_wrong"),
        ):
            refused = await visitor.post(f"{path}/timetables", month=month, courses=said, form_key=town.new("k"))
            assert (refused.status_code, code in refused.text) == (422, True), (month, said)


async def test_an_account_of_another_district_is_not_there(site: Site) -> None:
    path = f"/regulator/accounts/{site.town.account_id}"
    before = await site.town.heads()
    async with site.signed_in("other_regulator") as other:
        assert (await other.get(f"{path}/premises")).status_code == 404
        assert (await other.post(f"{path}/premises", **HOURS, rooms="", form_key="k-1")).status_code == 404
        said = {"month": "2026-08", "courses": "piano 1 1", "form_key": "k-2"}
        assert (await other.post(f"{path}/timetables", **said)).status_code == 404
    assert await site.town.heads() == before
