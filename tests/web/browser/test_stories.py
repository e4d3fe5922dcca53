"""Each audience's main story, on a phone and on a desk, in both languages."""

from datetime import timedelta

import pytest

from tests.api.case_routes import announced, rectification
from tests.api.fee_routes import fee_notice, proposed
from tests.api.town import TODAY
from tests.api.wind_down_routes import offered
from tests.web.browser.conftest import SIZES, Tab, Tabs

pytestmark = pytest.mark.anyio
LANGUAGES = ["zh", "en"]
AXE_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


async def looks_right(tab: Tab, axe_script: str) -> None:
    """No complaint, nothing sticking out, no violation that axe knows, Chinese drawn by a Chinese font."""
    where = tab.page.url
    assert tab.complaints == [], where
    assert await tab.fits(), where
    await tab.page.evaluate(axe_script)
    found = await tab.page.evaluate("rules => axe.run({runOnly: rules})", AXE_RULES)
    broken = [(one["id"], [node["html"][:160] for node in one["nodes"]]) for one in found["violations"]]
    assert broken == [], where
    if await tab.page.evaluate("document.documentElement.lang") == "zh-CN":
        fonts = await tab.han_fonts()
        assert any("CJK" in font or "SC" in font or "Hei" in font for font in fonts), (where, fonts)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_strangers_see_the_way_in(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    tab = await tabs.open(size, language)
    for path in ("/", "/sign-in", "/sign-in/family", "/institutions?q=i-1", "/institutions?q=nobody"):
        await tab.go(path)
        await looks_right(tab, axe_script)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_parent_asks_for_a_refund(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    contract_id, _ = await tabs.site.town.asked()
    await tabs.site.town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("parent")
    assert tab.page.url.endswith("/parent")
    await looks_right(tab, axe_script)
    await tab.go(f"/parent/contracts/{contract_id}")
    await looks_right(tab, axe_script)
    await tab.press("form[action$=confirmation] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await tab.press("a[href$=refund]")
    await looks_right(tab, axe_script)
    await tab.page.fill("textarea[name=reason]", "搬家")
    await tab.press("form.card button")
    assert "/parent/refunds/" in tab.page.url
    await looks_right(tab, axe_script)
    for path in ("/parent/refunds", "/parent/complaints", "/sessions"):
        await tab.go(path)
        await looks_right(tab, axe_script)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_an_institution_calls_the_roll(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    town = tabs.site.town
    await town.paid_contract()
    refund_id = await town.refund()
    await town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("institution")
    await looks_right(tab, axe_script)
    await tab.go("/institution/classes")
    await looks_right(tab, axe_script)
    await tab.go(f"/institution/accounts/{town.account_id}/classes/piano")
    await looks_right(tab, axe_script)
    await tab.page.evaluate("document.querySelectorAll('[name=present]').forEach((b, i) => b.checked = i == 0)")
    for path in (
        f"/institution/accounts/{town.account_id}",
        "/institution/refunds",
        f"/institution/refunds/{refund_id}",
        "/institution/contracts",
    ):
        await tab.go(path)
        await looks_right(tab, axe_script)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_regulator_looks_through_an_account(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    town = tabs.site.town
    await town.paid_contract()
    await town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("regulator")
    for path in (
        "/regulator",
        "/regulator/districts",
        "/regulator/institutions",
        "/regulator/accounts",
        "/regulator/alerts",
        "/regulator/cases",
        f"/regulator/accounts/{town.account_id}",
        f"/regulator/accounts/{town.account_id}/history",
        f"/regulator/accounts/{town.account_id}/events/1",
        f"/regulator/accounts/{town.account_id}/as-of?first=2026-09-01",
        f"/regulator/accounts/{town.account_id}/premises",
    ):
        await tab.go(path)
        for details in await tab.page.query_selector_all("main details"):
            await details.evaluate("part => part.open = true")
        await looks_right(tab, axe_script)
    await tab.page.keyboard.press("?")
    assert await tab.page.locator("dialog[open]").count() == 1
    await tab.page.keyboard.press("Escape")
    await tab.go("/regulator/accounts")
    await tab.page.keyboard.press("/")
    assert await tab.page.evaluate("document.activeElement.type") == "search"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("who", "paths"), [("bank", ("/bank", "/bank/accounts")), ("operator", ("/operator",))])
async def test_banks_and_operators_see_what_waits(
    tabs: Tabs, axe_script: str, size: str, who: str, paths: tuple[str, ...]
) -> None:
    await tabs.site.town.instruction()
    await tabs.site.town.catch_up()
    for language in LANGUAGES:
        tab = await tabs.open(size, language)
        await tab.enter(who)
        for path in paths:
            await tab.go(path)
            await looks_right(tab, axe_script)


@pytest.mark.parametrize("size", SIZES)
async def test_a_regulator_works_through_the_lists(tabs: Tabs, axe_script: str, size: str) -> None:
    town = tabs.site.town
    suspense_id = await town.suspense()
    case_id = await rectification(town)
    draw_id = await announced(town)
    await tabs.site.awaiting()
    for language in LANGUAGES:
        tab = await tabs.open(size, language)
        await tab.enter("regulator")
        for path in (
            "/regulator/inspections",
            f"/regulator/inspections/{draw_id}",
            "/regulator/rectifications",
            f"/regulator/cases/{case_id}",
            "/regulator/orders",
            "/regulator/suspense",
            f"/regulator/suspense/{suspense_id}",
            "/regulator/reconciliation",
            "/breaks",
            "/regulator/ordered-refunds",
            "/regulator/visits",
        ):
            await tab.go(path)
            await looks_right(tab, axe_script)


@pytest.mark.parametrize("size", SIZES)
async def test_a_bank_and_an_operator_at_their_desks(tabs: Tabs, axe_script: str, size: str) -> None:
    town = tabs.site.town
    receipt = town.deposit()
    await town.post("bank", "/v1/deposits", receipt)
    await town.call("bank", "POST", "/v1/deposits", body=receipt | {"amount_fen": 1})
    hook = {"url": f"http://127.0.0.1:9/{'long-' * 20}", "topics": ["instruction.*"]}
    endpoint_id = await town.webhook("bank", hook)
    await town.instruction()
    await town.catch_up()
    delivery_id = await town.delivery("bank", endpoint_id, dead=True)
    await town.post("city", "/v1/close-day", {"close_on": TODAY.isoformat()})
    await town.app.state.request_log.write()
    pages = {
        "bank": (
            f"/bank/entries?reference={receipt['bank_reference']}",
            "/bank/status",
            "/bank/webhooks",
            f"/bank/webhooks/{endpoint_id}",
            f"/bank/webhooks/{endpoint_id}/deliveries/{delivery_id}",
            "/bank/clients",
            "/bank/requests",
            "/bank/requests?outcome=refused",
            "/bank/requests?request=nothing-like-it",
        ),
        "operator": ("/operator", "/operator/upkeep", "/operator/requests", "/operator/installation"),
    }
    for language in LANGUAGES:
        for who, paths in pages.items():
            tab = await tabs.open(size, language)
            await tab.enter(who)
            for path in paths:
                await tab.go(path)
                await looks_right(tab, axe_script)


async def test_an_open_page_follows_what_happens(tabs: Tabs) -> None:
    town = tabs.site.town
    tab = await tabs.open("desktop")
    await tab.enter("institution")
    async with tab.page.expect_response(lambda answer: answer.url.endswith("/live")):
        await tab.go("/institution/refunds")
    before = await tab.page.locator("#refunds li a").count()
    await town.refund()
    await tab.page.wait_for_function(
        "before => document.querySelectorAll('#refunds li a').length > before", arg=before, timeout=20_000
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_an_institution_works_through_its_pages(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    town = tabs.site.town
    contract_id, lesson_id = await town.asked()
    await town.post("parent", f"/v1/lessons/{lesson_id}/dispute", {"contract_id": contract_id, "reason": "没有上课"})
    waiting, _ = await town.asked()
    await town.post("institution", "/v1/fee-notices", fee_notice(town))
    await rectification(town)
    account_id, paid = await town.under("default")
    await town.post("institution", "/v1/lessons", town.lesson(paid, account_id=account_id))
    await town.post("regulator", f"/v1/accounts/{account_id}/policy", {"pack": "national", "reason": "the law"})
    await town.post("institution", "/v1/payouts", {"account_id": account_id, "amount_fen": 500})
    noticed, _ = await town.under("guangzhou")
    proposal, _ = await proposed(town)
    await town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("institution")
    for path in (
        "/institution",
        "/institution/lessons",
        "/institution/lessons?state=disputed",
        "/institution/money",
        "/institution/fees",
        "/institution/rectifications",
        f"/institution/contracts/{waiting}",
        f"/institution/contracts/{proposal}",
        f"/institution/accounts/{noticed}",
        f"/institution/accounts/{noticed}/advance",
        f"/institution/accounts/{noticed}/closure",
        f"/institution/contracts/{await town.paid_contract()}",
    ):
        await tab.go(path)
        for details in await tab.page.query_selector_all("main details"):
            await details.evaluate("part => part.open = true")
        await looks_right(tab, axe_script)
    await tab.page.fill("form[action$=leave] [name=lesson_on]", (TODAY + timedelta(days=30)).isoformat())
    await tab.page.fill("form[action$=leave] [name=reason]", "生病")
    await tab.press("form[action$=leave] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await looks_right(tab, axe_script)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("size", SIZES)
async def test_a_parent_chooses_and_keeps_papers(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    town = tabs.site.town
    proposed_for, _ = await proposed(town)
    unwanted, _ = await proposed(town)
    _, closing, _ = await offered(town)
    refund_id = await town.refund()
    await town.post("institution", f"/v1/refunds/{refund_id}/answer", {"agree": True})
    await town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("parent")
    for path in ("/parent/claims", f"/parent/refunds/{refund_id}/receipt", f"/parent/contracts/{closing}"):
        await tab.go(path)
        await looks_right(tab, axe_script)
    await tab.go(f"/parent/contracts/{proposed_for}")
    await looks_right(tab, axe_script)
    await tab.press("a[href*=receipts]")
    await looks_right(tab, axe_script)
    assert await tab.page.locator("[data-print]").is_visible()
    tab.page.on("dialog", lambda dialog: dialog.accept())
    await tab.go(f"/parent/contracts/{unwanted}")
    await tab.page.click("main article details summary")
    await looks_right(tab, axe_script)
    await tab.press("form[action$=refusal] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await looks_right(tab, axe_script)
    await tab.go(f"/parent/contracts/{proposed_for}")
    await tab.press("form[action$=amendment] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await looks_right(tab, axe_script)
    await tab.go(f"/parent/contracts/{closing}")
    await tab.press("form[action$=continuity] button")
    assert await tab.page.locator("[role=status]").count() == 1
    await looks_right(tab, axe_script)


@pytest.mark.parametrize(("size", "language"), [("phone", "zh"), ("desktop", "en")])
async def test_a_refused_form_comes_back_as_it_was_sent(tabs: Tabs, axe_script: str, size: str, language: str) -> None:
    town = tabs.site.town
    contract_id = await town.paid_contract()
    await town.catch_up()
    tab = await tabs.open(size, language)
    await tab.enter("institution")
    await tab.go(f"/institution/contracts/{contract_id}")
    form = "form[action$=cash]"
    await tab.page.click(f"details:has({form}) summary")
    await tab.page.fill(f"{form} [name=cash_id]", f"R-{size}")
    await tab.page.fill(f"{form} [name=amount]", "1.234")
    await tab.press(f"{form} button")
    assert await tab.page.locator("[role=alert]").is_visible()
    assert await tab.page.input_value(f"{form} [name=cash_id]") == f"R-{size}", "the form is open and filled in"
    assert await tab.page.evaluate("document.activeElement.name") == "amount"
    tab.complaints.clear()  # the browser notes every answer that is no success
    await looks_right(tab, axe_script)
    await tab.page.fill(f"{form} [name=amount]", "12.34")
    await tab.press(f"{form} button")
    assert await tab.page.locator("[role=status]").count() == 1


async def test_a_quote_follows_the_ground_that_is_chosen(tabs: Tabs) -> None:
    contract_id = await tabs.site.town.paid_contract()
    await tabs.site.town.catch_up()
    tab = await tabs.open("phone")
    await tab.enter("parent")
    await tab.go(f"/parent/contracts/{contract_id}/refund")
    async with tab.page.expect_navigation(wait_until="domcontentloaded"):
        await tab.page.select_option("[name=ground]", "closure")
    assert await tab.page.input_value("form.card [name=ground]") == "closure"
