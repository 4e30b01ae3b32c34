"""The application with the pages of people who sign in, and visitors who are signed in to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from urllib.parse import urlsplit
from uuid import UUID

import httpx
from fastapi import FastAPI
from pydantic import SecretStr

from autosync.calendar_consent import Envelope
from autosync.calendars.google import GoogleCalendar
from autosync.calendars.seal import Seal
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.gateways import Gateway
from autosync.gateways.record import RecordGateway
from autosync.processor import Processor
from autosync.sign_in import SignIn
from autosync.web.api.signed_in import Api
from autosync.web.app import create_app
from autosync.web.tokens import Tokens
from connected import KEY, connections_of
from pages import LINKS
from signing import SECRET

OPERATOR_KEY = "the operator key of the tests, which is long enough"
SITE = "http://localhost"
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}


def sign_in_of(pool: Pool, gateway: Gateway | None = None) -> SignIn:
    """How people sign in to the tests' application."""
    return SignIn(pool=pool, gateway=gateway or RecordGateway(), region="US", operator_key=SecretStr(OPERATOR_KEY))


def app_with_own_pages(
    pool: Pool,
    *,
    gateway: Gateway | None = None,
    wake: Callable[[], None] = lambda: None,
    google: GoogleCalendar | None = None,
) -> FastAPI:
    """Everything that `autosync serve` serves but Twilio's webhooks, over the test's database, without a worker.

    `google`: where calendars can be connected, if they can.
    """
    used = gateway or RecordGateway()
    return create_app(
        pool=pool,
        processor=Processor(pool=pool, links=LINKS),
        dispatcher=Dispatcher(pool=pool, gateways={used.name: used}, gateway=used.name, region="US"),
        worker=None,
        service_key=None,
        tokens=Tokens(secret=SecretStr(SECRET), keys=None),
        organizers=Api(
            pool=pool,
            region="US",
            price_per_segment=Decimal("0.0083"),
            currency="USD",
            wake=wake,
            links=LINKS,
            public_url=SITE if google else None,
            connections=connections_of(pool, google) if google else None,
            envelope=Envelope(Seal([KEY])) if google else None,
        ),
        sign_in=sign_in_of(pool, gateway),
        links=LINKS,
    )


def stranger(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """A browser without a session that sends forms from our pages; does not follow redirects."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=SITE, headers=FROM_OUR_PAGE | headers)


@asynccontextmanager
async def signed_in_visitor(app: FastAPI, organizer: UUID) -> AsyncIterator[httpx.AsyncClient]:
    """A browser in which this organizer is signed in, by a link."""
    link = await app.state.sign_in.make_link(organizer)
    async with stranger(app) as browser:
        response = await browser.post(f"/sign-in/link/{link}")
        assert (response.status_code, urlsplit(response.headers["location"]).path) == (303, "/")
        yield browser
