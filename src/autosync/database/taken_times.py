"""When an organizer's other syncs may take place, or will."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.windows import Window


@dataclass(frozen=True, slots=True)
class Taken:
    """A time of another sync. `is_chosen`: it was decided on; else it is one that was proposed."""

    window: Window
    is_chosen: bool


async def list_taken(connection: Connection, organizer_id: UUID, span: Window, *, open_end: timedelta) -> list[Taken]:
    """In order of time, those that meet the span; `open_end`: how long one counts that says no end."""
    cursor = await connection.execute(
        statement("list_taken_times"),
        {"organizer_id": organizer_id, "begins": span.begins, "ends": span.ends, "open_end": open_end},
    )
    return [Taken(Window(begins, ends), is_chosen) for begins, ends, is_chosen in await cursor.fetchall()]
