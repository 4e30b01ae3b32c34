"""The shape of everything that goes on for long: one verb, done again and again until it is told to stop.

The verb returns how long to rest; `wake()` ends the rest early. A verb that raises is logged and done again after a
growing pause, because what it works on are rows that stay as they are; a loop never ends by itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta

import psycopg
import structlog

from autosync.database.pool import in_short, is_away

log = structlog.get_logger(__name__)

FIRST_PAUSE = timedelta(milliseconds=200)
LONGEST_PAUSE = timedelta(seconds=5)

_AWAY_BECAUSE = {
    psycopg.errors.DiskFull.sqlstate: "the database's disk is full",
    psycopg.errors.OutOfMemory.sqlstate: "the database is out of memory",
    psycopg.errors.IdleInTransactionSessionTimeout.sqlstate: "the database ended it, as it had stood still",
}

STANDS_STILL = timedelta(seconds=60)
"""A claim loop without a turn for this long is of no use, though its process lives."""


class Loop:
    """Runs `verb` in a task of its own."""

    def __init__(
        self, *, name: str, verb: Callable[[], Awaitable[timedelta]], may_take: timedelta = timedelta()
    ) -> None:
        """`may_take`: how long a turn may wait for others before the loop is said to stand still."""
        self.name = name
        self._verb = verb
        self._may_take = may_take
        self._stopping = False
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._last_turn = time.monotonic()
        self.trouble: str | None = None
        """What its last turn failed of, in a few words that anybody may read; None where it came to its end."""

    @property
    def is_stopping(self) -> bool:
        """Whether the verb in hand is the last one: a long one may come to its end early."""
        return self._stopping

    @property
    def since_last_turn(self) -> timedelta:
        """How long ago the verb last came to its end without an error."""
        return timedelta(seconds=time.monotonic() - self._last_turn)

    @property
    def stands_still_since(self) -> timedelta:
        """The same, less what a turn may take."""
        return max(self.since_last_turn - self._may_take, timedelta())

    def start(self) -> None:
        """Begins; returns at once."""
        self._task = asyncio.create_task(self._loop(), name=self.name)

    def wake(self) -> None:
        """Ends a rest early: there may be something to do."""
        self._woken.set()

    async def stop(self) -> None:
        """Lets the verb in hand come to its end, and returns then."""
        self._stopping = True
        self.wake()
        if self._task is not None:
            await self._task

    async def _loop(self) -> None:
        errors = 0
        while not self._stopping:
            self._woken.clear()
            try:
                pause = await self._verb()
                errors = 0
                self.trouble = None
                self._last_turn = time.monotonic()
            except Exception as error:  # noqa: BLE001 - the rows stay as they are, and the next turn takes them up again
                pause = min(FIRST_PAUSE * 2**errors, LONGEST_PAUSE)
                errors = min(errors + 1, 10)
                self._report(error)
            await self._rest(pause)

    def _report(self, error: Exception) -> None:
        if is_away(error):
            self.trouble = _AWAY_BECAUSE.get(getattr(error, "sqlstate", None) or "", "the database is away")
            log.warning("database_away", loop=self.name, error=in_short(error))
        else:
            self.trouble = f"{type(error).__name__}, and the log says more"
            log.error("turn_failed", loop=self.name, exc_info=error)

    async def _rest(self, pause: timedelta) -> None:
        if self._stopping or pause <= timedelta():
            return
        try:
            await asyncio.wait_for(self._woken.wait(), pause.total_seconds())
        except TimeoutError:
            return
