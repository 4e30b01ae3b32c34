"""`autosync syncs propose`: free times on a terminal, ready to be pasted behind `syncs start`."""

from __future__ import annotations

import base64
import json
import re
import shlex
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from autosync.calendars.seal import new_key
from autosync.database.pool import Pool
from commands import Ran, autosync
from connected import connections_of, google_at, granted
from factories import Factory
from google_stand_in import CLIENT_ID, CLIENT_SECRET, GoogleStandIn, google_stand_in

NEW_YORK = ZoneInfo("America/New_York")
TODAY = datetime.now(NEW_YORK).date()
MONDAY = TODAY + timedelta(days=14 - TODAY.weekday())
EVENING = f"{MONDAY:%B} {MONDAY.day} evening"
KEY = new_key()


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


def at(clock: str) -> datetime:
    return datetime.combine(MONDAY, time.fromisoformat(clock), NEW_YORK)


def propose(url: str, phrase: str, *options: str, **settings: str) -> Ran:
    return autosync("syncs", "propose", phrase, *options, database_url=url, **settings)


async def test_proposals_are_numbered_with_when_and_why_and_pasted_into_a_start(
    factory: Factory, direct_url: str, maya: UUID
) -> None:
    await factory.crew(maya, [await factory.contact(maya)], "Friends")
    ran = propose(direct_url, EVENING)
    assert (ran.code, ran.err) == (0, "")
    lines = ran.out.splitlines()
    assert lines[0] == f"{MONDAY:%A, %B} {MONDAY.day}, between 5 and 10 PM, for 2 hours"
    assert lines[2].startswith(f"1) {MONDAY:%a %b} {MONDAY.day}, 5-7 PM E")
    assert lines[3:5] == ["   It is at an hour that you asked for.", f"   --option '{MONDAY} 17:00 to 19:00'"]
    assert "No calendar is connected, so none was looked at." in lines
    assert lines[-1] == "--skip 3 shows others."

    options = shlex.split(" ".join(re.findall(r"--option '.*'", ran.out)))
    started = autosync("syncs", "start", "--event", "Tea", "--crew", "Friends", *options, database_url=direct_url)
    assert started.code == 0, started.err
    rows = await factory.rows("select start_time, end_time from auto_sync_options order by idx")
    assert [row[0] for row in rows] == [at("17:00"), at("19:00"), at("19:30")]


async def test_the_zone_and_the_length_are_said_where_they_are_not_the_usual_ones(direct_url: str, maya: UUID) -> None:
    ran = propose(direct_url, EVENING, "--timezone", "Europe/London", "--duration", "90m", "--skip", "1")
    assert "for 90 minutes" in ran.out
    assert f"--option '{MONDAY} 18:30 to 20:00'" in ran.out
    assert "`autosync syncs start --timezone Europe/London`" in ran.out
    assert "It is 1:30 PM in New York." in ran.out


async def test_the_same_is_one_document(direct_url: str, maya: UUID) -> None:
    document = json.loads(propose(direct_url, EVENING, "--json").out)
    assert document["options"][0]["option"] == f"{MONDAY} 17:00 to 19:00"
    assert datetime.fromisoformat(document["options"][0]["start_time"]) == at("17:00")
    assert (document["calendar"], document["next_skip"]) == ("none", 3)


async def test_a_question_is_asked_back_and_is_no_success(direct_url: str, maya: UUID) -> None:
    ran = propose(direct_url, "3/4")
    question, *choices = ran.out.splitlines()
    assert (ran.code, ran.err) == (1, "")
    assert question.endswith("?")
    assert len(choices) == 2
    document = propose(direct_url, "3/4", "--json")
    assert document.code == 1
    assert json.loads(document.out)["choices"] == [choice.strip() for choice in choices]


@pytest.mark.parametrize(
    ("options", "code", "sentence"),
    [
        (["--duration", "13h"], 2, "between 5 minutes and 12 hours"),
        (["--duration", "long"], 2, "is no span of time"),
        (["--timezone", "Middle/Earth"], 2, "is unknown"),
        (["--crew", "Nobody"], 1, "has no crew 'Nobody'"),
        (["--organizer", "Maya"], 2, "is not the id of an organizer"),
        (["--skip", "-1"], 2, "--skip"),
    ],
)
async def test_what_cannot_be_is_one_sentence(
    direct_url: str, maya: UUID, options: list[str], code: int, sentence: str
) -> None:
    ran = propose(direct_url, EVENING, *options)
    assert (ran.code, ran.out) == (code, "")
    assert sentence in ran.err


async def test_a_connected_calendar_is_looked_at(
    pool: Pool, direct_url: str, maya: UUID, stand_in: GoogleStandIn
) -> None:
    google = google_at(stand_in.url)
    await connections_of(pool, google, base64.urlsafe_b64decode(KEY)).connect(maya, await granted(stand_in, google))
    await google.close()
    without = propose(direct_url, EVENING)
    assert "Your Google Calendar cannot be looked at from here, so these times were not checked" in without.out
    settings = {
        "AUTOSYNC_TOKEN_KEYS": KEY,
        "AUTOSYNC_GOOGLE_CLIENT_ID": CLIENT_ID,
        "AUTOSYNC_GOOGLE_CLIENT_SECRET": CLIENT_SECRET,
        "AUTOSYNC_GOOGLE_BASE_URL": stand_in.url,
        "AUTOSYNC_PUBLIC_URL": "http://localhost",
    }
    stand_in.busy((at("17:00"), at("18:45")))
    ran = propose(direct_url, EVENING, **settings)
    assert f"--option '{MONDAY} 19:00 to 21:00'" in ran.out, ran.err
    assert "You are free from 6:45 PM to 10 PM." in ran.out
    assert "Checked against your Google Calendar." in ran.out
    ran = propose(direct_url, f"{MONDAY} 18:00", **settings)
    assert "   Your calendar has something from 5 PM to 6:45 PM." in ran.out
    assert f"--option '{MONDAY} 18:00 to 20:00'" in ran.out
