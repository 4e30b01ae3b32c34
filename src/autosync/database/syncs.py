"""The statements on syncs, their options and who was asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Invitee, Option, SyncStatus, full_name

async def load_options(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, tuple[Option, ...]]:
    """The options of each sync by number, by sync id."""
    cursor = await connection.execute(statement("load_options"), {"sync_ids": list(sync_ids)})
    options: dict[UUID, list[Option]] = defaultdict(list)
    for sync_id, option_id, number, start, end in await cursor.fetchall():
        options[sync_id].append(Option(option_id, number, start, end))
    return {sync_id: tuple(found) for sync_id, found in options.items()}


async def load_invitees(connection: Connection, sync_ids: Collection[UUID]) -> dict[UUID, tuple[Invitee, ...]]:
    """The invitees of each sync by name, with their latest answers, by sync id."""
    cursor = await connection.execute(statement("load_invitees"), {"sync_ids": list(sync_ids)})
    invitees: dict[UUID, list[Invitee]] = defaultdict(list)
    for sync_id, contact_id, first_name, last_name, can_make in await cursor.fetchall():
        answer = None if can_make is None else frozenset(can_make)
        invitees[sync_id].append(Invitee(contact_id, full_name(first_name, last_name), answer))
    return {sync_id: tuple(found) for sync_id, found in invitees.items()}


async def mark_reminded(connection: Connection, sync_ids: Collection[UUID]) -> None:
    """Notes that the invitees of these syncs have just been reminded."""
    await connection.execute(statement("mark_reminded"), {"sync_ids": list(sync_ids)})


_STATUS_STATEMENTS = {SyncStatus.PAUSED: "pause_syncs", SyncStatus.STOPPED: "stop_syncs"}


async def change_status(connection: Connection, sync_ids: Collection[UUID], status: SyncStatus) -> None:
    """Pauses or stops these syncs now; their triggers skip the jobs that this makes pointless."""
    await connection.execute(statement(_STATUS_STATEMENTS[status]), {"sync_ids": list(sync_ids)})
