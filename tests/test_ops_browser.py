"""Operators' pages in a real browser: live numbers, no scripts, any width, by keyboard, light and dark, axe."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from autosync.database.pool import Connection
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from busy import make_busy
from commands import serving
from factories import Factory
from own_pages import OPERATOR_KEY


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def site(direct_url: str, unused_port: int) -> AsyncIterator[str]:
    """The address of `autosync serve` on the test's database, with operators."""
    async with serving(direct_url, unused_port, AUTOSYNC_OPERATOR_KEY=OPERATOR_KEY):
        yield f"http://127.0.0.1:{unused_port}"


async def sign_in(page: Page) -> None:
    """Types the key and sends it by keyboard."""
    await page.goto("/ops")
    await page.get_by_label("Operator key").fill(OPERATOR_KEY)
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="Now", exact=True)).to_be_visible()


async def fail_job(factory: Factory) -> None:
    made = await factory.sync()
    await factory.do(
        "update job_queue set status = 'failed', error_message = 'The cause.', processed_at = now()"
        " where sync_id = %s and job_type = 'reminder_24h'",
        made.id,
    )


async def test_the_verdict_and_the_numbers_change_by_themselves(factory: Factory, browser: Browser, site: str) -> None:
    async with open_page(browser, at=site) as page:
        await sign_in(page)
        await expect(page.locator(".verdict")).to_contain_text("All is well.")
        await expect(page.locator("#tile-failed b")).to_have_text("0")
        await page.locator("#tile-failed").focus()
        await fail_job(factory)
        await expect(page.locator("#tile-failed b")).to_have_text("1", timeout=15_000)
        await expect(page.locator(".verdict")).to_contain_text("1 job failed for good")
        await expect(page.locator("#tile-failed")).to_be_focused()


async def test_who_loses_the_session_while_looking_is_led_to_sign_in(
    factory: Factory, browser: Browser, site: str
) -> None:
    async with open_page(browser, at=site) as page:
        await sign_in(page)
        await factory.do("delete from auto_sync_sessions")
        await page.wait_for_url("**/ops/sign-in", timeout=15_000)


async def test_everything_works_without_scripts(factory: Factory, browser: Browser, site: str) -> None:
    await fail_job(factory)
    async with open_page(browser, at=site, java_script_enabled=False, viewport=PHONE) as page:
        await sign_in(page)
        await page.get_by_role("link", name="Show all").click()
        await page.get_by_role("link", name="Reminder: Board games").click()
        await expect(page.get_by_text("The cause.")).to_be_visible()
        await page.get_by_role("button", name="Run it again").click()
        await expect(page.get_by_role("status")).to_contain_text("Done: it is due now")
        await page.get_by_role("button", name="Skip it").click()
        await expect(page.get_by_role("status")).to_contain_text("Done: it is skipped.")
        await page.get_by_role("link", name="All jobs and texts of this sync").click()
        await expect(page.get_by_role("heading", name="Board games")).to_be_visible()
    assert await factory.one("select status from job_queue where job_type = 'reminder_24h'") == "skipped"


async def test_a_failed_job_is_run_again_by_keyboard_alone(factory: Factory, browser: Browser, site: str) -> None:
    await fail_job(factory)
    async with open_page(browser, at=site) as page:
        await sign_in(page)
        await page.goto("/ops/jobs")
        for _ in range(30):
            await page.keyboard.press("Tab")
            if await page.evaluate("document.activeElement.textContent") == "Run again":
                break
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text("Done: it is due now")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    connection: Connection, browser: Browser, site: str, scheme: Literal["light", "dark"]
) -> None:
    async with open_page(browser, at=site, color_scheme=scheme, viewport=PHONE) as page:
        await page.goto("/ops/sign-in")
        await assert_well(page)
        await page.get_by_label("Operator key").fill("wrong")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("alert")).to_contain_text("This is not the operator key.")
        await assert_well(page)
        await sign_in(page)
        await assert_well(page)
    await make_busy(connection, jobs=1_000)
    for size in (PHONE, DESK):
        async with open_page(browser, at=site, color_scheme=scheme, viewport=size) as page:
            await sign_in(page)
            await page.locator("#f-as_of").wait_for()
            for path in ("/ops?last=3d", "/ops/jobs", "/ops/jobs?show=retried", "/ops/texts", "/ops/texts?show=failed"):
                await page.goto(path)
                if path.startswith("/ops?"):
                    for numbers in await page.locator("summary").all():
                        await numbers.click()
                await assert_well(page)
            await page.goto("/ops/texts")
            await page.get_by_role("link", name="Settle").first.click()
            await assert_well(page)
            await page.get_by_role("link", name="All jobs and texts").click()
            await assert_well(page)


async def assert_well(page: Page) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert await violations(page) == []
    assert not await scrolls_sideways(page)
