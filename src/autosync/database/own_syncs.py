"""What an organizer reads of their own syncs, within what role `authenticated` may read: run it `as_person`.

Row-level security decides what there is; the statements name the organizer all the same, for their indexes' sake.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from autosync.database import syncs
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Invitee, Sync, SyncStatus, full_name


@dataclass(frozen=True, slots=True)
class OwnSync:
    """A line of an organizer's list.

    `next_job`, `next_job_at`: what happens by itself next, if anything. `chosen_start`, `chosen_end`: the time that
    the invites are for, once they are sent.
    """

    id: UUID
    event_name: str
    event_location: str | None
    status: SyncStatus
    timezone: str
    started_at: datetime
    asked: int
    answered: int
    next_job: str | None
    next_job_at: datetime | None
    chosen_start: datetime | None
    chosen_end: datetime | None


async def list_own(
    connection: Connection,
    organizer_id: UUID,
    *,
    status: SyncStatus | None,
    before: UUID | None = None,
    skip: int = 0,
    paused_first: bool = False,
    limit: int,
) -> list[OwnSync]:
    """Up to `limit` syncs, the newest first; `before`: only those older than this one of theirs; `skip`: so many less.

    `paused_first`: those that wait for the organizer come before all others.
    """
    cursor = await connection.execute(
        statement("list_own_syncs"),
        {
            "organizer_id": organizer_id,
            "status": status,
            "before": before,
            "skip": skip,
            "paused_first": paused_first,
            "limit": limit,
        },
    )
    return [
        OwnSync(id_, name, location, SyncStatus(state), *rest)
        for id_, name, location, state, *rest in await cursor.fetchall()
    ]


async def count_own(connection: Connection, organizer_id: UUID) -> dict[SyncStatus, int]:
    """How many syncs the organizer has in each state; states without any are missing."""
    cursor = await connection.execute(statement("count_own_syncs"), {"organizer_id": organizer_id})
    return {SyncStatus(state): count for state, count in await cursor.fetchall()}


async def is_own(connection: Connection, organizer_id: UUID, sync_id: UUID) -> bool:
    """Whether this organizer has a sync of this id."""
    return await syncs.find_owner(connection, sync_id) == organizer_id


async def load_own(connection: Connection, organizer_id: UUID, sync_id: UUID) -> Sync | None:
    """One sync of this organizer with its options and invitees (of whom it is not told who opted out), None if none."""
    found = await load_own_with_times(connection, organizer_id, sync_id)
    return found and found[0]


async def load_own_with_times(
    connection: Connection, organizer_id: UUID, sync_id: UUID
) -> tuple[Sync, dict[UUID, datetime]] | None:
    """The same, and when each answer came, by contact id."""
    if not await is_own(connection, organizer_id, sync_id):
        return None
    cursor = await connection.execute(statement("load_syncs"), {"sync_ids": [sync_id]})
    row = await cursor.fetchone()
    if row is None:
        return None
    options = await syncs.load_options(connection, [sync_id])
    cursor = await connection.execute(statement("load_own_invitees"), {"sync_id": sync_id})
    asked = await cursor.fetchall()
    invitees = tuple(
        Invitee(contact_id, full_name(first, last), None if can_make is None else frozenset(can_make))
        for contact_id, first, last, can_make, _ in asked
    )
    times = {contact_id: answered_at for contact_id, _, _, _, answered_at in asked if answered_at}
    return replace(syncs.to_sync(row), options=options.get(sync_id, ()), invitees=invitees), times
