"""Chosen times on their way into calendars at the stand-in for Google; also as a process of its own that can be killed:
`python inviting.py DATABASE_URL GOOGLE_URL`."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from autosync.calendar_connections import CalendarConnections
from autosync.database.pool import Pool, open_pool
from autosync.inviter import Inviter
from connected import connections_of, google_at
from factories import Factory, MadeSync
from google_stand_in import GoogleStandIn

PATIENCE = timedelta(seconds=0.5)
"""How long the killed wait for Google."""


TWO = ("ann@example.com", "ben@example.com")


def make_inviter(pool: Pool, connections: CalendarConnections, **options: Any) -> Inviter:
    """An inviter with these connections."""
    return Inviter(pool=pool, connections=connections, **options)


async def asked_by_mail(
    factory: Factory,
    organizer: UUID,
    addresses: Sequence[str | None] = TWO,
    **how: Any,
) -> MadeSync:
    """A sync whose invitees have these addresses."""
    sync = await factory.sync(organizer=organizer, invitees=len(addresses), **how)
    for contact, address in zip(sync.contacts, addresses, strict=True):
        await factory.do("update contacts set email = %s where id = %s", address, contact)
    return sync


async def complete(factory: Factory, sync: MadeSync, number: int = 1) -> None:
    """As another client does it: by plain SQL."""
    await factory.do(
        "update auto_syncs set status = 'completed', completed_at = now(),"
        " metadata = metadata || jsonb_build_object('chosen_option_id', %s::text) where id = %s",
        str(sync.options[number - 1]), sync.id,
    )  # fmt: skip


async def move(factory: Factory, sync: MadeSync, number: int = 1, *, hours: int = 1) -> None:
    """The option of this number is later than it was."""
    await factory.do(
        "update auto_sync_options set start_time = start_time + %s, end_time = end_time + %s where id = %s",
        timedelta(hours=hours), timedelta(hours=hours), sync.options[number - 1],
    )  # fmt: skip


async def let_time_pass(factory: Factory, *, by: timedelta = timedelta(minutes=3)) -> int:
    """Past leases and pauses, while nobody works; how many events are open."""
    return await factory.do(
        "update auto_sync_events set next_attempt_at = autosync_now() - interval '1 second',"
        " claimed_at = claimed_at - %s, failing_since = failing_since - %s"
        " where delivery in ('queued', 'sending', 'unknown')",
        by, by,
    )  # fmt: skip


async def until_settled(factory: Factory, inviter: Inviter, *, rounds: int = 8) -> None:
    """As often as it takes, but not for ever."""
    for _ in range(rounds):
        await inviter.invite_due()
        if await let_time_pass(factory) == 0:
            return
    raise AssertionError(await factory.rows("select delivery, reason from auto_sync_events"))


async def event_row(factory: Factory, sync: MadeSync, *columns: str) -> tuple[Any, ...]:
    """What is kept of the sync's event."""
    names = columns or ("status", "sequence", "delivery", "known_sequence", "reason")
    (row,) = await factory.rows(f"select {', '.join(names)} from auto_sync_events where sync_id = %s", sync.id)
    return row


def of_sync(stand_in: GoogleStandIn, sync: MadeSync) -> dict[str, Any]:
    """The only event that Google has of this sync."""
    (entry,) = [entry for entry in stand_in.events() if entry["private"].get("autosync_sync") == str(sync.id)]
    return entry


async def _work(database_url: str, google_url: str) -> None:
    """Works until it is killed."""
    google = google_at(google_url, timeout=PATIENCE)
    async with open_pool(database_url) as pool:
        inviter = make_inviter(pool, connections_of(pool, google))
        while True:
            if not await inviter.invite_once():
                await asyncio.sleep(0.02)


if __name__ == "__main__":
    asyncio.run(_work(*sys.argv[1:]))
