"""A real browser, Debian's chromium, and what it finds: axe's violations, and whether a page scrolls sideways."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from pooler import missing

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1920, "height": 1080}

_FLAGS = [
    "--no-sandbox",  # the tests may run as root; the pages are our own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@asynccontextmanager
async def open_browser() -> AsyncIterator[Browser]:
    """A browser that is closed at the end."""
    chromium = shutil.which("chromium")
    if chromium is None:
        missing("chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        try:
            yield browser
        finally:
            await browser.close()


@asynccontextmanager
async def open_page(browser: Browser, *, at: str, and_at: str = "data:", **context: Any) -> AsyncIterator[Page]:
    """A page with cookies and storage of its own; requests to any other host fail the test, but for `and_at`."""
    opened = await browser.new_context(base_url=at, **context)
    foreign: list[str] = []
    opened.on("request", lambda request: request.url.startswith((at, and_at, "data:")) or foreign.append(request.url))
    try:
        yield await opened.new_page()
    finally:
        await opened.close()
    assert foreign == [], "a page asked another host"


async def violations(page: Page) -> list[str]:
    """What axe finds wrong: the rule, and where."""
    await page.wait_for_load_state()  # a click waits for the next page's first byte only
    found = await Axe().run(page)
    return [
        f"{violation['id']}: {node['target']}"
        for violation in found.response["violations"]
        for node in violation["nodes"]
    ]


async def scrolls_sideways(page: Page) -> bool:
    """Whether something is wider than the window."""
    wide: bool = await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide
