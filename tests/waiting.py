"""Waits for something that can be seen, with a deadline; never for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from autosync.database.pool import Connection


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = 30) -> None:
    """Looks again and again until the condition holds; fails after `within` seconds."""
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.01)


async def until_waiting(observer: Connection, waiting: Connection) -> None:
    """Until the other connection waits for a lock that somebody holds."""
    pid = waiting.info.backend_pid

    async def waits() -> bool:
        cursor = await observer.execute("select wait_event_type = 'Lock' from pg_stat_activity where pid = %s", [pid])
        row = await cursor.fetchone()
        return bool(row and row[0])

    await until(waits)
