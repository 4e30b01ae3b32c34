"""GET /api/free-times: times to propose for a phrase, as a program asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import httpx
import pytest

from api_client import app_for, client_for, fingerprint
from autosync.database.pool import Pool
from factories import Factory
from signing import signed_in

NEW_YORK, LONDON = ZoneInfo("America/New_York"), ZoneInfo("Europe/London")
TODAY = datetime.now(NEW_YORK).date()
MONDAY = TODAY + timedelta(days=14 - TODAY.weekday())
EVENING = f"{MONDAY:%B} {MONDAY.day} evening"


@pytest.fixture
async def maya(factory: Factory) -> UUID:
    return await factory.organizer("Maya", "Lopez")


@pytest.fixture
async def client(pool: Pool, maya: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with client_for(app_for(pool), maya) as opened:
        yield opened


def at(clock: str, zone: ZoneInfo = NEW_YORK) -> datetime:
    return datetime.combine(MONDAY, time.fromisoformat(clock), zone)


async def ask(client: httpx.AsyncClient, phrase: str = EVENING, **parameters: Any) -> httpx.Response:
    return await client.get("/api/free-times", params={"phrase": phrase, **parameters})


async def test_free_times_come_with_why_and_go_into_a_start_as_they_are(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    before = await fingerprint(factory)
    answer = await ask(client)
    assert answer.status_code == 200
    body = answer.json()
    first = body["options"][0]
    assert datetime.fromisoformat(first["start_time"]) == at("17:00")
    assert datetime.fromisoformat(first["end_time"]) == at("19:00")
    assert first["when"].startswith(f"{MONDAY:%a %b} {MONDAY.day}, 5-7 PM E")
    assert first["reasons"] == ["It is at an hour that you asked for."]
    assert (body["calendar"], body["unreadable_calendars"]) == ("none", [])
    assert body["calendar_note"] == "No calendar is connected, so none was looked at."
    assert (body["timezone"], body["duration_minutes"], body["next_skip"]) == ("America/New_York", 120, 3)
    assert await fingerprint(factory) == before

    crew = await factory.crew(maya, [await factory.contact(maya)])
    options = [{name: option[name] for name in ("start_time", "end_time")} for option in body["options"]]
    plan = {"crew_id": str(crew), "event_name": "Board games", "options": options}
    assert (await client.post("/api/syncs", json=plan)).status_code == 201
    rows = await factory.rows("select start_time, end_time from auto_sync_options order by idx")
    assert rows[0] == (at("17:00"), at("19:00"))


async def test_all_of_them_come_a_page_at_a_time(client: httpx.AsyncClient) -> None:
    seen, skip = [], 0
    while skip is not None:
        body = (await ask(client, skip=skip)).json()
        seen += [option["start_time"] for option in body["options"]]
        skip = body["next_skip"]
    assert len(seen) == len(set(seen)) == 7
    assert (await ask(client, skip=7)).json()["nothing"] == "There are no other times."


async def test_length_zone_and_crew_are_taken_into_account(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    crew = await factory.crew(maya, [await factory.contact(maya, phone_number="+81312345678")])
    body = (await ask(client, duration_minutes=45, timezone="Europe/London", crew_id=crew)).json()
    first = body["options"][0]
    assert datetime.fromisoformat(first["start_time"]) == at("17:00", LONDON)
    assert datetime.fromisoformat(first["end_time"]) == at("17:45", LONDON)
    assert first["reasons"][1:] == [
        "It is noon in New York.",
        f"It is 2 AM on {MONDAY + timedelta(days=1):%A} in Tokyo.",
    ]


async def test_what_is_unclear_is_asked_back_with_phrases_that_are_not(client: httpx.AsyncClient) -> None:
    body = (await ask(client, "3/4")).json()
    assert body["question"].endswith("?")
    assert (body["options"], body["heard"], body["calendar"]) == ([], "", None)
    for choice in body["choices"]:
        assert (await ask(client, choice)).json()["question"] is None


async def test_one_time_that_is_named_is_told_with_what_it_meets(
    client: httpx.AsyncClient, factory: Factory, maya: UUID
) -> None:
    made = await factory.sync(organizer=maya, options=0)
    span = {"start_time": at("19:00"), "end_time": at("21:00")}
    await factory.insert("auto_sync_options", auto_sync_id=made.id, idx=1, **span)
    body = (await ask(client, f"{MONDAY} 18:00 to 20:00")).json()
    assert body["is_exact"] is True
    assert len(body["options"]) == 1
    (conflict,) = body["conflicts"]
    assert (conflict["meets"], conflict["sentence"]) == (
        "proposed",
        "You have proposed another plan from 7 PM to 9 PM.",
    )
    assert datetime.fromisoformat(conflict["start_time"]) == at("19:00")


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"phrase": ""}, "phrase"),
        ({"phrase": "x" * 201}, "phrase"),
        ({"phrase": "next\nweek"}, "phrase"),
        ({"duration_minutes": 4}, "duration_minutes"),
        ({"duration_minutes": 721}, "duration_minutes"),
        ({"duration_minutes": "two hours"}, "duration_minutes"),
        ({"timezone": "Middle/Earth"}, "time zone"),
        ({"timezone": "x" * 65}, "timezone"),
        ({"skip": -1}, "skip"),
        ({"skip": 301}, "skip"),
        ({"crew_id": "Friends"}, "crew_id"),
    ],
    ids=str,
)
async def test_what_cannot_be_used_is_refused_by_its_name(
    client: httpx.AsyncClient, parameters: dict[str, Any], field: str
) -> None:
    refused = await ask(client, **parameters)
    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    assert field in refused.json()["detail"]


async def test_strangers_and_others_crews_are_refused(pool: Pool, client: httpx.AsyncClient, factory: Factory) -> None:
    eve = await factory.organizer("Eve")
    theirs = await factory.crew(eve, [await factory.contact(eve)])
    assert (await ask(client, crew_id=theirs)).status_code == 404
    async with client_for(app_for(pool)) as stranger:
        assert (await ask(stranger)).status_code == 401
        nobody = await stranger.get("/api/free-times", params={"phrase": EVENING}, headers=signed_in(uuid4()))
    assert nobody.status_code == 409
    assert "no profile yet" in nobody.json()["detail"]
