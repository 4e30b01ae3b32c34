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

A_MOMENT = 1.0
"""Seconds after which we ask once more, before we believe that it is not: an answer may be on its way just then."""

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
    """Waits for the answer to a statement while the server is at it, but not for ever.

    It cannot listen for notifications: there the server waits for us, and rightly.
    """

    _another: Callable[[], Awaitable[psycopg.AsyncConnection[TupleRow]]]
    _in_turn: asyncio.Lock
    _connected: float

    @classmethod
    async def connect(cls, conninfo: str = "", **how: Any) -> Self:
        """As psycopg does. `in_turn`, an asyncio.Lock: of all that share it, one at a time asks after its statement."""
        in_turn: asyncio.Lock | None = how.pop("in_turn", None)
        connection = await super().connect(conninfo, **how)
        connection._another = partial(psycopg.AsyncConnection[TupleRow].connect, conninfo, **how)
        connection._in_turn = in_turn or asyncio.Lock()
        connection._connected = time.monotonic()
        return connection

    async def wait(self, gen: PQGen[Result], *arguments: Any, **more: Any) -> Result:
        """As psycopg does; raises psycopg.OperationalError if the answer is lost, or does not come."""
        silence = _Silence(self)
        try:
            return await super().wait(silence.noticing(gen), *arguments, **more)
        finally:
            silence.end()

    async def is_lost(self, *, end_if: Callable[[], bool] = lambda: False) -> bool:
        """Whether the server waits for us, as we for it; not, where nothing is known.

        `end_if`: whether its session is to be ended then, for what it holds, if that is known to be ours.
        """
        about = {"pid": self.info.backend_pid, "age": time.monotonic() - self._connected, "moment": A_MOMENT}
        try:
            async with self._in_turn, asyncio.timeout(LONGEST_QUESTION), await self._another() as asking:
                about["asking"] = asking.info.backend_pid
                cursor = await asking.execute(statement("is_at_statement"), about)
                ((is_at_it, ours),) = await cursor.fetchall()
                if not is_at_it and end_if():
                    await _end(ours, asking)
        except (psycopg.Error, OSError):
            return False
        return not is_at_it


async def _end(session: int | None, asking: psycopg.AsyncConnection[TupleRow]) -> None:
    try:
        await asking.execute(statement("end_session"), {"pid": session})
    except psycopg.Error as error:
        log.warning("session_not_ended", error=error.diag.message_primary)


class _Silence:
    """How long nothing has been heard while one answer is waited for, and what is done about it."""

    def __init__(self, connection: Attentive) -> None:
        self._connection = connection
        self._since = time.monotonic()
        self._asking: asyncio.Task[None] | None = None
        self._timer = asyncio.get_running_loop().call_later(min(UNANSWERED, LONGEST_STATEMENT), self._begin)

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
        self._timer.cancel()
        if self._asking is not None:
            self._asking.cancel()

    @property
    def _seconds(self) -> float:
        return time.monotonic() - self._since

    def _begin(self) -> None:
        self._asking = asyncio.create_task(self._hang_up_if_lost(), name="asking after a statement")
        self._give_up_in_time()

    def _give_up_in_time(self) -> None:
        left = LONGEST_STATEMENT - self._seconds
        if left <= 0:
            self._hang_up()
        else:
            self._timer = asyncio.get_running_loop().call_later(left, self._give_up_in_time)

    async def _hang_up_if_lost(self) -> None:
        while True:
            if self._seconds >= UNANSWERED and await self._is_lost():
                self._hang_up()
                return
            # What has taken long already is asked after less often.
            await asyncio.sleep(max(self._seconds, UNANSWERED))

    async def _is_lost(self) -> bool:
        heard = self._since

        def is_silent() -> bool:
            return self._since == heard

        if not await self._connection.is_lost():
            return False
        await asyncio.sleep(A_MOMENT)
        return is_silent() and await self._connection.is_lost(end_if=is_silent) and is_silent()

    def _hang_up(self) -> None:
        log.warning("hung_up", silent_seconds=round(self._seconds, 1))
        _hang_up(self._connection.fileno())
