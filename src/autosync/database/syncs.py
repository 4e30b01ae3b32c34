"""The statements on syncs, their options and who was asked."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import Any
from uuid import UUID

from autosync.database import arrays
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Invitee, Option, ResponseGoal, Sync, SyncStatus, full_name


async def load_options(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, tuple[Option, ...]]:
    """The options of each sync by number, by sync id."""
    cursor = await connection.execute(statement("load_options"), {"sync_ids": arrays.uuids(sync_ids)}, binary=True)
    return {sync_id: tuple(map(Option, *columns)) for sync_id, *columns in await cursor.fetchall()}


async def load_inserted(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When each of these syncs was inserted."""
    cursor = await connection.execute(statement("load_sync_inserts"), {"sync_ids": list(sync_ids)})
    return dict(await cursor.fetchall())


async def load_invitees(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, tuple[Invitee, ...]]:
    """The invitees of each sync by name, with their latest answers, by sync id."""
    cursor = await connection.execute(statement("load_invitees"), {"sync_ids": arrays.uuids(sync_ids)}, binary=True)
    return {
        sync_id: tuple(
            [
                Invitee(contact_id, full_name(first_name, last_name), None if ids is None else _read_ids(ids), out)
                for contact_id, first_name, last_name, ids, out in zip(*columns, strict=True)
            ]
        )
        for sync_id, *columns in await cursor.fetchall()
    }


@lru_cache(maxsize=4096)
def _read_ids(written: str) -> frozenset[UUID]:
    """The ids of an answer as the server writes them; most answers of a batch are one of a few."""
    return frozenset(map(UUID, written.split(","))) if written else frozenset()


async def mark_reminded(connection: Connection, sync_ids: Collection[UUID]) -> None:
    """Notes that the invitees of these syncs have just been reminded."""
    await connection.execute(statement("mark_reminded"), {"sync_ids": arrays.uuids(sync_ids)})


_STATUS_STATEMENTS = {SyncStatus.PAUSED: "pause_syncs", SyncStatus.STOPPED: "stop_syncs"}


async def change_status(connection: Connection, sync_ids: Collection[UUID], status: SyncStatus) -> None:
    """Pauses or stops these syncs now; their triggers skip the jobs that this makes pointless."""
    await connection.execute(statement(_STATUS_STATEMENTS[status]), {"sync_ids": list(sync_ids)})


async def lock(connection: Connection, sync_id: UUID) -> tuple[UUID, SyncStatus] | None:
    """Locks a sync until the transaction ends, waiting for whoever has it: its organizer and state, None if missing."""
    cursor = await connection.execute(statement("lock_sync"), {"sync_id": sync_id})
    row = await cursor.fetchone()
    return None if row is None else (row[0], SyncStatus(row[1]))


async def lock_free(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, SyncStatus]:
    """Locks those of these syncs that nobody else has, until the transaction ends; waits for none. Their states."""
    cursor = await connection.execute(statement("lock_free_syncs"), {"sync_ids": arrays.uuids(sync_ids)})
    return {sync_id: SyncStatus(status) for sync_id, status in await cursor.fetchall()}


async def find_owner(connection: Connection, sync_id: UUID) -> UUID | None:
    """Whose sync this is, None if it is missing."""
    cursor = await connection.execute(statement("find_sync_owner"), {"sync_id": sync_id})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def load(connection: Connection, sync_id: UUID) -> Sync | None:
    """One sync with its options and invitees, None if it is missing."""
    found = await load_all(connection, [sync_id])
    return found[0] if found else None


async def load_all(connection: Connection, sync_ids: Sequence[UUID]) -> list[Sync]:
    """These syncs with their options and invitees, in this order, without those that are missing."""
    unread = await load_unread(connection, sync_ids)
    return [unread[id_]() for id_ in sync_ids if id_ in unread]


async def load_unread(connection: Connection, sync_ids: Sequence[UUID]) -> dict[UUID, Callable[[], Sync]]:
    """What reads each; it raises ValueError where another client has given the sync a state that we do not know."""
    cursor = await connection.execute(statement("load_syncs"), {"sync_ids": list(sync_ids)})
    rows = {row[0]: row for row in await cursor.fetchall()}
    options = await load_options(connection, rows)
    invitees = await load_invitees(connection, rows)
    return {id_: partial(to_sync, row, options.get(id_, ()), invitees.get(id_, ())) for id_, row in rows.items()}


def to_sync(row: Sequence[Any], options: tuple[Option, ...] = (), invitees: tuple[Invitee, ...] = ()) -> Sync:
    """A sync from the columns that `load_syncs` and `claim_due_jobs` give, and what was loaded beside."""
    sync_id, status, event_name, location, timezone, goal, first_name, last_name = row
    return Sync(
        id=sync_id,
        status=SyncStatus(status),
        event_name=event_name,
        event_location=location,
        timezone=timezone,
        response_goal=ResponseGoal(goal),
        organizer_name=full_name(first_name, last_name),
        options=options,
        invitees=invitees,
    )


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of syncs. `next_job_at`: when something happens by itself next."""

    id: UUID
    event_name: str
    status: SyncStatus
    started_at: datetime
    invitees: int
    answered: int
    next_job_at: datetime | None


async def list_all(
    connection: Connection, *, organizer_id: UUID | None, status: SyncStatus | None, limit: int
) -> list[Listed]:
    """Up to `limit` syncs, the newest first: of one organizer or all, in one state or any."""
    cursor = await connection.execute(
        statement("list_syncs"), {"organizer_id": organizer_id, "status": status, "limit": limit}
    )
    return [Listed(id_, name, SyncStatus(state), *rest) for id_, name, state, *rest in await cursor.fetchall()]


async def insert(connection: Connection, *, sync: Sync, organizer_id: UUID, crew_id: UUID) -> None:
    """Starts a sync with its options, now; the triggers schedule its first reminder and its end."""
    await connection.execute(
        statement("insert_sync"),
        {
            "id": sync.id,
            "organizer_id": organizer_id,
            "crew_id": crew_id,
            "event_name": sync.event_name,
            "event_location": sync.event_location,
            "response_goal": sync.response_goal,
            "timezone": sync.timezone,
        },
    )
    await connection.execute(
        statement("insert_options"),
        {
            "sync_id": sync.id,
            "timezone": sync.timezone,
            "ids": [option.id for option in sync.options],
            "numbers": [option.number for option in sync.options],
            "starts": [option.start for option in sync.options],
            "ends": [option.end for option in sync.options],
        },
    )


async def resume(connection: Connection, sync_id: UUID) -> None:
    """Makes a paused sync running again; its trigger schedules a reminder for now."""
    await connection.execute(statement("resume_sync"), {"sync_id": sync_id})


async def complete(connection: Connection, sync_id: UUID, option_id: UUID) -> None:
    """Completes a sync with the option that was chosen."""
    await connection.execute(statement("complete_sync"), {"sync_id": sync_id, "option_id": option_id})
