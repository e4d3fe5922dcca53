"""A real browser over a real server; whatever a page says on its console, or asks of another host, fails its test."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from tests.web.site_over import PASSWORD, Site

MISSING = "Chromium is not installed: apt-get install chromium fonts-noto-cjk"
SIZES: dict[str, dict[str, Any]] = {
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-color-profile=srgb",
    "--font-render-hinting=none",
]


@dataclass
class Tab:
    """One page of a browser, and what it complained of."""

    page: Page
    site: Site
    base: str
    complaints: list[str] = field(default_factory=list[str])

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path, wait_until="domcontentloaded")
        await self.page.evaluate("document.fonts.ready")

    async def enter(self, who: str) -> None:
        """Signs in by the form, as a person would."""
        if who in ("parent", "other_parent"):
            number = await self.site.contract_no(who)
            self.site.clock.offset_s += 750
            await self.go("/sign-in/family")
            await self.page.fill("[name=contract_no]", number)
            await self.press("main form button")
            await self.page.fill("[name=code]", self.site.delivered()[-1]["code"])
        else:
            self.site.clock.offset_s += 60
            await self.go("/sign-in")
            await self.page.fill("[name=user_id]", who)
            await self.page.fill("[name=password]", PASSWORD)
            await self.page.fill("[name=code]", self.site.code(who))
        await self.press("main form button")

    async def press(self, selector: str) -> None:
        """Presses what leads to another page, and waits for it."""
        async with self.page.expect_navigation(wait_until="domcontentloaded"):
            await self.page.click(selector)

    async def fits(self) -> bool:
        """Whether nothing sticks out sideways."""
        return await self.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    async def han_fonts(self) -> set[str]:
        """The fonts by which the page's name is really drawn."""
        session: Any = await self.page.context.new_cdp_session(self.page)
        await session.send("DOM.enable")
        await session.send("CSS.enable")
        root = await session.send("DOM.getDocument")
        node = await session.send("DOM.querySelector", {"nodeId": root["root"]["nodeId"], "selector": ".mark"})
        used = await session.send("CSS.getPlatformFontsForNode", {"nodeId": node["nodeId"]})
        return {font["familyName"] for font in used["fonts"]}


@dataclass
class Tabs:
    """Opens tabs, each in a browser context of its own."""

    browser: Browser
    site: Site
    base: str
    stack: AsyncExitStack

    async def open(self, size: str, language: str = "zh") -> Tab:
        context: BrowserContext = await self.browser.new_context(
            locale="zh-CN", timezone_id="Asia/Shanghai", **SIZES[size]
        )
        self.stack.push_async_callback(context.close)
        page = await context.new_page()
        tab = Tab(page, self.site, self.base)
        page.on("console", lambda message: tab.complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        page.on("request", lambda asked: tab.complaints.append(asked.url) if not self._own(asked.url) else None)
        if language == "en":
            await tab.go("/language/en")
        return tab

    def _own(self, url: str) -> bool:
        return url.startswith((self.base, "data:"))


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    """One Chromium for the tests of a module."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    assert executable is not None, MISSING
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=executable, headless=True, env={**os.environ, "LANGUAGE": "zh_CN"}, args=_FLAGS
        )
        yield launched
        await launched.close()


@pytest.fixture(scope="module")
async def tabs(browser: Browser, site: Site) -> AsyncIterator[Tabs]:
    """Tabs over the site, served on a port of this machine."""
    config = uvicorn.Config(site.town.app, port=0, lifespan="off", log_level="error", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port: int = server.servers[0].sockets[0].getsockname()[1]
    async with AsyncExitStack() as stack:
        yield Tabs(browser, site, f"http://127.0.0.1:{port}", stack)
    server.should_exit = True
    await serving


@pytest.fixture(scope="session")
def axe_script() -> str:
    """axe-core, from the wheel that carries it."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
