"""`autosync calendars` for an organizer: connected by way of a browser on this machine, preferred, and disconnected."""

from __future__ import annotations

import json
import subprocess
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import time, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

import overheard
from autosync.calendar_consent import Question
from autosync.calendars.seal import is_sealed
from autosync.cli import loopback
from autosync.database import calendars
from autosync.database.calendars import Wishes
from autosync.database.pool import Connection
from autosync.model import Refused, Unusable
from commands import AUTOSYNC, Ran, autosync, environment
from connected import KEY
from factories import Factory
from google_stand_in import CLIENT_ID, CLIENT_SECRET, YOU, GoogleStandIn, google_stand_in


@pytest.fixture
def google() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer()


def set_up(google: GoogleStandIn) -> dict[str, str]:
    """The settings that lead to the stand-in."""
    return {
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_GOOGLE_BASE_URL": google.url,
        "AUTOSYNC_TOKEN_KEYS": urlsafe_b64encode(KEY).decode(),
    }


@contextmanager
def connecting(url: str, google: GoogleStandIn, *arguments: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """`autosync calendars connect` that waits for the browser, with the address that it has printed."""
    process = subprocess.Popen(
        [AUTOSYNC, "calendars", "connect", "--port", "0", *arguments],
        env=environment(url, **set_up(google)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert "Open this address" in process.stdout.readline()
        yield process.stdout.readline().strip(), process
    finally:
        process.kill()
        process.communicate()


def end(process: subprocess.Popen[str]) -> Ran:
    """How it ended, and what it said since."""
    out, err = process.communicate(timeout=60)
    overheard.add(err)
    return Ran(process.returncode, out, err)


async def test_a_calendar_is_connected_preferred_and_disconnected(
    factory: Factory, connection: Connection, direct_url: str, google: GoogleStandIn, maya: UUID
) -> None:
    google.people(YOU, calendars=["family@group.calendar.google.com"])
    assert "Not connected." in autosync("calendars", "status", database_url=direct_url).out

    with connecting(direct_url, google) as (address, process):
        answer = httpx.get(google.allow(address))
        ran = end(process)

    assert (answer.status_code, ran.code, ran.out) == (200, 0, "Connected.\n")
    assert "close this window" in answer.text
    ((access,),) = await factory.rows("select access_token from google_calendar_tokens where user_id = %s", maya)
    assert is_sealed(access)

    ids = ("family@group.calendar.google.com", "primary", "typo@example.com")
    wanted = [word for id_ in ids for word in ("--calendar", id_)] + ["--day-ends", "22:30", "--buffer", "45m"]
    preferred = autosync("calendars", "prefer", *wanted, database_url=direct_url, **set_up(google))
    assert "Google does not show us typo@example.com" in preferred.out
    kept = (await calendars.find(connection, maya)).wishes
    assert kept == Wishes(ids, time(9), time(22, 30), timedelta(minutes=45))
    status = json.loads(autosync("calendars", "status", "--json", database_url=direct_url).out)
    assert (status["connected"], status["day_ends"], status["buffer_minutes"]) == (True, "22:30", 45)

    left = autosync("calendars", "disconnect", database_url=direct_url, **set_up(google))
    again = autosync("calendars", "disconnect", database_url=direct_url, **set_up(google))
    assert (left.code, left.out) == (0, "Disconnected, here and at Google.\n")
    assert (again.code, again.err.strip()) == (1, "autosync: No calendar is connected.")
    assert google.grants() == {}
    assert google.violations() == []
    noted = await factory.rows("select verb, subject_id from auto_sync_interventions order by at")
    assert noted == [(f"calendars {verb}", maya) for verb in ("connect", "prefer", "disconnect")]


async def test_whoever_says_no_is_told_so(factory: Factory, direct_url: str, google: GoogleStandIn, maya: UUID) -> None:
    with connecting(direct_url, google, "--organizer", str(maya)) as (address, process):
        httpx.get(google.deny(address))
        ran = end(process)

    assert (ran.code, ran.err.strip()) == (1, "autosync: You did not allow it, and nothing was changed.")
    assert await factory.rows("select 1 from google_calendar_tokens") == []


async def test_only_the_answer_to_the_question_ends_the_waiting(
    factory: Factory, direct_url: str, google: GoogleStandIn, maya: UUID
) -> None:
    with connecting(direct_url, google) as (address, process):
        back = urlsplit(google.allow(address))
        site = f"{back.scheme}://{back.netloc}"
        strange = [
            httpx.get(f"{site}/favicon.ico").status_code,
            httpx.get(f"{site}/?code=4/x&state=forged").status_code,
            httpx.post(f"{site}/?{back.query}").status_code,
            httpx.get(f"{site}/elsewhere?{back.query}").status_code,
        ]
        assert process.poll() is None
        httpx.get(back.geturl())
        ran = end(process)

    code = parse_qs(back.query)["code"][0]
    assert strange == [404, 400, 404, 404]
    assert ran.code == 0
    assert code not in ran.out + ran.err


async def test_what_cannot_be_is_said_in_a_sentence(
    factory: Factory, direct_url: str, google: GoogleStandIn, maya: UUID, unused_port: int
) -> None:
    def fails(*arguments: str, **settings: str) -> tuple[int, str]:
        ran = autosync("calendars", *arguments, database_url=direct_url, **settings)
        return ran.code, ran.err.strip()

    code, said = fails("connect")
    assert (code, "AUTOSYNC_GOOGLE_CLIENT_ID" in said) == (1, True)
    code, said = fails("prefer")
    assert (code, "Say what is wanted" in said) == (2, True)
    code, said = fails("prefer", "--day-begins", "nine")
    assert (code, "no time of day" in said) == (2, True)
    code, said = fails("prefer", "--day-begins", "22:00")
    assert (code, said) == (2, "autosync: The day has to end after it begins.")
    code, said = fails("prefer", "--calendar", "a b")
    assert (code, "not a calendar's address" in said) == (2, True)
    assert await factory.rows("select 1 from auto_sync_calendars") == []
    assert await factory.rows("select 1 from auto_sync_interventions") == []


async def test_without_google_what_another_client_connected_can_be_forgotten(
    factory: Factory, direct_url: str, maya: UUID
) -> None:
    await factory.insert("google_calendar_tokens", user_id=maya, access_token="ya29.theirs")

    ran = autosync("calendars", "disconnect", database_url=direct_url)

    assert (ran.code, "myaccount.google.com" in ran.out) == (0, True)
    assert await factory.rows("select 1 from google_calendar_tokens") == []


async def test_a_port_in_use_is_named() -> None:
    async with loopback.listening(0) as first:
        port = urlsplit(first.redirect_uri).port
        assert port
        with pytest.raises(Unusable, match=f"port {port}"):
            async with loopback.listening(port):
                pass


async def test_nobody_is_waited_for_for_ever() -> None:
    async with loopback.listening(0) as waiting:
        with pytest.raises(Refused, match="in time"):
            await waiting.wait_for(Question.new(waiting.redirect_uri), within=timedelta(milliseconds=10))
