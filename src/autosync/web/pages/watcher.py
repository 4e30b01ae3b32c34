"""Notices when something about a sync has changed, whoever changed it: one look a second for everybody who watches.

A fingerprint is made of the versions of a sync's rows, so it is another one after any insert, update or delete. It
needs no LISTEN, and so goes through a transaction pooler. Nobody watches: nothing is asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from autosync.database import fingerprints
from autosync.database.pool import Pool

log = structlog.get_logger(__name__)

EVERY = 1.0
"""Seconds between two looks."""


class Watch:
    """What one page watches: syncs by id, and, with `organizer_id`, which syncs that organizer has and in what states.

    `sync_ids` is read again at every look, so whoever watches may change what it holds.
    """

    def __init__(self, sync_ids: Collection[UUID], organizer_id: UUID | None) -> None:
        self.sync_ids = sync_ids
        self.organizer_id = organizer_id
        self.is_over = False
        self._changed = asyncio.Event()

    def tell(self) -> None:
        """Something has changed."""
        self._changed.set()

    def end(self) -> None:
        """Nothing more will be told."""
        self.is_over = True
        self._changed.set()

    def concerns(self, ids: Collection[UUID]) -> bool:
        """Whether any of these syncs or organizers is watched."""
        return self.organizer_id in ids or any(id_ in ids for id_ in self.sync_ids)

    async def wait(self, at_most: float) -> bool:
        """Whether something has changed; waits for it so many seconds."""
        try:
            await asyncio.wait_for(self._changed.wait(), at_most)
        except TimeoutError:
            return False
        self._changed.clear()
        return True


class Watcher:
    """Looks for all watches at once, as long as there is one."""

    def __init__(self, pool: Pool, *, every: float = EVERY) -> None:
        self._pool = pool
        self._every = every
        self._watches: set[Watch] = set()
        self._seen: dict[UUID, str] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    @asynccontextmanager
    async def watching(self, sync_ids: Collection[UUID], organizer_id: UUID | None = None) -> AsyncIterator[Watch]:
        """A watch that is told of every change from now on."""
        watch = Watch(sync_ids, organizer_id)
        if self._is_closed:
            watch.end()
        self._watches.add(watch)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._look_on())
        try:
            yield watch
        finally:
            self._watches.discard(watch)
            if not self._watches:
                self._rest()

    def close(self) -> None:
        """Ends all watches, also those to come, so that nobody is waited for when the process is told to stop."""
        self._is_closed = True
        for watch in self._watches:
            watch.end()

    async def look(self) -> None:
        """One look: wakes whoever watches something that is not as it was. Raises psycopg.Error."""
        sync_ids = frozenset[UUID]().union(*(watch.sync_ids for watch in self._watches))
        organizer_ids = {watch.organizer_id for watch in self._watches if watch.organizer_id}
        if not sync_ids and not organizer_ids:
            return
        async with self._pool.connection() as connection:
            found = await fingerprints.read(connection, sync_ids, organizer_ids)
        changed = {id_ for id_, fingerprint in found.items() if self._seen.get(id_) != fingerprint}
        changed |= self._seen.keys() - found.keys()
        for watch in self._watches:
            if watch.concerns(changed):
                watch.tell()
        self._seen = found

    def _rest(self) -> None:
        """Looks no more until somebody watches again. The task is let go at once: it ends only later."""
        if self._task is not None:
            self._task.cancel()
        self._task = None
        self._seen = {}

    async def _look_on(self) -> None:
        while True:
            try:
                await self.look()
            except (psycopg.Error, PoolTimeout) as error:
                log.warning("watch_failed", error=type(error).__name__)
                for watch in self._watches:
                    watch.tell()  # the pages find out for themselves, and say so
            await asyncio.sleep(self._every)
