"""Serves the application, with a worker beside it, until the process is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import structlog
import uvicorn
from pydantic import SecretStr

from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.invitee_links import Links
from autosync.model import Unusable
from autosync.processor import Processor
from autosync.sign_in import SignIn
from autosync.web.api.signed_in import Api
from autosync.web.app import create_app
from autosync.web.pages.watcher import Watcher
from autosync.web.tokens import Tokens
from autosync.web.webhooks import TwilioWebhooks
from autosync.worker import Worker

log = structlog.get_logger(__name__)


class _Server(uvicorn.Server):
    """Ends at SIGTERM and SIGINT without raising them again, so that what is in hand is finished and the exit is 0.

    Pages that listen for news are let go, as they would never end by themselves.
    """

    def __init__(self, config: uvicorn.Config, watcher: Watcher) -> None:
        super().__init__(config)
        self._watcher = watcher

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._watcher.close()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        handled = (signal.SIGTERM, signal.SIGINT)
        for number in handled:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        try:
            yield
        finally:
            for number in handled:
                loop.remove_signal_handler(number)


def _listen(host: str, port: int) -> socket.socket:
    """A socket on this address. Raises Unusable where it cannot be had."""
    try:
        return socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise Unusable(f"Cannot listen on {host} port {port}: {error.strerror or error}.") from error


async def serve_until_stopped(
    *,
    host: str,
    port: int,
    pool: Pool,
    processor: Processor,
    dispatcher: Dispatcher,
    worker: Worker | None,
    service_key: SecretStr | None,
    twilio: TwilioWebhooks | None,
    tokens: Tokens,
    organizers: Api,
    sign_in: SignIn,
    links: Links | None,
    region: str,
) -> None:
    """Listens on host and port until SIGTERM or SIGINT; then requests and batches in hand are finished."""
    app = create_app(
        pool=pool,
        processor=processor,
        dispatcher=dispatcher,
        worker=worker,
        service_key=service_key,
        twilio=twilio,
        tokens=tokens,
        organizers=organizers,
        sign_in=sign_in,
        links=links,
        region=region,
    )
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=25
    )
    server = _Server(config, app.state.watcher)
    listening = _listen(host, port)
    if worker is not None:
        worker.start()
    log.info("serving", host=host, port=listening.getsockname()[1], worker=worker is not None)
    try:
        await server.serve(sockets=[listening])
    finally:
        if worker is not None:
            await worker.stop()
