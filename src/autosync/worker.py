"""A processor, a dispatcher, look-ups, an inviter and housekeeping that go on until they are stopped.

`start()`, then `await stop()`: what is in hand is finished first. Each sleeps until the next row is due and looks again
after two seconds at the latest, since a row can come from anywhere. Any number of workers may run; none is special.
Every ten seconds it says that it lives; a database that is away keeps none of its loops from going on.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from psycopg_pool import PoolTimeout

from autosync import __version__
from autosync.database import jobs, workers
from autosync.database.pool import Pool
from autosync.dispatcher import Dispatcher
from autosync.housekeeping import Housekeeping
from autosync.loops import Loop
from autosync.processor import Processor

if TYPE_CHECKING:
    # What speaks with Google takes a while to load, and not every worker has it.
    from autosync.inviter import Inviter

LOOK_AGAIN = timedelta(seconds=2)
"""The longest rest of processor, dispatcher and inviter."""

SHORTEST_REST = timedelta(milliseconds=1)
IN_OTHER_HANDS = timedelta(milliseconds=100)
"""The longest rest while something is due that could not be had: somebody else has it, and will be done soon."""

A_TURN = timedelta(seconds=1)
"""How long the processor works on a backlog before its heart is seen to beat and the dispatcher is woken."""

BEAT_EVERY = timedelta(seconds=10)
"""How often a worker says that it lives, whatever else it does meanwhile."""

LONGEST_GOODBYE = 2.0
"""Seconds: nobody waits longer for a database that is away, only to tell it that a worker stops."""


class Worker:
    """Everything that a deployment needs to have running, in one process."""

    def __init__(
        self,
        *,
        pool: Pool,
        processor: Processor,
        dispatcher: Dispatcher,
        housekeeping: Housekeeping,
        inviter: Inviter | None = None,
    ) -> None:
        """`inviter` None: nothing is put into calendars from here."""
        self._pool = pool
        self._processor = processor
        self._dispatcher = dispatcher
        self.processing = Loop(name="processor", verb=self._process)
        self.dispatching = Loop(name="dispatcher", verb=self._dispatch)
        # A loop of its own: a gateway that is slow to tell what it has would keep what is queued from leaving.
        self.looking_up = Loop(name="look-ups", verb=self._look_up)
        self.tidying = housekeeping.loop()
        self.beating = Loop(name="heartbeat", verb=self.beat_once)
        self.inviting = None if inviter is None else self._calendar_loop(inviter)
        self._last_claim: float | None = None
        working = [self.processing, self.dispatching, self.looking_up, self.tidying]
        working += [] if self.inviting is None else [self.inviting]
        does = ", ".join(loop.name for loop in working)
        self._who = workers.Identity(uuid4(), workers.this_process(), __version__, does)

    @property
    def claiming(self) -> tuple[Loop, ...]:
        """Those that claim what is due; while one of them stands still, the worker is of little use."""
        always = (self.processing, self.dispatching, self.looking_up)
        return always if self.inviting is None else (*always, self.inviting)

    @property
    def stands_still_since(self) -> timedelta:
        """How long ago the slowest of them last came to the end of a turn, less what it may take."""
        return max(loop.stands_still_since for loop in self.claiming)

    @property
    def loops(self) -> tuple[Loop, ...]:
        """All that it does side by side."""
        return (*self.claiming, self.tidying, self.beating)

    @property
    def gateway_is_silent(self) -> bool:
        """Whether its dispatcher's gateway has taken none of many texts in a row, and gets one at a time."""
        return self._dispatcher.gateway_is_silent

    def start(self) -> None:
        """Begins; returns at once."""
        for loop in self.loops:
            loop.start()

    def wake(self) -> None:
        """Says that something may be due earlier than was known."""
        self.processing.wake()
        self.dispatching.wake()
        if self.inviting is not None:
            self.inviting.wake()

    async def stop(self) -> None:
        """Finishes the batches in hand and returns then."""
        await asyncio.gather(*(loop.stop() for loop in self.loops))
        await self._dispatcher.finish()
        # Without a goodbye it counts as alive for a little longer, and nothing else comes of it.
        with suppress(psycopg.Error, PoolTimeout, TimeoutError):
            async with asyncio.timeout(LONGEST_GOODBYE), self._pool.connection() as connection:
                await workers.record_stop(connection, self._who.id)

    async def beat_once(self) -> timedelta:
        """Says that it lives, when its claim loops last turned and when it last had something in hand."""
        unclaimed = None if self._last_claim is None else timedelta(seconds=time.monotonic() - self._last_claim)
        async with self._pool.connection() as connection:
            await workers.record_heartbeat(connection, self._who, still=self.stands_still_since, unclaimed=unclaimed)
        return BEAT_EVERY

    async def _process(self) -> timedelta:
        until = time.monotonic() + A_TURN.total_seconds()
        done = await self._processor.process_while(lambda: time.monotonic() < until and not self.processing.is_stopping)
        if done.messages:
            self.dispatching.wake()
        if done.jobs:
            self._last_claim = time.monotonic()
            return timedelta()
        async with self._pool.connection() as connection:
            due = await jobs.next_due(connection)
        return rest_until(due.job, due.now)

    async def _dispatch(self) -> timedelta:
        claimed, _ = await self._dispatcher.dispatch_batch()
        if claimed:
            self._last_claim = time.monotonic()
            return timedelta()
        async with self._pool.connection() as connection:
            due = await jobs.next_due(connection)
        return rest_until(due.text, due.now)

    async def _look_up(self) -> timedelta:
        return timedelta() if await self._dispatcher.look_up_once() else LOOK_AGAIN

    def _calendar_loop(self, inviter: Inviter) -> Loop:
        return Loop(name="calendar", verb=lambda: self._invite(inviter), may_take=inviter.longest_batch)

    async def _invite(self, inviter: Inviter) -> timedelta:
        if await inviter.invite_once(may_go_on=lambda: self.inviting is None or not self.inviting.is_stopping):
            return timedelta()
        due = await inviter.next_due()
        return rest_until(due.event, due.now)


def rest_until(due: datetime | None, now: datetime) -> timedelta:
    """How long to rest where nothing could be had at `now`, and the next is due at `due` (None: nothing will be).

    What has been due for a moment only may have fallen due since the look for it, and is looked for again at once; the
    longer it has been due, the longer somebody else has had it.
    """
    if due is None:
        return LOOK_AGAIN
    if due > now:
        return min(due - now, LOOK_AGAIN)
    return min(max(now - due, SHORTEST_REST), IN_OTHER_HANDS)
