"""A calendar is connected, chosen from and disconnected in a real browser: no scripts, by keyboard, axe, any width."""

from __future__ import annotations

import os
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Literal
from uuid import UUID

import pytest
from playwright.async_api import Browser, Page, expect

from autosync.database.pool import Pool
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import serving
from connected import KEY, let_expire
from factories import Factory
from google_stand_in import CLIENT_ID, CLIENT_SECRET, GoogleStandIn, google_stand_in
from own_pages import sign_in_of

PICTURES = os.environ.get("AUTOSYNC_TEST_PICTURES")
"""A folder in which to leave what the pages look like, for whoever wants to see it."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        running.people("maya@example.com", "maya@work.example", calendars=["family@group.calendar.google.com"])
        yield running


@pytest.fixture
async def site(direct_url: str, unused_port: int, google: GoogleStandIn) -> AsyncIterator[str]:
    """The address of `autosync serve` on the test's database, with the stand-in for Google."""
    site = f"http://127.0.0.1:{unused_port}"
    settings = {
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_GOOGLE_BASE_URL": google.url,
        "AUTOSYNC_TOKEN_KEYS": urlsafe_b64encode(KEY).decode(),
        "AUTOSYNC_PUBLIC_URL": site,
    }
    async with serving(direct_url, unused_port, **settings) as said:
        yield site
        for secret in (CLIENT_SECRET, "ya29.", "1//0", "4/0A", "code="):
            assert secret not in said()


async def sign_in(page: Page, pool: Pool, organizer: UUID) -> None:
    """By a link."""
    await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(organizer)}")
    await page.get_by_role("button", name="Sign in").click()


async def assert_well(page: Page, where: str) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert await violations(page) == [], where
    assert not await scrolls_sideways(page), where
    if PICTURES:
        width = (page.viewport_size or {}).get("width")
        await page.screenshot(path=Path(PICTURES) / f"{where.replace(' ', '-')}-{width}.png", full_page=True)


async def test_a_calendar_is_connected_used_and_disconnected_on_a_small_phone_without_scripts(
    factory: Factory, pool: Pool, browser: Browser, site: str, google: GoogleStandIn
) -> None:
    maya = await factory.organizer()
    async with open_page(browser, at=site, and_at=google.url, java_script_enabled=False, viewport=PHONE) as page:
        await sign_in(page, pool, maya)
        await page.get_by_role("link", name="Calendar").click()
        await page.get_by_role("button", name="Connect with Google").click()
        await expect(page.get_by_role("heading", name="Auto Sync wants to use your calendar")).to_be_visible()
        await page.get_by_role("button", name="Deny").click()
        await expect(page.get_by_text("You did not allow it")).to_be_visible()
        await page.get_by_role("link", name="Go on").click()

        await page.get_by_role("button", name="Connect with Google").click()
        await page.get_by_label("Account").select_option("maya@work.example")
        await page.get_by_role("button", name="Allow").click()
        await expect(page.get_by_role("heading", name="Connected with Google")).to_be_visible()
        assert page.url == f"{site}/calendar?connected", "the address holds no code"
        assert list(google.grants()) == ["maya@work.example"]

        await page.get_by_label("Which calendars").fill("family@group.calendar.google.com\nprimary")
        await page.get_by_label("Over by").fill("22:30")
        await page.get_by_label("Free before and after").select_option("30")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_role("status")).to_have_text("Saved.")
        await page.get_by_label("Which calendars").fill("nobody@example.com")
        await page.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Google does not show us nobody@example.com")).to_be_visible()

        await page.get_by_role("link", name="Disconnect").click()
        await page.get_by_role("button", name="Disconnect").click()
        await expect(page.get_by_text("disconnected, here and at Google")).to_be_visible()
        await expect(page.get_by_label("Over by")).to_have_value("22:30")
    assert google.grants() == {}
    assert [each for each in google.violations() if "favicon" not in each["problem"]] == []


async def test_it_is_connected_by_keyboard_alone(
    factory: Factory, pool: Pool, browser: Browser, site: str, google: GoogleStandIn
) -> None:
    maya = await factory.organizer()
    async with open_page(browser, at=site, and_at=google.url, viewport=DESK) as page:
        await sign_in(page, pool, maya)
        await page.goto("/calendar")
        await page.get_by_role("button", name="Connect with Google").press("Enter")
        await page.get_by_role("button", name="Allow").press("Enter")
        await expect(page.get_by_role("heading", name="Connected with Google")).to_be_visible()
        await page.get_by_role("button", name="Use another Google account").press("Enter")
        await page.get_by_label("Account").select_option("maya@work.example")
        await page.get_by_role("button", name="Allow").press("Enter")
        await expect(page.get_by_role("heading", name="Connected with Google")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_in_any_state_of_a_calendar(
    factory: Factory,
    pool: Pool,
    browser: Browser,
    site: str,
    google: GoogleStandIn,
    scheme: Literal["light", "dark"],
) -> None:
    maya = await factory.organizer()
    for size in (PHONE, DESK):
        async with open_page(browser, at=site, and_at=google.url, viewport=size, color_scheme=scheme) as page:
            await sign_in(page, pool, maya)
            await page.goto("/calendar")
            await assert_well(page, f"to connect {scheme}")
            await page.get_by_label("Over by").fill("08:00")
            await page.get_by_role("button", name="Save").click()
            await expect(page.get_by_text("The day has to end after it begins.")).to_be_visible()
            await assert_well(page, f"a day that ends too early {scheme}")
            await page.get_by_role("button", name="Connect with Google").click()
            await page.get_by_role("button", name="Deny").click()
            await assert_well(page, f"denied {scheme}")
            await page.goto("/calendar")
            await page.get_by_role("button", name="Connect with Google").click()
            await page.get_by_role("button", name="Allow").click()
            await assert_well(page, f"connected {scheme}")
            await page.get_by_label("Which calendars").fill("nobody@example.com")
            await page.get_by_role("button", name="Save").click()
            await assert_well(page, f"a calendar that is not shown {scheme}")
            await page.get_by_role("link", name="Disconnect").click()
            await assert_well(page, f"to disconnect {scheme}")
            await page.get_by_role("button", name="Disconnect").click()
            await expect(page.get_by_text("disconnected, here and at Google")).to_be_visible()
            await assert_well(page, f"disconnected {scheme}")
            await factory.insert("google_calendar_tokens", user_id=maya, access_token="ya29.over")
            await let_expire(factory, maya)
            await page.goto("/calendar")
            await page.get_by_label("Which calendars").fill("primary other@example.com")
            await page.get_by_role("button", name="Save").click()
            await page.goto("/")
            await expect(page.get_by_role("alert")).to_contain_text("not connected any more")
            await assert_well(page, f"lost seen from home {scheme}")
            await page.goto("/calendar")
            await assert_well(page, f"lost {scheme}")
            await factory.do("delete from auto_sync_calendars where user_id = %s", maya)
