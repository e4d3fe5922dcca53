"""Small conveniences: the search key, the slider, whole tables on paper; and following the ledger is no visit."""

import io
from datetime import timedelta

import pytest
from pypdf import PdfReader

from tests.api.town import TODAY
from tests.web.browser.conftest import Tabs
from tests.web.browser.test_stories import looks_right

pytestmark = pytest.mark.anyio


async def test_following_what_happens_is_no_visit(tabs: Tabs) -> None:
    tab = await tabs.open("desktop")
    await tab.enter("regulator")
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/live")):
        await tab.go("/regulator/alerts")
    await tab.go("/regulator/visits")
    told = await tab.page.locator("main tbody").inner_text()
    assert "/regulator/alerts" in told
    assert "/live" not in told


@pytest.mark.parametrize(("who", "path", "search"), [("regulator", "/regulator", "q"), ("bank", "/bank", "reference")])
async def test_the_search_key_leads_to_a_search_box_from_anywhere(tabs: Tabs, who: str, path: str, search: str) -> None:
    tab = await tabs.open("desktop")
    await tab.enter(who)
    await tab.go(path)
    async with tab.page.expect_navigation(wait_until="load"):
        await tab.page.keyboard.press("/")
    assert await tab.page.evaluate("document.activeElement.name") == search
    await tab.page.keyboard.type("x/y")
    assert await tab.page.locator(f"[name={search}]").input_value() == "x/y"


async def test_a_printed_ranking_has_all_its_columns_and_no_controls(tabs: Tabs) -> None:
    await tabs.site.town.paid_contract()
    await tabs.site.town.catch_up()
    tab = await tabs.open("desktop")
    await tab.enter("regulator")
    for path in ("/regulator/institutions", "/regulator/districts"):
        await tab.go(path)
        printed = PdfReader(io.BytesIO(await tab.page.pdf(format="A4")))
        assert printed.pages[0].extract_text().replace("\n", "").count("逾期") >= 1, path
        await tab.page.emulate_media(media="print")
        await tab.page.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins
        assert await tab.fits(), (path, await tab.page.evaluate("document.documentElement.scrollWidth"))
        await tab.page.set_viewport_size({"width": 1280, "height": 900})
    await tab.go(f"/regulator/accounts/{tabs.site.town.account_id}")
    for words in ("监管措施", "设定最低余额", "快捷键"):
        assert not await tab.page.get_by_text(words, exact=True).first.is_visible(), words
    assert await tab.page.get_by_text("数据截至").is_visible()


async def test_a_slider_goes_through_the_days_of_an_account(tabs: Tabs, axe_script: str) -> None:
    town = tabs.site.town
    await town.paid_contract(10_000)
    await town.catch_up()
    town.clock.go_to(TODAY + timedelta(days=9))
    tab = await tabs.open("desktop")
    await tab.enter("regulator")
    await tab.go(f"/regulator/accounts/{town.account_id}/as-of?kind=effective")
    slider = tab.page.get_by_role("slider")
    assert await slider.get_attribute("aria-valuetext") == (TODAY + timedelta(days=9)).isoformat()
    await slider.focus()
    async with tab.page.expect_navigation(wait_until="domcontentloaded"):
        await tab.page.keyboard.press("ArrowLeft")
    assert f"second={TODAY + timedelta(days=8)}" in tab.page.url
    assert "kind=effective" in tab.page.url
    assert await tab.page.locator("[name=second]").input_value() == (TODAY + timedelta(days=8)).isoformat()
    await looks_right(tab, axe_script)
