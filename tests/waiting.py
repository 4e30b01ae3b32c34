"""Waits for something that can be seen, with a deadline; never for time to pass."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from autosync.database.pool import Connection


async def until(condition: Callable[[], Awaitable[bool]], *, within: float = 90) -> None:
    """Looks again and again until the condition holds; fails after `within` seconds."""
    async with asyncio.timeout(within):
        while not await condition():
            await asyncio.sleep(0.01)


async def activity(observer: Connection, of: Connection) -> list[tuple[str | None, str]]:
    """(what it waits for, query) of the session that works for the other connection.

    A pooler gives out session numbers of its own: then of all sessions that may work for it.
    """
    cursor = await observer.execute(
        """with here as (
          select pid, wait_event_type, query from pg_stat_activity
          where datname = current_database() and pid <> pg_backend_pid()
        )
        select wait_event_type, query from here
        where pid = %(pid)s or not exists (select from here where pid = %(pid)s)""",
        {"pid": of.info.backend_pid},
    )
    return await cursor.fetchall()


async def until_waiting(observer: Connection, waiting: Connection) -> None:
    """Until the other connection waits for a lock that somebody holds."""

    async def waits() -> bool:
        return any(reason == "Lock" for reason, _ in await activity(observer, waiting))

    await until(waits)
