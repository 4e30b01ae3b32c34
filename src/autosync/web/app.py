"""The ASGI application: the function endpoint that wakes the processor, and health.

It holds no state of its own; any number of these may be served.
"""

from __future__ import annotations

import hmac
import time
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import psycopg
from fastapi import FastAPI, Header
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from autosync import __version__
from autosync.database import jobs, migrate
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.processor import Processor
from autosync.web.errors import NotAllowedError, refuse, report_database_error
from autosync.web.webhooks import TwilioWebhooks, create_router
from autosync.worker import Worker

TIME_FOR_A_CALL = timedelta(seconds=20)
"""A call of the function endpoint works for about this long, and leaves the rest to the next one."""

STANDS_STILL = timedelta(seconds=60)
"""A claim loop without a turn for this long is not ready, though its process lives."""


def create_app(
    *,
    pool: Pool,
    processor: Processor,
    dispatcher: Dispatcher,
    worker: Worker | None,
    service_key: SecretStr | None,
    twilio: TwilioWebhooks | None = None,
) -> FastAPI:
    """The application over these parts.

    `worker`: the one in this process, if any; `service_key` None: refuse all; `twilio` None: no webhooks.
    """
    app = FastAPI(
        title="Auto Sync", version=__version__, openapi_url="/api/openapi.json", docs_url=None, redoc_url=None
    )
    app.add_exception_handler(psycopg.Error, report_database_error)
    app.add_exception_handler(NotAllowedError, refuse)

    if twilio is not None:
        app.include_router(create_router(pool, twilio, worker.wake if worker else lambda: None))

    @app.post("/functions/v1/process-auto-sync-jobs")
    async def process_auto_sync_jobs(
        authorization: Annotated[str | None, Header()] = None, apikey: Annotated[str | None, Header()] = None
    ) -> dict[str, int]:
        """Does what is due, in batches, until nothing is or about 20 seconds are over; says what it did."""
        _require_key(service_key, authorization, apikey)
        began = time.monotonic()
        summary = await processor.process_due(at_most=TIME_FOR_A_CALL)
        left = TIME_FOR_A_CALL - timedelta(seconds=time.monotonic() - began)
        await dispatcher.dispatch_due(at_most=left)
        return asdict(summary)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        """The process answers."""
        return {"status": "live"}

    @app.get("/health/ready")
    async def ready() -> JSONResponse:
        """Database reachable, schema current, claim loop progressing; how old the oldest due job is, in seconds."""
        async with pool.connection() as connection:
            missing = [migration.version for migration in await migrate.pending(connection)]
            age = await jobs.oldest_due_age(connection) if not missing else None
        still = worker.processing.stands_still_since if worker else None
        is_ready = not missing and (still is None or still < STANDS_STILL)
        return JSONResponse(
            {
                "status": "ready" if is_ready else "not ready",
                "missing_migrations": missing,
                "oldest_due_job_seconds": age.total_seconds() if age else 0,
                "claim_loop_stands_still_seconds": still.total_seconds() if still else None,
            },
            status_code=200 if is_ready else 503,
        )

    return app


def _require_key(service_key: SecretStr | None, authorization: str | None, apikey: str | None) -> None:
    """Raises NotAllowedError unless the caller presents the service key, as bearer token or as apikey."""
    scheme, _, token = (authorization or "").partition(" ")
    bearer = token.strip() if scheme.lower() == "bearer" else ""
    presented = [key for key in (bearer, apikey or "") if key]
    if not presented:
        raise NotAllowedError(401, "Present the service key: Authorization: Bearer KEY, or apikey: KEY.")
    if service_key is None or not service_key.get_secret_value():
        raise NotAllowedError(401, "No service key is set up here, so nobody is let in.")
    expected = service_key.get_secret_value().encode()
    if not any(hmac.compare_digest(key.encode(), expected) for key in presented):
        raise NotAllowedError(401, "This is not the service key.")
