"""What the demo looks at: all jobs and texts of its own small database. `clear` empties it: never call it elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement


@dataclass(frozen=True, slots=True)
class SeenText:
    """A text as it stands: its type, who gets it, how far it got and why, its words, and when it left or was queued."""

    id: UUID
    type: str
    recipient: str
    status: str
    reason: str | None
    body: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenAnswer:
    """A text that came in: from which number, its words, what was made of it, and when."""

    id: UUID
    phone_number: str
    body: str
    outcome: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SeenJob:
    """A job as it stands: of which sync, its type, how far it got and why, and when it is due."""

    id: UUID
    sync_id: UUID
    event_name: str
    type: str
    status: str
    scheduled_at: datetime
    reason: str | None


async def all_texts(connection: Connection) -> list[SeenText]:
    """Every text there is."""
    return [SeenText(*row) for row in await (await connection.execute(statement("demo_texts"))).fetchall()]


async def all_answers(connection: Connection) -> list[SeenAnswer]:
    """Every text that came in."""
    return [SeenAnswer(*row) for row in await (await connection.execute(statement("demo_answers"))).fetchall()]


async def all_jobs(connection: Connection) -> list[SeenJob]:
    """Every job there is."""
    return [SeenJob(*row) for row in await (await connection.execute(statement("demo_jobs"))).fetchall()]


async def clear(connection: Connection) -> None:
    """Deletes everybody and everything."""
    await connection.execute(statement("demo_clear"))
