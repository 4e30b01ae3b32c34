"""People whose calendar is connected, at the stand-in for Google."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from pydantic import SecretStr

from autosync.calendar_connections import CalendarConnections
from autosync.calendar_losses import CalendarLosses
from autosync.calendar_tokens import CalendarTokens
from autosync.calendars.google import GoogleCalendar, Grant
from autosync.calendars.seal import KEY_LENGTH, Seal
from autosync.database.pool import Pool
from factories import Factory
from google_stand_in import CLIENT_ID, CLIENT_SECRET, YOU, GoogleStandIn

KEY = b"the key of the tests' tokens ...".ljust(KEY_LENGTH)
PAGE = "https://sync.example/calendar"
LOSSES = CalendarLosses(region="US", page=PAGE)
BACK = "http://localhost/calendar/callback"


def google_at(url: str, **options: Any) -> GoogleCalendar:
    """A client of the stand-in; gives up after three seconds."""
    options = {"client_secret": SecretStr(CLIENT_SECRET), "timeout": timedelta(seconds=3), **options}
    return GoogleCalendar(client_id=CLIENT_ID, base_url=url, **options)


def connections_of(pool: Pool, google: GoogleCalendar, *keys: bytes) -> CalendarConnections:
    """Connections whose tokens are sealed with these keys, or with the tests'."""
    return CalendarConnections(pool=pool, tokens=CalendarTokens(Seal(keys or [KEY])), google=google, losses=LOSSES)


async def granted(stand_in: GoogleStandIn, google: GoogleCalendar, *, person: str = YOU, **how: Any) -> Grant:
    """What this person allows, by the whole way of consent."""
    verifier = secrets.token_urlsafe(48)
    address = google.consent_address(redirect_uri=BACK, state="a-state", verifier=verifier)
    (code,) = parse_qs(urlsplit(stand_in.allow(address, person=person, **how)).query)["code"]
    return await google.exchange(code, redirect_uri=BACK, verifier=verifier)


async def connected_organizer(
    factory: Factory, stand_in: GoogleStandIn, connections: CalendarConnections, *, person: str = YOU
) -> UUID:
    """An organizer who has connected this account."""
    organizer = await factory.organizer()
    await connections.connect(organizer, await granted(stand_in, connections.google, person=person))
    return organizer


async def let_expire(factory: Factory, organizer: UUID, *, left: timedelta = timedelta()) -> None:
    """Their access token has so much time left, as far as the database knows."""
    await factory.do(
        "update google_calendar_tokens set expires_at = clock_timestamp() + %s where user_id = %s", left, organizer
    )
