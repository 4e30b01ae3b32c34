"""The statements on what operators have done by hand."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import Intervention

LONGEST_NAME = 200


async def record(
    connection: Connection,
    verb: str,
    subjects: Sequence[tuple[UUID | None, UUID | None]],
    *,
    who: str,
    details: str | None = None,
) -> None:
    """Notes that `who` has done this to these (sync id, row id), in the caller's transaction. Nothing personal."""
    sync_ids, subject_ids = zip(*subjects, strict=True) if subjects else ((), ())
    await connection.execute(
        statement("record_interventions"),
        {
            "done_by": who[:LONGEST_NAME],
            "verb": verb,
            "sync_ids": list(sync_ids),
            "subject_ids": list(subject_ids),
            "details": details,
        },
    )


async def list_latest(connection: Connection, row_id: UUID | None = None, *, limit: int = 100) -> list[Intervention]:
    """What was done to a job, a text, or anything of a sync, or to anything (None); the latest first."""
    cursor = await connection.execute(statement("list_interventions"), {"row_id": row_id, "limit": limit})
    return [Intervention(*row) for row in await cursor.fetchall()]
