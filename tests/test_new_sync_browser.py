"""From nothing to a started sync in a real browser: no scripts, by keyboard, any width, light and dark, axe."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from playwright.async_api import Browser, Error, Page, expect

from autosync.calendars.seal import new_key
from autosync.database.pool import Pool
from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import serving
from connected import connections_of, google_at, granted
from factories import Factory
from google_stand_in import CLIENT_ID, CLIENT_SECRET, google_stand_in
from own_pages import sign_in_of

BOOK = Path(__file__).parent / "address_books" / "damaged.vcf"
NEW_YORK = ZoneInfo("America/New_York")
TOKEN_KEY = new_key()
DAY = datetime.now(UTC) + timedelta(days=10)
"""Chromium's date field is typed as month, day, year."""


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def site(direct_url: str, unused_port: int) -> AsyncIterator[str]:
    """The address of `autosync serve` on the test's database."""
    async with serving(direct_url, unused_port):
        yield f"http://127.0.0.1:{unused_port}"


async def sign_in(page: Page, pool: Pool, organizer: UUID) -> None:
    """By a link."""
    await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(organizer)}")
    await page.get_by_role("button", name="Sign in").click()


async def texted(factory: Factory) -> list[str]:
    """Who was asked."""
    rows = await factory.rows(
        "select c.first_name from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where m.message_type = 'initial' order by 1"
    )
    return [name for (name,) in rows]


async def test_from_an_empty_account_to_a_started_sync_on_a_small_phone_without_scripts(
    factory: Factory, pool: Pool, browser: Browser, site: str
) -> None:
    newcomer = await factory.organizer("", "", phone_number=None, preferred_timezone=None)
    async with open_page(browser, at=site, java_script_enabled=False, viewport=PHONE) as page:
        await sign_in(page, pool, newcomer)
        await page.goto("/new")
        await page.get_by_label("First name").fill("Maya")
        await page.get_by_label("Your mobile number").fill("212 555 0110")
        await page.get_by_label("Your city").select_option("America/New_York")
        await page.get_by_role("button", name="Save").click()

        await page.get_by_label("Name of a new crew").fill("Friends")
        await page.get_by_role("button", name="Make the crew").click()
        for name, number in (("Ann", "212 555 0111"), ("Ben", "212 555 0112")):
            await page.get_by_label("First name").fill(name)
            await page.get_by_label("Mobile number").fill(number)
            await page.get_by_role("button", name="Add to Friends").click()
            await expect(page.get_by_role("link", name=name)).to_be_visible()
        await page.get_by_role("link", name="Plan something with them").click()

        await page.get_by_label("What are people asked").fill("Board games")
        await page.get_by_label("Day").first.fill(f"{DAY:%Y-%m-%d}")
        await page.get_by_role("button", name="See the text").click()
        await expect(page.get_by_role("alert")).to_contain_text("One field needs another look")
        await expect(page.get_by_label("From").first).to_have_accessible_description("Choose when it begins.")
        await page.get_by_label("From").first.fill("18:00")
        await page.get_by_role("button", name="See the text").click()
        await expect(page.locator("#body")).to_contain_text("Maya is planning Board games")
        await page.get_by_role("button", name="Change something").click()
        await page.get_by_label("Where?").fill("Luna Cafe")
        await page.get_by_role("button", name="See the text").click()
        await expect(page.locator("#body")).to_contain_text("at Luna Cafe")
        assert await texted(factory) == []
        await page.get_by_role("button", name="Start: 2 people get this text now").click()
        await page.wait_for_url("**/syncs/*")
        assert await texted(factory) == ["Ann", "Ben"]
        with suppress(Error):  # the browser asks before it sends a form again
            await page.go_back()
        with suppress(Error):
            await page.reload()
    assert await texted(factory) == ["Ann", "Ben"]


async def test_a_double_click_starts_once(factory: Factory, pool: Pool, browser: Browser, site: str) -> None:
    maya = await factory.organizer()
    crew = await factory.crew(maya, [await factory.contact(maya)])
    async with open_page(browser, at=site) as page:
        await sign_in(page, pool, maya)
        await page.goto(f"/new?crew={crew}")
        await fill_by_keyboard(page)
        await page.get_by_role("button", name="Start: 1 person gets this text now").dblclick()
        await page.wait_for_url("**/syncs/*")
    assert await factory.one("select count(*) from auto_syncs") == 1
    assert await texted(factory) == ["Ann"]


async def fill_by_keyboard(page: Page) -> None:
    """The form, from the event to the preview, without a pointer."""
    await page.get_by_label("What are people asked").focus()
    await page.keyboard.type("Board games")
    for _ in range(4):  # place, crew, the link below it
        await page.keyboard.press("Tab")
    await expect(page.get_by_label("When could it be?")).to_be_focused()
    for _ in range(2):  # how long
        await page.keyboard.press("Tab")
    await expect(page.get_by_label("Whose clocks?")).to_be_focused()
    for _ in range(2):  # the button that finds times
        await page.keyboard.press("Tab")
    await page.keyboard.type(f"{DAY:%m%d%Y}")
    await page.get_by_label("From").first.focus()
    await page.keyboard.type("0600PM")
    await page.keyboard.press("Enter")
    await expect(page.locator("#body")).to_contain_text("6 PM")


async def test_a_sync_is_started_by_keyboard_alone(factory: Factory, pool: Pool, browser: Browser, site: str) -> None:
    maya = await factory.organizer()
    crew = await factory.crew(maya, [await factory.contact(maya)])
    async with open_page(browser, at=site) as page:
        await sign_in(page, pool, maya)
        await page.goto(f"/new?crew={crew}")
        await fill_by_keyboard(page)
        for _ in range(20):
            await page.keyboard.press("Tab")
            focused = str(await page.evaluate("document.activeElement.textContent"))
            if focused.startswith("Start:"):
                break
        await page.keyboard.press("Enter")
        await page.wait_for_url("**/syncs/*")
    assert await texted(factory) == ["Ann"]


async def test_times_are_found_for_a_phrase_others_are_shown_and_those_are_started_without_scripts(
    factory: Factory, pool: Pool, browser: Browser, direct_url: str, unused_port: int
) -> None:
    maya = await factory.organizer()
    crew = await factory.crew(maya, [await factory.contact(maya)])
    day = datetime.now(NEW_YORK).date() + timedelta(days=10)
    busy = (datetime.combine(day, time(hour), NEW_YORK) for hour in (17, 18))
    with google_stand_in() as stand_in:
        google = google_at(stand_in.url)
        await connections_of(pool, google, urlsafe_b64decode(TOKEN_KEY)).connect(maya, await granted(stand_in, google))
        await google.close()
        stand_in.busy((next(busy), next(busy)))
        settings = {
            "AUTOSYNC_TOKEN_KEYS": TOKEN_KEY,
            "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
            "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
            "AUTOSYNC_GOOGLE_BASE_URL": stand_in.url,
            "AUTOSYNC_PUBLIC_URL": f"http://127.0.0.1:{unused_port}",
        }
        site = f"http://127.0.0.1:{unused_port}"
        async with (
            serving(direct_url, unused_port, **settings),
            open_page(browser, at=site, java_script_enabled=False, viewport=PHONE) as page,
        ):
            await sign_in(page, pool, maya)
            await page.goto(f"/new?crew={crew}")
            await page.get_by_label("What are people asked").fill("Board games")
            phrase = page.get_by_label("When could it be?")
            await phrase.fill(f"{day.month}/{day.month + 1 if day.month < 12 else 1} evening")
            await page.get_by_role("button", name="Find times").click()
            await expect(page.get_by_role("alert")).to_be_visible()
            await expect(page.get_by_role("alert")).to_be_in_viewport()

            await phrase.fill(f"{day:%B} {day.day} evening")
            await phrase.press("Enter")
            await expect(page.get_by_role("status")).to_contain_text("Checked against your Google Calendar.")
            first = page.get_by_role("group", name="First time")
            await expect(first.get_by_label("From")).to_have_value("18:00")
            await expect(first).to_contain_text("You are free from 6 PM to 10 PM.")
            await expect(first).to_have_accessible_description("You are free from 6 PM to 10 PM.")
            await page.get_by_role("button", name="Show me others").click()
            await expect(page.get_by_role("status")).to_be_in_viewport()
            begins = [await page.get_by_label("From").nth(place).input_value() for place in range(3)]
            assert begins == ["19:00", "19:30", ""]
            await page.get_by_role("button", name="See the text").click()
            await expect(page.locator("#body")).to_contain_text("7-9 PM")
            await page.get_by_role("button", name="Start: 1 person gets this text now").click()
            await page.wait_for_url("**/syncs/*")
    assert await texted(factory) == ["Ann"]
    rows = await factory.rows("select start_time at time zone 'America/New_York' from auto_sync_options order by idx")
    assert [f"{begins:%H:%M}" for (begins,) in rows] == ["19:00", "19:30"]


async def test_an_address_book_is_chosen_and_brought_in(
    factory: Factory, pool: Pool, browser: Browser, site: str
) -> None:
    maya = await factory.organizer()
    async with open_page(browser, at=site) as page:
        await sign_in(page, pool, maya)
        await page.goto("/people")
        await page.get_by_label("Into which crew?").fill("Runners")
        async with page.expect_file_chooser() as choosing:
            await page.get_by_label("The file").click()
        await (await choosing.value).set_files(BOOK)
        await page.get_by_role("button", name="Bring them in").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("3 people are new in Runners")
        await expect(page.get_by_role("listitem").first).to_contain_text("Line 6")
        await page.get_by_role("link", name="See the crew").click()
        await expect(page.get_by_role("link", name="Ann Lee")).to_be_visible()


async def test_a_file_that_is_too_large_is_refused_with_a_page(
    factory: Factory, pool: Pool, browser: Browser, site: str, tmp_path: Path
) -> None:
    maya, large = await factory.organizer(), tmp_path / "large.vcf"
    large.write_bytes(b"x" * 5_000_000)
    async with open_page(browser, at=site) as page:
        await sign_in(page, pool, maya)
        await page.goto("/people")
        await page.get_by_label("Into which crew?").fill("Runners")
        await page.get_by_label("The file").set_input_files(large)
        await page.get_by_role("button", name="Bring them in").click()
        await expect(page.get_by_text("The file is larger than 2 MB")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    factory: Factory, pool: Pool, browser: Browser, site: str, scheme: Literal["light", "dark"]
) -> None:
    maya = await factory.organizer()
    long = "Supercalifragilistic" * 4
    people = [await factory.contact(maya, long), await factory.contact(maya, "Eve", phone_number="911")]
    crew = await factory.crew(maya, people, long)
    await factory.contact(maya, long, last_name=long)
    for size in (PHONE, DESK):
        async with open_page(browser, at=site, color_scheme=scheme, viewport=size) as page:
            await sign_in(page, pool, maya)
            for path in (
                "/people", "/people?q=nobody", f"/people/crews/{crew}", f"/people/crews/{crew}/delete",
                f"/people/contacts/{people[0]}", "/me", "/new",
            ):  # fmt: skip
                await page.goto(path)
                await assert_well(page, path)
            await page.get_by_role("button", name="See the text").click()
            await assert_well(page, "problems")
            await page.goto(f"/new?crew={crew}")
            await page.get_by_label("What are people asked").fill(long)
            await page.get_by_label("Day").first.fill(f"{DAY:%Y-%m-%d}")
            await page.get_by_label("From").first.fill("18:00")
            await page.get_by_role("button", name="See the text").click()
            await expect(page.locator("#body")).to_be_visible()
            await assert_well(page, "preview")
            for phrase, where in (
                (f"{DAY:%B} {DAY.day} evening", "found"),
                (f"{DAY:%Y-%m-%d} 18:00", "one time"),
                ("3/4", "a question"),
                ("x" * 60, "another question"),
                (f"{DAY:%B} {DAY.day} 9-10pm for 12 hours", "nothing"),
                ("", "no phrase"),
            ):
                await page.goto(f"/new?crew={crew}")
                await page.get_by_label("When could it be?").fill(phrase)
                await page.get_by_role("button", name="Find times").click()
                await expect(page.locator("#found, #problem-phrase")).to_be_visible()
                await assert_well(page, where)
            await page.goto("/people")
            await page.get_by_label("Into which crew?").fill("Runners")
            await page.get_by_label("The file").set_input_files(BOOK)
            await page.get_by_role("button", name="Bring them in").click()
            await assert_well(page, "imported")


async def assert_well(page: Page, where: str) -> None:
    """Nothing for axe to find, nothing wider than the window."""
    assert await violations(page) == [], where
    assert not await scrolls_sideways(page), where
