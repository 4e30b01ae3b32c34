"""The demo to play with: the real command, everybody's phone in a real browser, the clock, and who is let in."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

import httpx
import pytest
from playwright.async_api import Browser, Locator, Page, expect

from browser import DESK, PHONE, open_browser, open_page, scrolls_sideways, violations
from commands import autosync, playing

FROM_THE_PAGE = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """A real browser."""
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def site(unused_port: int) -> AsyncIterator[str]:
    """The address of a demo that has just begun."""
    async with playing(unused_port):
        yield f"http://127.0.0.1:{unused_port}"


def phone(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name, exact=True)


async def text(page: Page, name: str, words: str) -> None:
    """Somebody types on their phone and sends it."""
    await page.get_by_label(f"What {name} texts").fill(words)
    await page.keyboard.press("Enter")
    await expect(phone(page, name).locator(".mine").last).to_contain_text(words)


async def next_job(page: Page) -> None:
    await page.get_by_role("region", name="The clock").get_by_role("button", name="To the next job").click()


async def test_the_whole_story_is_played_by_clicks_and_typing(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site, viewport=DESK) as page:
        await page.goto("/demo")
        await expect(page.get_by_text("10:00 AM").first).to_be_visible()
        await page.get_by_role("button", name="Start Board game night").click()
        for name in ("Ann", "Ben", "Chloé", "Dev", "Eli"):
            await expect(phone(page, name)).to_contain_text("Maya Lopez is planning Board game night at Luna Cafe.")

        await text(page, "Ann", "1 and 3 work!")
        await expect(phone(page, "Ann")).to_contain_text("Can make 1, 3")
        await phone(page, "Ben").get_by_role("button", name="Let Ben answer").click()
        await expect(phone(page, "Ben")).to_contain_text("Can make 1")
        await text(page, "Eli", "STOP")
        await expect(phone(page, "Eli")).to_contain_text("Said stop")

        await next_job(page)
        await expect(page.locator("#f-jobs li", has_text="Reminder")).to_have_class("processed")
        await expect(phone(page, "Maya")).to_contain_text("reminded 2 of 5")
        await expect(phone(page, "Dev")).to_contain_text("Maya Lopez would love to hear from you")
        await expect(phone(page, "Ann")).not_to_contain_text("Maya Lopez would love to hear from you")

        await text(page, "Chloé", "none of these, sorry")
        await page.reload()
        await expect(phone(page, "Chloé")).to_contain_text("Can make none")
        await expect(phone(page, "Chloé")).to_contain_text("none of these, sorry")

        await next_job(page)
        await expect(phone(page, "Maya")).to_contain_text("Waiting for Dev Das")
        async with page.context.expect_page() as opened:
            await phone(page, "Dev").get_by_role("link").last.click()
        invitees = await opened.value
        await invitees.get_by_role("checkbox").first.check()
        await invitees.get_by_role("button", name="Send my answer").click()
        await expect(phone(page, "Dev")).to_contain_text("Can make 1")

        await text(page, "Maya", "2")
        await expect(phone(page, "Maya")).to_contain_text("which option?")
        await page.get_by_role("button", name="Let Maya text 1").click()
        await expect(phone(page, "Ann")).to_contain_text("Maya Lopez picked a time for Board game night")
        await expect(phone(page, "Eli").locator(".waits")).to_contain_text("The number has opted out of all texts.")
        await expect(page.locator("#f-jobs li", has_text="Ends by itself")).to_contain_text("skipped")

        await page.get_by_role("button", name="Start over").click()
        await expect(phone(page, "Ann")).to_contain_text("No texts yet.")
        await expect(page.get_by_text("10:00 AM").first).to_be_visible()
        await page.get_by_role("button", name="Start Board game night").click()
        await expect(phone(page, "Eli")).to_contain_text("Maya Lopez is planning Board game night at Luna Cafe.")


async def test_it_is_played_without_scripts_on_a_small_phone(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site, java_script_enabled=False, viewport=PHONE) as page:
        await page.goto("/demo")
        await page.get_by_role("button", name="Start Board game night").click()
        await text(page, "Ann", "the first two")
        await expect(phone(page, "Ann")).to_contain_text("Can make 1, 2")
        await next_job(page)
        await expect(page.get_by_text("10:05 AM").first).to_be_visible()


async def test_somebody_elses_change_is_there_while_one_types(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site) as one, open_page(browser, at=site) as other:
        for page in (one, other):
            await page.goto("/demo")
        await one.get_by_role("button", name="Start Board game night").click()
        await expect(phone(other, "Ann")).to_contain_text("Maya Lopez is planning")
        await other.get_by_label("What Ben texts").fill("1 is")
        await text(one, "Ann", "2")
        await expect(phone(other, "Ann")).to_contain_text("Can make 2")
        await expect(other.get_by_label("What Ben texts")).to_have_value("1 is")


async def test_who_moves_the_clock_into_the_night_sees_texts_wait_and_why(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site) as page:
        await page.goto("/demo")
        for hour in range(11, 22):
            await page.get_by_role("button", name="+1 h").click()
            await expect(page.locator("#f-clock b")).to_have_text(re.compile(f"^{(hour - 1) % 12 + 1}:00"))
        await page.get_by_role("button", name="Start Board game night").click()
        await expect(phone(page, "Ann").locator(".waits")).to_contain_text(
            "because texts leave between 09:00 and 20:00"
        )
        await page.get_by_role("button", name="Start over in the morning").click()
        await expect(page.locator("#f-clock b")).to_have_text("10:00 AM")


async def test_the_real_pages_are_one_click_away(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site) as page:
        await page.goto("/demo")
        await page.get_by_role("button", name="Start Board game night").click()
        for button, heading in (("Maya's pages", "Your syncs"), ("Operator's page", "Now")):
            async with page.context.expect_page() as opened:
                await page.get_by_role("button", name=button).click()
            await expect((await opened.value).get_by_role("heading", level=1)).to_contain_text(heading)


async def test_what_is_typed_is_text_and_never_markup(browser: Browser, site: str) -> None:
    async with open_page(browser, at=site) as page:
        await page.goto("/demo")
        await page.get_by_role("button", name="Start Board game night").click()
        await text(page, "Ann", "<img src=x onerror=document.title='hit'>")
        await page.reload()
        await expect(phone(page, "Ann").locator(".mine")).to_contain_text("<img src=x")
        assert await page.locator("img").count() == 0
        assert await page.title() == "Auto Sync, the demo"


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, site: str, scheme: Literal["light", "dark"]
) -> None:
    async with open_page(browser, at=site, color_scheme=scheme, viewport=PHONE, reduced_motion="reduce") as page:
        await page.goto("/demo")
        assert await violations(page) == []
        await page.get_by_role("button", name="Start Board game night").click()
        await text(page, "Ann", "STOP")
        for size in (PHONE, {"width": 1000, "height": 800}, DESK):
            await page.set_viewport_size(size)  # type: ignore[arg-type]
            assert await violations(page) == []
            assert not await scrolls_sideways(page)


async def test_only_the_page_itself_plays_and_only_under_its_own_name(site: str) -> None:
    async with httpx.AsyncClient(base_url=site) as client:
        foreign = await client.get("/demo", headers={"Host": "evil.example"})
        forged = await client.post("/demo/over", headers={"Sec-Fetch-Site": "cross-site"})
        unknown = await client.post("/demo/say", data={"who": "Mallory", "words": "1"}, headers=FROM_THE_PAGE)
        unasked = await client.post("/demo/answer", data={"who": "Ann"}, headers=FROM_THE_PAGE)
        empty = await client.post("/demo/say", data={"who": "Ann", "words": " "}, headers=FROM_THE_PAGE)
        started = await client.post("/demo/start", headers=FROM_THE_PAGE)
        again = await client.post("/demo/start", headers=FROM_THE_PAGE)
    assert [r.status_code for r in (foreign, forged, unknown, unasked)] == [400, 403, 422, 409]
    assert [r.status_code for r in (empty, started, again)] == [303, 303, 409]
    assert "A plan is under way already" in again.text


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
async def test_it_ends_when_it_is_told_to_and_leaves_nothing_behind(unused_port: int, how: signal.Signals) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with playing(unused_port, TMPDIR=folder) as process:
            assert len(servers_in(folder)) == 1
            process.send_signal(how)
            assert await asyncio.to_thread(process.wait, 30) == 0
        assert servers_in(folder) == []
        assert [path for path in Path(folder).iterdir() if path.is_dir()] == []


def servers_in(folder: str) -> list[str]:
    """Running PostgreSQL servers whose data lie in this folder."""
    listing = subprocess.run(["ps", "-wweo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listing.splitlines() if "/postgres -D" in line and folder in line]


def test_a_port_that_is_taken_is_said_in_one_sentence(unused_port: int) -> None:
    with socket.create_server(("127.0.0.1", unused_port)):
        ran = autosync("demo", "--port", str(unused_port))
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert f"Cannot listen on 127.0.0.1 port {unused_port}" in ran.err


def test_a_picture_is_drawn_of_what_is_played_in_the_terminal_only(tmp_path: Path) -> None:
    ran = autosync("demo", "--picture", str(tmp_path / "demo.svg"))
    assert ran.code == 2
    assert "give --headless as well" in ran.err
