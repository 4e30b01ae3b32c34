"""The whole way into calendars, in the pages and on a terminal: connect, propose, start, answers, invites, one event.

And then the permission is withdrawn at Google: everything goes on with files, and says so.
"""

from __future__ import annotations

import json
import shlex
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Browser, expect

import overheard
from autosync.database.pool import Pool
from browser import PHONE, open_browser, open_page
from commands import AUTOSYNC, autosync, environment, serving
from connected import KEY
from factories import Factory, at_noon
from google_stand_in import CLIENT_ID, CLIENT_SECRET, YOU, GoogleStandIn, google_stand_in
from own_pages import sign_in_of

NEW_YORK = ZoneInfo("America/New_York")
GUESTS = {"ann@example.com": "+12125550101", "ben@example.com": "+12125550102", None: "+12125550103"}


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with open_browser() as opened:
        yield opened


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    """Who has a crew of three, of whom two have an e-mail address, at noon."""
    await at_noon(factory)
    maya = await factory.organizer("Maya", "Lopez")
    contacts = []
    for email, number in GUESTS.items():
        contacts.append(await factory.contact(maya, (email or "Cleo").partition("@")[0].title(), phone_number=number))
        await factory.do("update contacts set email = %s where id = %s", email, contacts[-1])
    await factory.crew(maya, contacts, "Friends")
    return maya


async def busy_evening(factory: Factory, google: GoogleStandIn) -> datetime:
    """5 PM of a day in ten days, for an hour of which the calendar is full."""
    now: datetime = await factory.one("select autosync_now()")
    begins = datetime.combine(now.astimezone(NEW_YORK).date() + timedelta(days=10), time(17), NEW_YORK)
    google.busy((begins, begins + timedelta(hours=1)))
    return begins


def settings(google: GoogleStandIn) -> dict[str, str]:
    """Those that lead to the stand-in."""
    return {
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_GOOGLE_BASE_URL": google.url,
        "AUTOSYNC_TOKEN_KEYS": urlsafe_b64encode(KEY).decode(),
    }


class Terminal:
    """Commands of one set-up, each of which has to go well."""

    def __init__(self, url: str, google: GoogleStandIn) -> None:
        self._url, self._settings = url, settings(google)

    def __call__(self, *words: str) -> str:
        ran = autosync(*words, database_url=self._url, **self._settings)
        assert ran.code == 0, ran.err
        return ran.out

    def connect(self, google: GoogleStandIn) -> None:
        """By way of the consent page."""
        with subprocess.Popen(
            [AUTOSYNC, "calendars", "connect", "--port", "0"],
            env=environment(self._url, **self._settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            process.stdout.readline()
            address = process.stdout.readline().strip()
            assert httpx.get(google.allow(address)).status_code == 200
            _, said = process.communicate(timeout=60)
            overheard.add(said)
            assert process.returncode == 0, said

    def answers(self) -> None:
        """Everybody can make the first time."""
        for number in GUESTS.values():
            self("answers", "receive", "1", "--from", number)


def assert_one_event(google: GoogleStandIn, begins: datetime, *, name: str) -> None:
    """Exactly one, at its time, with those who have an address."""
    (event,) = google.events()
    assert event["summary"] == name
    assert datetime.fromisoformat(event["start"]["dateTime"]) == begins
    assert sorted(event["attendees"]) == ["ann@example.com", "ben@example.com"]
    assert (event["changes"], [told["kind"] for told in event["notifications"]]) == (0, ["invited"])
    assert [each for each in google.violations() if "favicon" not in each["problem"]] == []


async def told_of_loss(factory: Factory) -> int:
    """How often an organizer was told by text that their calendar is lost."""
    count: int = await factory.one(
        "select count(*) from auto_sync_messages where contact_id is null"
        " and body like '%%lets us into your calendar%%'"
    )
    return count


async def test_on_a_terminal(factory: Factory, direct_url: str, google: GoogleStandIn, maya: UUID) -> None:
    terminal = Terminal(direct_url, google)
    begins = await busy_evening(factory, google)
    terminal.connect(google)

    phrase = f"{begins:%B} {begins.day} evening"
    proposed = terminal("syncs", "propose", phrase)
    options = [line.strip() for line in proposed.splitlines() if line.strip().startswith("--option")]
    assert options[0] == f"--option '{begins:%Y-%m-%d} 18:00 to 20:00'", "not while the calendar is full"
    chosen = shlex.split(options[0])
    sync = json.loads(terminal("syncs", "start", "--crew", "Friends", "--event", "Board games", *chosen, "--json"))[
        "id"
    ]
    terminal("process")
    terminal.answers()
    terminal("syncs", "invite", sync, "--option", "1")
    terminal("process")
    terminal("process")

    assert_one_event(google, begins + timedelta(hours=1), name="Board games")
    assert "In your Google Calendar." in terminal("syncs", "show", sync)

    google.revoke()
    google.expire()
    later = f"{begins:%Y-%m-%d} 21:00 to 22:00"
    other = json.loads(terminal("syncs", "start", "--crew", "Friends", "--event", "Tea", "--option", later, "--json"))[
        "id"
    ]
    terminal("syncs", "invite", other, "--option", "1")
    terminal("process")
    terminal("process")

    assert "Calendar files only, because" in terminal("syncs", "show", other)
    assert await told_of_loss(factory) == 1
    assert len(await factory.texts(UUID(other), "invite")) == 3, "everybody has the time, and the file"
    assert len(google.events()) == 1


async def test_in_the_pages(
    factory: Factory, pool: Pool, browser: Browser, direct_url: str, unused_port: int, google: GoogleStandIn, maya: UUID
) -> None:
    terminal = Terminal(direct_url, google)
    begins = await busy_evening(factory, google)
    site = f"http://127.0.0.1:{unused_port}"
    async with (
        serving(direct_url, unused_port, **settings(google), AUTOSYNC_PUBLIC_URL=site),
        open_page(browser, at=site, and_at=google.url, java_script_enabled=False, viewport=PHONE) as page,
    ):
        await page.goto(f"/sign-in/link/{await sign_in_of(pool).make_link(maya)}")
        await page.get_by_role("button", name="Sign in").click()
        await page.goto("/calendar")
        await page.get_by_role("button", name="Connect with Google").click()
        await page.get_by_label("Account").select_option(YOU)
        await page.get_by_role("button", name="Allow").click()
        await expect(page.get_by_role("heading", name="Connected with Google")).to_be_visible()

        async def start(event: str) -> UUID:
            await page.goto("/new")
            await page.get_by_label("What are people asked").fill(event)
            await page.get_by_label("Which crew?").select_option(label="Friends (3 people)")
            await page.get_by_label("When could it be?").fill(f"{begins:%B} {begins.day} evening")
            await page.get_by_role("button", name="Find times").click()
            await page.get_by_role("button", name="See the text").click()
            await page.get_by_role("button", name="Start: 3 people").click()
            await page.wait_for_url("**/syncs/*")
            return UUID(page.url.rpartition("/")[2].partition("?")[0])

        async def invite(sync: UUID) -> None:
            terminal("process")
            terminal.answers()
            await page.goto(f"/syncs/{sync}/invite?option=1")
            await page.get_by_role("button", name="Send 3 invites").click()
            terminal("process")
            terminal("process")
            await page.goto(f"/syncs/{sync}")

        games = await start("Board games")
        await invite(games)
        await expect(page.get_by_text("In your Google Calendar.")).to_be_visible()
        assert_one_event(google, begins + timedelta(hours=1), name="Board games")

        tea = await start("Tea")
        google.revoke()
        google.expire()
        await invite(tea)
        await expect(page.get_by_text("Calendar files only, because")).to_be_visible()
        await page.goto("/calendar")
        await expect(page.get_by_role("button", name="Connect with Google")).to_be_visible()
    assert await told_of_loss(factory) == 1
    assert len(await factory.texts(tea, "invite")) == 3
    assert len(google.events()) == 1
