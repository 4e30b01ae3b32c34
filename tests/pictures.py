"""Draws the pictures of the docs: `make pictures`. A fresh embedded database, the real server, a real browser.

It writes docs/pictures/*.png and changes nothing else.
"""

from __future__ import annotations

import asyncio
import socket
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import expect

from autosync.database import embedded
from autosync.database.pool import connect, open_pool
from autosync.processor import Processor
from browser import open_browser, open_page
from busy import make_busy
from commands import playing, serving
from factories import Factory, run_migrations
from own_pages import OPERATOR_KEY, sign_in_of
from pages import SECRET, started

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
PHONE = {"width": 390, "height": 700}


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        port: int = opened.getsockname()[1]
        return port


def _saturday() -> datetime:
    """The evening of the next Saturday but one, in UTC."""
    today = datetime.now(UTC).replace(hour=23, minute=0, second=0, microsecond=0)
    return today + timedelta(days=(5 - today.weekday()) % 7 + 7)


async def draw(url: str) -> None:
    """The invitee's page on a phone: asked, and in the dark after the answer."""
    begins = _saturday()
    options = tuple((begins + timedelta(days=day), begins + timedelta(days=day, hours=2)) for day in (0, 1, 7))
    async with connect(url) as connection:
        plan = {"event_name": "Board game night", "event_location": "Luna Cafe", "options": options}
        _, links = await started(Factory(connection), connection, names=("Ann", "Ben"), **plan)
    port = _free_port()
    async with serving(url, port, AUTOSYNC_LINK_SECRET=SECRET.decode()), open_browser() as browser:
        at = f"http://127.0.0.1:{port}"
        for scheme in ("light", "dark"):
            options_of = {"viewport": PHONE, "device_scale_factor": 2, "color_scheme": scheme}
            async with open_page(browser, at=at, **options_of) as page:
                await page.goto(links["Ann"])
                if scheme == "dark":
                    await page.get_by_role("checkbox").nth(0).check()
                    await page.get_by_role("checkbox").nth(2).check()
                    await page.get_by_role("button", name="Send my answer").click()
                await page.screenshot(path=FOLDER / f"invitee-{scheme}.png", full_page=True)


async def draw_sync(url: str) -> None:
    """An organizer's sync, two days on: six of eight have answered, and the organizer decides."""
    begins = _saturday()
    async with connect(url) as connection:
        factory = Factory(connection)
        await factory.demo_timings()
        maya = await factory.organizer()
        sync = await factory.sync(
            organizer=maya, invitees=8, options=0, event_name="Board game night", event_location="Luna Cafe"
        )
        for number, day in enumerate((0, 1, 7), 1):
            sync.options.append(await factory.option(sync.id, number, start=begins + timedelta(days=day)))
        for place, numbers in enumerate(((1, 3), (1,), (2, 3), (1, 2, 3), (), (1, 3))):
            await factory.answer(sync, sync.contacts[place], *numbers)
        async with open_pool(url) as pool:
            for minutes in (6, 6):
                await factory.do(
                    "update auto_sync_settings set clock_offset = clock_offset + %s * interval '1 minute' where active",
                    minutes,
                )
                await Processor(pool=pool).process_due()
            link = await sign_in_of(pool).make_link(maya)
    port = _free_port()
    async with serving(url, port), open_browser() as browser:
        options = {"viewport": {"width": 1180, "height": 900}, "reduced_motion": "reduce"}
        async with open_page(browser, at=f"http://127.0.0.1:{port}", **options) as page:
            await page.goto(f"/sign-in/link/{link}")
            await page.get_by_role("button", name="Sign in").click()
            await page.get_by_role("link", name="Board game night").first.click()
            await page.get_by_role("heading", name="Board game night").wait_for()
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                await page.screenshot(path=FOLDER / f"sync-{scheme}.png", full_page=True)


async def draw_ops(url: str) -> None:
    """What operators see after three busy days."""
    async with connect(url) as connection:
        await make_busy(connection)
    port = _free_port()
    settings = {"AUTOSYNC_OPERATOR_KEY": OPERATOR_KEY, "AUTOSYNC_GATEWAY": "record"}
    async with serving(url, port, **settings), open_browser() as browser:
        for scheme in ("light", "dark"):
            options = {"viewport": {"width": 1280, "height": 900}, "color_scheme": scheme}
            async with open_page(browser, at=f"http://127.0.0.1:{port}", **options) as page:
                await page.goto("/ops/sign-in")
                await page.get_by_label("Operator key").fill(OPERATOR_KEY)
                await page.keyboard.press("Enter")
                await page.locator("#f-as_of").wait_for()
                await page.goto("/ops?last=24h")
                await page.screenshot(path=FOLDER / f"ops-{scheme}.png", full_page=True)


async def draw_demo() -> None:
    """The demo in the middle of its story: some have answered, the others have been reminded, one has said stop."""
    port = _free_port()
    async with playing(port), open_browser() as browser:
        at = f"http://127.0.0.1:{port}"
        options = {"viewport": {"width": 1440, "height": 900}, "reduced_motion": "reduce"}
        async with open_page(browser, at=at, **options) as page:
            await page.goto("/demo")
            await page.get_by_role("button", name="Start Board game night").click()
            await expect(page.locator("#phone-1 .theirs")).to_be_visible()
            for name, words in (("Ann", "1 and 3 work!"), ("Ben", "the first one is fine"), ("Eli", "stop please")):
                await page.get_by_label(f"What {name} texts").fill(words)
                await page.keyboard.press("Enter")
                await expect(page.get_by_text(words)).to_be_visible()
            await page.get_by_role("button", name="To the next job").first.click()
            await expect(page.locator("#phone-4 .theirs")).to_have_count(2)
            await page.get_by_label("What Chloé texts").fill("none of these, sorry")
            await page.keyboard.press("Enter")
            await expect(page.locator("#phone-3")).to_contain_text("Can make none")
            await page.get_by_role("button", name="To the next job").first.click()
            await expect(page.locator("#phone-0")).to_contain_text("Reply 1 to remind")
            for scheme in ("light", "dark"):
                await page.emulate_media(color_scheme=scheme)
                await page.screenshot(path=FOLDER / f"demo-{scheme}.png")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        database_url = embedded.start(Path(folder))
        run_migrations(database_url)
        asyncio.run(draw(database_url))
        asyncio.run(draw_ops(database_url))
    with tempfile.TemporaryDirectory() as folder:
        database_url = embedded.start(Path(folder))
        run_migrations(database_url)
        asyncio.run(draw_sync(database_url))
    asyncio.run(draw_demo())
