"""A processor, a dispatcher and housekeeping that go on until they are stopped.

`start()`, then `await stop()`: what is in hand is finished first. Each sleeps until the next row is due and looks again
after two seconds at the latest, since a row can come from anywhere. Any number of workers may run; none is special.
"""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from autosync.database import jobs
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.housekeeping import Housekeeping, Tidied
from autosync.loops import Loop
from autosync.processor import Processor

LOOK_AGAIN = timedelta(seconds=2)
"""The longest rest of processor and dispatcher."""

IN_OTHER_HANDS = timedelta(milliseconds=100)
"""The rest when something is due but could not be had: somebody else has it, and will be done soon."""

TIDY_EVERY = timedelta(minutes=10)


class Worker:
    """Everything that a deployment needs to have running, in one process."""

    def __init__(self, *, pool: Pool, processor: Processor, dispatcher: Dispatcher, housekeeping: Housekeeping) -> None:
        self._pool = pool
        self._processor = processor
        self._dispatcher = dispatcher
        self._housekeeping = housekeeping
        self.processing = Loop(name="processor", verb=self._process)
        self.dispatching = Loop(name="dispatcher", verb=self._dispatch)
        self.tidying = Loop(name="housekeeping", verb=self._tidy)

    @property
    def _loops(self) -> tuple[Loop, ...]:
        return (self.processing, self.dispatching, self.tidying)

    def start(self) -> None:
        """Begins; returns at once."""
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Says that something may be due earlier than was known."""
        self.processing.wake()
        self.dispatching.wake()

    async def stop(self) -> None:
        """Finishes the batches in hand and returns then."""
        await asyncio.gather(*(loop.stop() for loop in self._loops))

    async def _process(self) -> timedelta:
        done = await self._processor.process_once()
        if done.messages:
            self.dispatching.wake()
        if done.jobs:
            return timedelta()
        async with self._pool.connection() as connection:
            due = await jobs.next_due(connection)
        return _rest_until(due.job, due.now)

    async def _dispatch(self) -> timedelta:
        looked_up = await self._dispatcher.look_up_once()
        claimed, _ = await self._dispatcher.dispatch_once()
        if claimed or looked_up:
            return timedelta()
        async with self._pool.connection() as connection:
            due = await jobs.next_due(connection)
        return _rest_until(due.text, due.now)

    async def _tidy(self) -> timedelta:
        tidied = await self._housekeeping.tidy_once()
        return TIDY_EVERY if tidied == Tidied() else timedelta()


def _rest_until(due: datetime | None, now: datetime) -> timedelta:
    if due is None:
        return LOOK_AGAIN
    return min(max(due - now, IN_OTHER_HANDS), LOOK_AGAIN)
