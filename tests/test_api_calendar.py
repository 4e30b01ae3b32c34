"""/api/calendar: how it stands, what is wanted, and disconnecting; each person sees and changes their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from api_client import app_for, client_for
from autosync import calendar_connections
from autosync.calendar_connections import CalendarConnections
from autosync.database import google_tokens
from autosync.database.pool import Pool, connect
from connected import connected_organizer, connections_of, google_at, let_expire
from factories import Factory
from google_stand_in import GoogleStandIn, google_stand_in
from own_pages import app_with_own_pages

NOTHING_SAID = {
    "connected": False, "can_be_connected": True, "calendar_ids": ["primary"], "day_begins": "09:00",
    "day_ends": "21:00", "buffer_minutes": 0, "disconnected_at": None, "disconnected_because": None,
}  # fmt: skip


@pytest.fixture
def stand_in() -> Iterator[GoogleStandIn]:
    with google_stand_in() as running:
        yield running


@pytest.fixture
async def connections(pool: Pool, stand_in: GoogleStandIn) -> AsyncIterator[CalendarConnections]:
    google = google_at(stand_in.url)
    yield connections_of(pool, google)
    await google.close()


@pytest.fixture
def app(pool: Pool, connections: CalendarConnections) -> FastAPI:
    return app_with_own_pages(pool, google=connections.google)


@pytest.fixture
async def maya(factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections) -> UUID:
    return await connected_organizer(factory, stand_in, connections)


@pytest.fixture
async def client(app: FastAPI, maya: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """Maya's."""
    async with client_for(app, maya) as opened:
        yield opened


async def test_it_tells_how_it_stands_and_keeps_what_is_wanted(app: FastAPI, factory: Factory) -> None:
    wanted = {
        "calendar_ids": ["you@example.com", "primary"], "day_begins": "08:30", "day_ends": "23:59",
        "buffer_minutes": 240,
    }  # fmt: skip
    async with client_for(app, await factory.organizer()) as client:
        before = (await client.get("/api/calendar")).json()
        put = await client.put("/api/calendar", json=wanted)
        after = (await client.get("/api/calendar")).json()
        reset = (await client.put("/api/calendar", json={})).json()

    assert (before, reset) == (NOTHING_SAID, NOTHING_SAID)
    assert put.json() == after == NOTHING_SAID | wanted


@pytest.mark.parametrize("body", [
    {"calendar_ids": []}, {"calendar_ids": [".."]}, {"calendar_ids": ["a b"]}, {"calendar_ids": ["a"] * 11},
    {"calendar_ids": ["a" * 255]}, {"day_begins": "9:00"}, {"day_begins": "21:00"}, {"day_ends": "24:00"},
    {"buffer_minutes": 241}, {"buffer_minutes": -1}, {"disconnected_because": "x"}, {"user_id": "x"},
])  # fmt: skip
async def test_what_makes_no_sense_is_refused(client: httpx.AsyncClient, factory: Factory, body: Any) -> None:
    assert (await client.put("/api/calendar", json=body)).status_code == 422
    assert await factory.rows("select 1 from auto_sync_calendars") == []


async def test_it_is_disconnected_once_and_withdrawn_at_google(
    client: httpx.AsyncClient, stand_in: GoogleStandIn
) -> None:
    assert (await client.get("/api/calendar")).json()["connected"]

    done = (await client.delete("/api/calendar")).json()
    again = (await client.delete("/api/calendar")).json()

    assert done == {"was_connected": True, "withdrawn_at_google": True}
    assert again == {"was_connected": False, "withdrawn_at_google": False}
    assert (stand_in.grants(), (await client.get("/api/calendar")).json()) == ({}, NOTHING_SAID)


async def test_it_tells_why_it_was_lost(
    client: httpx.AsyncClient,
    factory: Factory,
    stand_in: GoogleStandIn,
    connections: CalendarConnections,
    maya: UUID,
) -> None:
    stand_in.revoke()
    await let_expire(factory, maya)
    with pytest.raises(calendar_connections.Disconnected):
        await connections.access_token(maya)

    found = (await client.get("/api/calendar")).json()

    assert (found["connected"], found["disconnected_at"] is None) == (False, False)
    assert "withdrew" in found["disconnected_because"]


async def test_others_calendars_are_none_of_ones_business(
    app: FastAPI, client: httpx.AsyncClient, factory: Factory, stand_in: GoogleStandIn
) -> None:
    await client.put("/api/calendar", json={"day_begins": "07:00"})
    async with client_for(app, await factory.organizer()) as other:
        seen = (await other.get("/api/calendar")).json()
        await other.put("/api/calendar", json={"day_begins": "10:00"})
        done = (await other.delete("/api/calendar")).json()

    assert seen == NOTHING_SAID
    assert not done["was_connected"]
    assert (await client.get("/api/calendar")).json()["day_begins"] == "07:00"
    assert len(stand_in.grants()) == 1


async def test_while_its_tokens_are_held_it_says_to_come_again(
    client: httpx.AsyncClient, direct_url: str, maya: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar_connections, "PATIENCE", timedelta(milliseconds=50))
    async with connect(direct_url) as holder, holder.transaction():
        await google_tokens.lock(holder, maya)
        assert (await client.delete("/api/calendar")).status_code == 503

    assert (await client.delete("/api/calendar")).json()["was_connected"]


async def test_without_google_it_says_so_and_can_forget_what_another_client_connected(
    pool: Pool, factory: Factory
) -> None:
    organizer = await factory.organizer()
    await factory.insert("google_calendar_tokens", user_id=organizer, access_token="ya29.theirs")
    async with client_for(app_for(pool), organizer) as client:
        before = (await client.get("/api/calendar")).json()
        done = (await client.delete("/api/calendar")).json()

    assert (before["connected"], before["can_be_connected"]) == (True, False)
    assert done == {"was_connected": True, "withdrawn_at_google": False}


async def test_whoever_has_no_profile_says_first_who_they_are(app: FastAPI, factory: Factory) -> None:
    newcomer = await factory.organizer()
    await factory.do("delete from profiles where id = %s", newcomer)
    async with client_for(app, newcomer) as client:
        assert (await client.put("/api/calendar", json={})).status_code == 409
