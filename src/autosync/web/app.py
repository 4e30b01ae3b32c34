"""The ASGI application: the function endpoint that wakes the processor, the API, webhooks, pages,
health, and metrics.

It holds no state of its own but the keys that it has fetched; any number of these may be served.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI
from pydantic import SecretStr

from autosync import __version__
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.invitee_links import Links
from autosync.meters import Meters
from autosync.processor import Processor
from autosync.sign_in import SignIn
from autosync.web import api, function_endpoint, health, metrics, webhooks
from autosync.web.api.signed_in import Api
from autosync.web.callers import Callers
from autosync.web.errors import add_handlers
from autosync.web.metrics import Metrics
from autosync.web.pages import add_organizers_pages, add_pages
from autosync.web.tokens import Tokens
from autosync.web.webhooks import TwilioWebhooks
from autosync.worker import Worker

if TYPE_CHECKING:
    from autosync.inviter import Inviter

DESCRIPTION = """Gets a group of people to meet: time options by text, one reminder, one decision.

Every refusal is a problem document (RFC 9457) whose `detail` is one sentence. Times are RFC 3339, answered in UTC."""


def create_app(
    *,
    pool: Pool,
    processor: Processor,
    dispatcher: Dispatcher,
    worker: Worker | None,
    meters: Meters | None = None,
    service_key: SecretStr | None,
    twilio: TwilioWebhooks | None = None,
    tokens: Tokens | None = None,
    organizers: Api | None = None,
    sign_in: SignIn | None = None,
    links: Links | None = None,
    region: str = "US",
    inviter: Inviter | None = None,
) -> FastAPI:
    """The application over these parts.

    `worker`: the one in this process, if any; `meters`: what this process counts. With neither `service_key` nor
    `tokens` everyone is refused. `twilio` None: no webhooks; `organizers` None: no API; `sign_in` None: no pages for
    organizers and operators; `links` None: none for invitees; `inviter` None: nothing is put into calendars. `region`:
    the country of numbers that are written without one.
    """
    app = FastAPI(
        title="Auto Sync",
        version=__version__,
        description=DESCRIPTION,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.callers = Callers(service_key, tokens or Tokens(secret=None, keys=None))
    app.state.api = organizers
    app.state.sign_in = sign_in
    add_handlers(app)
    app.include_router(function_endpoint.create_router(processor, dispatcher, inviter))
    app.include_router(health.create_router(pool, worker))
    app.include_router(metrics.create_router(Metrics(pool=pool, worker=worker, meters=meters or Meters())))
    if twilio is not None:
        app.include_router(webhooks.create_router(pool, twilio, worker.wake if worker else lambda: None))
    if organizers is not None:
        app.include_router(api.create_router())
    if organizers is not None and sign_in is not None:
        add_organizers_pages(app, pool)
    add_pages(app, pool=pool, links=links, region=region, wake=worker.wake if worker else lambda: None)
    return app


def create_watched(*, pool: Pool, worker: Worker, meters: Meters) -> FastAPI:
    """Health and metrics alone, for a worker that serves nothing else."""
    app = FastAPI(title="Auto Sync worker", version=__version__, openapi_url=None, docs_url=None, redoc_url=None)
    add_handlers(app)
    app.include_router(health.create_router(pool, worker))
    app.include_router(metrics.create_router(Metrics(pool=pool, worker=worker, meters=meters)))
    return app
