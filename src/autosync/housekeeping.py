"""Keeps the queue small and puts back what another client has left behind.

`await housekeeping.tidy_once()` deletes one batch of jobs that were done or skipped three days ago, puts back rows left
in `processing`, and forgets sign-ins, sessions and workers that are over. Failed jobs stay until somebody has looked.

Naive about one thing: the queue does not say when another client took a row, so a row counts as abandoned half an hour
after it was due, even if that client has only just begun with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from autosync.database import jobs, sessions, workers
from autosync.database.pool import Pool

BATCH_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Tidied:
    """How many jobs were deleted, and how many put back; `forgotten`: sign-ins, sessions and workers."""

    deleted: int = 0
    put_back: int = 0
    forgotten: int = 0


class Housekeeping:
    """Any number of these may work on one database at once."""

    def __init__(self, *, pool: Pool, batch_size: int = BATCH_SIZE) -> None:
        self._pool = pool
        self._batch_size = batch_size

    async def tidy_once(self) -> Tidied:
        """Does one batch; each statement is a transaction of its own."""
        async with self._pool.connection() as connection:
            return Tidied(
                deleted=await jobs.delete_finished(connection, limit=self._batch_size),
                put_back=await jobs.put_back_abandoned(connection, limit=self._batch_size),
                forgotten=await sessions.forget(connection, limit=self._batch_size)
                + await workers.forget(connection, limit=self._batch_size),
            )

    async def tidy(self) -> Tidied:
        """Does batch after batch until there is nothing left to tidy."""
        deleted = put_back = forgotten = 0
        while True:
            batch = await self.tidy_once()
            deleted += batch.deleted
            put_back += batch.put_back
            forgotten += batch.forgotten
            if max(batch.deleted, batch.put_back, batch.forgotten) < self._batch_size:
                return Tidied(deleted, put_back, forgotten)
