"""Serves the application, with a worker beside it, until the process is told to stop."""

from __future__ import annotations

import structlog
import uvicorn
from pydantic import SecretStr

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.processor import Processor
from autosync.web.app import create_app
from autosync.worker import Worker

log = structlog.get_logger(__name__)


async def serve_until_stopped(
    *,
    host: str,
    port: int,
    pool: Pool,
    processor: Processor,
    dispatcher: Dispatcher,
    worker: Worker | None,
    service_key: SecretStr | None,
) -> None:
    """Listens on host and port until SIGTERM or SIGINT; then requests and batches in hand are finished."""
    app = create_app(pool=pool, processor=processor, dispatcher=dispatcher, worker=worker, service_key=service_key)
    server = uvicorn.Server(
        uvicorn.Config(app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=25)
    )
    if worker is not None:
        worker.start()
    log.info("serving", host=host, port=port, worker=worker is not None)
    try:
        await server.serve()
    finally:
        if worker is not None:
            await worker.stop()
