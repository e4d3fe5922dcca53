"""Small conveniences: a refused form is there again as it was filled in; following the ledger is no visit."""

import pytest

from tests.web.browser.conftest import Tabs

pytestmark = pytest.mark.anyio


async def test_what_was_typed_is_there_again(tabs: Tabs) -> None:
    await tabs.site.town.catch_up()
    tab = await tabs.open("desktop")
    await tab.enter("regulator")
    path = f"/regulator/accounts/{tabs.site.town.account_id}"
    await tab.go(path)
    form = tab.page.locator("form[action$=minimum-balance]")
    await form.evaluate("form => form.closest('details').open = true")
    await form.locator("[name=amount]").fill("12,3x")
    await form.locator("[name=reason]").fill("规模")
    await tab.press("form[action$=minimum-balance] button")
    assert await tab.page.locator("[role=alert]").count() == 1
    await tab.press("main a[data-back]")
    assert tab.page.url.endswith(path)
    assert await form.locator("[name=reason]").input_value() == "规模"
    assert await form.locator("[name=amount]").input_value() == "12,3x"
    assert await form.is_visible()
    await form.locator("[name=amount]").fill("500")
    await tab.press("form[action$=minimum-balance] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await tab.go(path)
    assert await form.locator("[name=reason]").input_value() == ""


async def test_following_what_happens_is_no_visit(tabs: Tabs) -> None:
    tab = await tabs.open("desktop")
    await tab.enter("regulator")
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/live")):
        await tab.go("/regulator/alerts")
    await tab.go("/regulator/visits")
    told = await tab.page.locator("main tbody").inner_text()
    assert "/regulator/alerts" in told
    assert "/live" not in told
