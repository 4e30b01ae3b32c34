"""An application with pages and their links, for tests that open them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx
from fastapi import FastAPI

from autosync import syncs
from autosync.database.pool import Connection, Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.invitee_links import Links
from autosync.model import ResponseGoal
from autosync.processor import Processor
from autosync.web.app import create_app
from factories import Factory

SECRET = b"a secret that only the tests know and that is long enough"
LINKS = Links("http://test", [SECRET])


def app_with_pages(pool: Pool) -> FastAPI:
    """The application with invitees' pages, over the test's database."""
    gateway = RecordGateway()
    return create_app(
        pool=pool,
        processor=Processor(pool=pool, links=LINKS),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=None,
        links=LINKS,
    )


def visitor(app: FastAPI) -> httpx.AsyncClient:
    """Somebody with a link and nothing else; does not follow redirects."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")


async def started(
    factory: Factory,
    connection: Connection,
    *,
    names: tuple[str, ...] = ("Ann", "Ben"),
    **changes: object,
) -> tuple[UUID, dict[str, str]]:
    """A sync of three options that was started with links: its id, and each invitee's path by first name."""
    organizer = await factory.organizer("Maya", "Lopez")
    crew = await factory.crew(organizer, [await factory.contact(organizer, name) for name in names])
    begins = datetime.now(UTC).replace(hour=23, minute=0, second=0, microsecond=0) + timedelta(days=10)
    fields: dict[str, object] = {
        "organizer_id": organizer,
        "crew": str(crew),
        "event_name": "Board games",
        "event_location": "Luna Cafe",
        "timezone": "America/New_York",
        "response_goal": ResponseGoal.EVERYONE,
        "options": tuple((begins + timedelta(days=day), begins + timedelta(days=day, hours=2)) for day in range(3)),
    }
    made = await syncs.start(connection, syncs.Plan(**(fields | changes)), region="US", links=LINKS)  # type: ignore[arg-type]
    return made.sync.id, await paths(factory, made.sync.id, "initial")


async def paths(factory: Factory, sync: UUID, type_: str) -> dict[str, str]:
    """The path that stands at the end of each invitee's text of this type, by first name."""
    rows = await factory.rows(
        "select c.first_name, m.body from auto_sync_messages m join contacts c on c.id = m.contact_id"
        " where m.auto_sync_id = %s and m.message_type = %s",
        sync, type_,
    )  # fmt: skip
    found = {name: re.search(r"\nhttp://test(/r/\S+)$", body) for name, body in rows}
    return {name: match.group(1) for name, match in found.items() if match}
