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
    """A line of an organizer's list. `next_job`, `next_job_at`: what happens by itself next, if anything."""

    id: UUID
    event_name: str
    event_location: str | None
    status: SyncStatus
    started_at: datetime
    asked: int
    answered: int
    next_job: str | None
    next_job_at: datetime | None


async def list_own(
    connection: Connection, organizer_id: UUID, *, status: SyncStatus | None, before: UUID | None, limit: int
) -> list[OwnSync]:
    """Up to `limit` syncs, the newest first; `before`: only those older than this one of theirs."""
    cursor = await connection.execute(
        statement("list_own_syncs"), {"organizer_id": organizer_id, "status": status, "before": before, "limit": limit}
    )
    return [
        OwnSync(id_, name, location, SyncStatus(state), *rest)
        for id_, name, location, state, *rest in await cursor.fetchall()
    ]


async def is_own(connection: Connection, organizer_id: UUID, sync_id: UUID) -> bool:
    """Whether this organizer has a sync of this id."""
    return await syncs.find_owner(connection, sync_id) == organizer_id


async def load_own(connection: Connection, organizer_id: UUID, sync_id: UUID) -> Sync | None:
    """One sync of this organizer with its options and invitees (of whom it is not told who opted out), None if none."""
    if not await is_own(connection, organizer_id, sync_id):
        return None
    cursor = await connection.execute(statement("load_syncs"), {"sync_ids": [sync_id]})
    row = await cursor.fetchone()
    if row is None:
        return None
    options = await syncs.load_options(connection, [sync_id])
    return replace(
        syncs.to_sync(row), options=options.get(sync_id, ()), invitees=await _load_invitees(connection, sync_id)
    )


async def _load_invitees(connection: Connection, sync_id: UUID) -> tuple[Invitee, ...]:
    cursor = await connection.execute(statement("load_own_invitees"), {"sync_id": sync_id})
    return tuple(
        Invitee(contact_id, full_name(first, last), None if can_make is None else frozenset(can_make))
        for contact_id, first, last, can_make in await cursor.fetchall()
    )
