"""Serves the application, with a worker beside it, until the process is told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from autosync.loops import Loop
from autosync.model import Unusable
from autosync.web.pages.watcher import Watcher
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


class _Beside(uvicorn.Server):
    """Leaves signals to whoever it runs beside."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _configuration(app: FastAPI, *, seconds: int) -> uvicorn.Config:
    """Its log goes where all others go; at the end requests in hand have so many seconds."""
    return uvicorn.Config(
        app, log_config=None, log_level="warning", access_log=False, timeout_graceful_shutdown=seconds
    )


@asynccontextmanager
async def serving_beside(app: FastAPI, listening: socket.socket) -> AsyncIterator[None]:
    """Serves `app` while something else goes on."""
    server = _Beside(_configuration(app, seconds=2))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address. Raises Unusable where it cannot be had."""
    try:
        listening = socket.create_server((host, port), reuse_port=False)
    except OSError as error:
        raise Unusable(f"Cannot listen on {host} port {port}: {error.strerror or error}.") from error
    # Named as TCP: else asyncio leaves Nagle's algorithm on, and answers wait for an acknowledgement.
    return socket.socket(listening.family, listening.type, socket.IPPROTO_TCP, fileno=listening.detach())


async def serve_until_stopped(app: FastAPI, listening: socket.socket, beside: Worker | Loop) -> None:
    """Serves `app` until SIGTERM or SIGINT, with a worker or one loop beside it; then what is in hand is finished."""
    config = _configuration(app, seconds=25)
    server = _Server(config, app.state.watcher)
    beside.start()
    host, port = listening.getsockname()[:2]
    log.info("serving", host=host, port=port, worker=isinstance(beside, Worker))
    try:
        await server.serve(sockets=[listening])
    finally:
        await beside.stop()
