"""The statements on paused sending."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.departures import PAUSED
from autosync.model import full_name


@dataclass(frozen=True, slots=True)
class Pause:
    """Sending that is paused. `organizer_id`: None for everybody's; `paused_at`: on the server's own clock."""

    organizer_id: UUID | None
    organizer: str | None
    paused_at: datetime
    paused_by: str
    reason: str


async def pause(connection: Connection, organizer_id: UUID | None, *, paused_by: str, reason: str) -> bool:
    """Pauses it; False where it was. Raises ForeignKeyViolation where there is no such organizer."""
    parameters = {"organizer_id": organizer_id, "paused_by": paused_by, "reason": reason}
    return await (await connection.execute(statement("pause_sending"), parameters)).fetchone() is not None


async def resume(connection: Connection, organizer_id: UUID | None) -> bool:
    """Ends it; False where it was not paused."""
    cursor = await connection.execute(statement("resume_sending"), {"organizer_id": organizer_id})
    return await cursor.fetchone() is not None


async def release(connection: Connection, organizer_id: UUID | None) -> int:
    """Lets held texts go, one after the other; returns how many."""
    parameters = {"organizer_id": organizer_id, "held_because": PAUSED}
    return (await connection.execute(statement("release_paused_texts"), parameters)).rowcount


async def list_all(connection: Connection) -> list[Pause]:
    """Every one, the oldest first."""
    rows = await (await connection.execute(statement("list_sending_pauses"))).fetchall()
    return [
        Pause(organizer_id, full_name(first, last) if organizer_id else None, *rest)
        for organizer_id, first, last, *rest in rows
    ]


async def is_everybodys(connection: Connection) -> bool:
    """Whether nobody's texts leave."""
    row = await (await connection.execute(statement("is_sending_paused"))).fetchone()
    return bool(row and row[0])


async def count_waiting(connection: Connection, organizer_id: UUID | None) -> int:
    """How many texts are queued, of an organizer or of everybody (None)."""
    row = await (await connection.execute(statement("count_waiting_texts"), {"organizer_id": organizer_id})).fetchone()
    return int(row[0]) if row else 0
