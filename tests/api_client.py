"""A client of the API as an organizer's own program would be one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.web.api.signed_in import Api
from autosync.web.app import create_app
from autosync.web.tokens import Tokens
from factories import Factory
from signing import SECRET, signed_in

BEGINS = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=10)


def app_for(pool: Pool, *, wake: Callable[[], None] = lambda: None, service_key: str | None = None) -> FastAPI:
    """The application with its API, over the test's database."""
    gateway = RecordGateway()
    return create_app(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        worker=None,
        service_key=SecretStr(service_key) if service_key else None,
        tokens=Tokens(secret=SecretStr(SECRET), keys=None),
        organizers=Api(pool=pool, region="US", price_per_segment=Decimal("0.0083"), currency="USD", wake=wake),
    )


def client_for(app: FastAPI, organizer: UUID | None = None) -> httpx.AsyncClient:
    """A client that speaks to the application directly, as this person."""
    headers = signed_in(organizer) if organizer else {}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test", headers=headers)


def plan(crew: UUID, **changes: Any) -> dict[str, Any]:
    """The body of a start; None takes a field away."""
    body = {
        "crew_id": str(crew),
        "event_name": "Board games",
        "event_location": "Luna Cafe",
        "timezone": "America/New_York",
        "response_goal": "everyone",
        "options": [
            {"start_time": BEGINS.isoformat(), "end_time": (BEGINS + timedelta(hours=2)).isoformat()},
            {"start_time": (BEGINS + timedelta(days=1)).isoformat()},
        ],
        **changes,
    }
    return {name: value for name, value in body.items() if value is not None}


async def crew_of(factory: Factory, organizer: UUID, *names: str) -> UUID:
    """A crew of contacts with these names."""
    return await factory.crew(organizer, [await factory.contact(organizer, name) for name in names or ("Ann", "Ben")])


async def fingerprint(factory: Factory) -> dict[str, str]:
    """What stands in every table: a hash of its rows."""
    tables = await factory.rows("select tablename from pg_tables where schemaname = 'public' order by tablename")
    found = {}
    for (table,) in tables:
        found[table] = await factory.one(
            f"select md5(coalesce(string_agg(t::text, chr(10) order by t::text), '')) from public.{table} as t"
        )
    return found
