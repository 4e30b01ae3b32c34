"""Keeps the queue small and puts back what another client has left behind.

`await housekeeping.tidy_once()` deletes one batch of jobs that were done or skipped three days ago, puts back rows left
in `processing`, writes first reminders that could not be written with their syncs, and forgets who did which batch,
sign-ins, sessions and workers that are over, and what was taken out of calendars with its sync. Failed jobs stay until
somebody has looked.
Where a limit is set, it also forgets the words and numbers of texts whose sync has ended so long ago.

Naive about one thing: the queue does not say when another client took a row, so a row counts as abandoned half an hour
after it was due, even if that client has only just begun with it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from datetime import timedelta

from autosync.database import events, jobs, messages, sessions, workers
from autosync.database.pool import Connection, Pool
from autosync.loops import Loop

BATCH_SIZE = 1000

TIDY_EVERY = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many jobs were deleted, and how many put back, or written at last; `forgotten`: batches, sign-ins, sessions,
    workers and events; `unworded`: syncs whose texts lost their words and numbers, and texts that had come in."""

    deleted: int = 0
    put_back: int = 0
    forgotten: int = 0
    unworded: int = 0


class Housekeeping:
    """Any number of these may work on one database at once."""

    def __init__(self, *, pool: Pool, batch_size: int = BATCH_SIZE, keep_texts: timedelta | None = None) -> None:
        """`keep_texts`: how long words and numbers of texts are kept once their sync has ended; None: for ever."""
        self._pool = pool
        self._batch_size = batch_size
        self._keep_texts = keep_texts

    async def tidy_once(self) -> Tidied:
        """Does one batch; each statement is a transaction of its own."""
        async with self._pool.connection() as connection:
            return Tidied(
                deleted=await jobs.delete_finished(connection, limit=self._batch_size),
                put_back=await jobs.put_back_abandoned(connection, limit=self._batch_size),
                forgotten=await jobs.forget_batches(connection, limit=self._batch_size)
                + await sessions.forget(connection, limit=self._batch_size)
                + await workers.forget(connection, limit=self._batch_size)
                + await events.delete_orphaned(connection, limit=self._batch_size),
                unworded=await self._forget_words(connection),
            )

    def loop(self) -> Loop:
        """Goes on tidying, batch after batch while there is something, until it is stopped."""
        return Loop(name="housekeeping", verb=self._turn)

    async def _turn(self) -> timedelta:
        return TIDY_EVERY if await self.tidy_once() == Tidied() else timedelta()

    async def _forget_words(self, connection: Connection) -> int:
        if self._keep_texts is None:
            return 0
        return await messages.forget_old(connection, keep=self._keep_texts, limit=self._batch_size)

    async def tidy(self) -> Tidied:
        """Does batch after batch until there is nothing left to tidy."""
        total: Counter[str] = Counter()
        while True:
            batch = Counter(asdict(await self.tidy_once()))
            total += batch
            if max(batch.values()) < self._batch_size:
                return Tidied(**total)
