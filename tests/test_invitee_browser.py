"""An invitee's page in a real browser: no scripts, any width, by keyboard, light and dark, nothing for axe to find."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
from playwright.async_api import Browser, Page, expect

from autosync import syncs
from autosync.database.pool import Connection
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import serving
from factories import Factory
from pages import LINKS, SECRET, started


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def site(direct_url: str, unused_port: int) -> AsyncIterator[str]:
    """The address of `autosync serve` on the test's database."""
    async with serving(direct_url, unused_port, AUTOSYNC_LINK_SECRET=SECRET.decode()):
        yield f"http://127.0.0.1:{unused_port}"


async def answered(factory: Factory) -> list[tuple[str, int]]:
    """Who answered, and with how many options."""
    return await factory.rows(
        "select c.first_name, cardinality(r.option_ids)"
        " from auto_sync_responses r join contacts c on c.id = r.contact_id"
    )


async def test_an_invitee_answers_on_a_small_phone_without_scripts_and_changes_the_answer(
    factory: Factory, connection: Connection, browser: Browser, site: str
) -> None:
    sync, links = await started(factory, connection)
    async with open_page(browser, at=site, java_script_enabled=False, viewport=PHONE) as page:
        await page.goto(links["Ann"])
        boxes = page.get_by_role("checkbox")
        await expect(boxes).to_have_count(3)
        await boxes.nth(0).check()
        await boxes.nth(2).check()
        await page.get_by_role("button", name="Send my answer").click()
        await expect(page.get_by_role("status")).to_contain_text("Thanks, Ann!")
        await expect(boxes.nth(2)).to_be_checked()
        assert await answered(factory) == [("Ann", 2)]

        await page.get_by_role("button", name="None of these work").click()
        await expect(page.get_by_text("You said that none of these work.")).to_be_visible()
        assert await answered(factory) == [("Ann", 0)]

        await syncs.invite(connection, sync, 2, links=LINKS)
        await page.reload()
        async with page.expect_download() as downloading:
            await page.get_by_role("link", name="Add to my calendar").click()
        assert (await downloading.value).suggested_filename == "event.ics"


async def test_the_page_is_used_by_keyboard_alone(
    factory: Factory, connection: Connection, browser: Browser, site: str
) -> None:
    _, links = await started(factory, connection)
    async with open_page(browser, at=site) as page:
        await page.goto(links["Ben"])
        for key in ("Tab", "Space", "Tab", "Tab", "Space", "Tab", "Enter"):
            await page.keyboard.press(key)
        await expect(page.get_by_role("status")).to_contain_text("Thanks, Ben!")
    assert await answered(factory) == [("Ben", 2)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways_in_any_state_of_the_page(
    factory: Factory, connection: Connection, browser: Browser, site: str, scheme: Literal["light", "dark"]
) -> None:
    sync, links = await started(factory, connection, event_name="Supercalifragilistic" * 2, event_location=None)
    for size in (PHONE, DESK):
        async with open_page(browser, at=site, color_scheme=scheme, viewport=size) as page:
            await page.goto(links["Ann"])
            await assert_well(page)
            await page.get_by_role("button", name="my answer").click()
            await expect(page.get_by_role("alert")).to_be_visible() if not await answered(factory) else None
            await assert_well(page)
            await page.get_by_role("button", name="None of these work").click()
            await expect(page.get_by_role("status")).to_be_visible()
            await assert_well(page)
            await page.goto("/r/nonsense")
            await assert_well(page)
    await syncs.invite(connection, sync, 2, links=LINKS)
    async with open_page(browser, at=site, color_scheme=scheme, viewport=PHONE) as page:
        await page.goto(links["Ann"])
        await assert_well(page)


async def assert_well(page: Page) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert await violations(page) == []
    assert not await scrolls_sideways(page)
