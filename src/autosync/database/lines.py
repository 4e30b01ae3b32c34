"""The line to the server, which may be dead though nobody has hung up.

A proxy that has lost one side keeps the other open, and answers for it to TCP: whoever waits behind it waits for ever.
Canceling would ask that same proxy. So where nothing is heard for a moment, another connection asks whether the server
is still at the statement; if it is not, we hang up.
"""

from __future__ import annotations

import asyncio
import os
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Self, TypeVar

import psycopg
import structlog
from psycopg.abc import PQGen
from psycopg.rows import TupleRow

from autosync.database.statements import statement

Result = TypeVar("Result")
log = structlog.get_logger(__name__)

LONGEST_STATEMENT = 120.0
"""Seconds without a sign from the server: none of our statements takes so long."""

UNANSWERED = 2.0
"""Seconds without a sign from the server after which we ask whether it is still at our statement."""

LONGEST_QUESTION = 10.0
"""Seconds after which that has no answer either: then nothing is known, and we go on waiting."""


@contextmanager
def hanging_up(connection: psycopg.AsyncConnection[TupleRow], *, after: float) -> Iterator[None]:
    """Cuts the line unless what is within is over after so many seconds: it raises psycopg.OperationalError then."""
    cutting = asyncio.get_running_loop().call_later(after, _hang_up, connection.fileno())
    try:
        yield
    finally:
        cutting.cancel()


def _hang_up(fileno: int) -> None:
    # Shutting the socket down is seen by whoever reads from it.
    with socket.socket(fileno=os.dup(fileno)) as line:
        line.shutdown(socket.SHUT_RDWR)


class Attentive(psycopg.AsyncConnection[TupleRow]):
    """Waits for the answer to a statement while the server is at it, but not for ever."""

    another: Callable[[], Awaitable[psycopg.AsyncConnection[TupleRow]]]
    """Makes a connection to where this one leads."""

    @classmethod
    async def connect(cls, conninfo: str = "", **how: Any) -> Self:
        """As psycopg does."""
        connection = await super().connect(conninfo, **how)
        connection.another = partial(psycopg.AsyncConnection[TupleRow].connect, conninfo, **how)
        return connection

    async def wait(self, gen: PQGen[Result], *arguments: Any, **more: Any) -> Result:
        """As psycopg does; raises psycopg.OperationalError if the answer is lost, or does not come."""
        silence = _Silence(self)
        try:
            return await super().wait(silence.noticing(gen), *arguments, **more)
        finally:
            silence.end()


class _Silence:
    """How long nothing has been heard while one answer is waited for, and what is done about it."""

    def __init__(self, connection: Attentive) -> None:
        self._connection = connection
        self._since = time.monotonic()
        self._asking: asyncio.Task[None] | None = None
        self._soon = asyncio.get_running_loop().call_later(min(UNANSWERED, LONGEST_STATEMENT), self._begin)

    def noticing(self, gen: PQGen[Result]) -> PQGen[Result]:
        """The same, noticing whenever the line moves: a long answer comes, and a long statement leaves, in parts."""
        ready: Any = None
        try:
            while True:
                ready = yield gen.send(ready)
                if ready:
                    self._since = time.monotonic()
        except StopIteration as end:
            result: Result = end.value
            return result

    def end(self) -> None:
        """There was an answer."""
        self._soon.cancel()
        if self._asking is not None:
            self._asking.cancel()

    def _begin(self) -> None:
        self._asking = asyncio.create_task(self._hang_up_in_time(), name="asking after a statement")

    async def _hang_up_in_time(self) -> None:
        while (silent := time.monotonic() - self._since) < LONGEST_STATEMENT:
            if silent >= UNANSWERED and await self._is_lost(silent):
                break
            # What has taken long already is asked after less often.
            await asyncio.sleep(min(max(silent, UNANSWERED), LONGEST_STATEMENT - silent))
        log.warning("hung_up", silent_seconds=round(time.monotonic() - self._since, 1))
        _hang_up(self._connection.fileno())

    async def _is_lost(self, silent: float) -> bool:
        """Whether the server waits for us, as we do for it; then the session is ended, for what it holds."""
        heard = self._since
        try:
            async with asyncio.timeout(LONGEST_QUESTION), await self._connection.another() as asking:
                about = {"pid": self._connection.info.backend_pid, "silent": silent}
                cursor = await asking.execute(statement("is_at_statement"), about)
                row = await cursor.fetchone()
                if row is None or row[0] or self._since > heard:
                    return False
                await asking.execute(statement("end_session"), about)
                return True
        except (psycopg.Error, TimeoutError):
            # Nobody answers that either, or there is no connection left: nothing is known.
            return False
