"""The statements on `job_queue`: claim, finish, schedule, and keep what went wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Job, JobType, NewJob, ResponseGoal, Sync, SyncStatus, full_name


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A due job and what its locked sync says; options and invitees are loaded afterwards, under the lock."""

    job: Job
    sync: Sync


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that raised. `pause`: until the next one; None: the job is given up."""

    job_id: UUID
    attempt: int
    error: str
    pause: timedelta | None


async def claim_due(connection: Connection, *, limit: int, only: Sequence[UUID] | None = None) -> list[ClaimedJob]:
    """Up to `limit` due jobs, oldest first, locked together with their syncs until the transaction ends.

    `only`: none but these. A job in other hands, or whose sync is, is left out.
    """
    chosen = None if only is None else list(only)
    cursor = await connection.execute(statement("claim_due_jobs"), {"limit": limit, "job_ids": chosen})
    return [_claimed(row) for row in await cursor.fetchall()]


def _claimed(row: tuple[Any, ...]) -> ClaimedJob:
    job_id, job_type, sync_id, status, event_name, location, timezone, goal, first_name, last_name = row
    sync = Sync(
        id=sync_id,
        status=SyncStatus(status),
        event_name=event_name,
        event_location=location,
        timezone=timezone,
        response_goal=ResponseGoal(goal),
        organizer_name=full_name(first_name, last_name),
        options=(),
    )
    return ClaimedJob(Job(job_id, sync_id, JobType(job_type)), sync)


async def finish(connection: Connection, finished: Sequence[tuple[UUID, str, str | None]]) -> None:
    """Closes jobs: (id, processed or skipped, reason)."""
    ids, statuses, reasons = zip(*finished, strict=True)
    await connection.execute(
        statement("finish_jobs"), {"job_ids": list(ids), "statuses": list(statuses), "reasons": list(reasons)}
    )


async def postpone(connection: Connection, postponed: Sequence[tuple[UUID, datetime]]) -> None:
    """Schedules pending jobs again: (id, when)."""
    ids, moments = zip(*postponed, strict=True)
    await connection.execute(statement("postpone_jobs"), {"job_ids": list(ids), "scheduled_at": list(moments)})


async def schedule(connection: Connection, new_jobs: Sequence[NewJob]) -> None:
    """Adds jobs; where one of the type is pending for the sync already, that one stays."""
    await connection.execute(
        statement("schedule_jobs"),
        {
            "sync_ids": [job.sync_id for job in new_jobs],
            "job_types": [job.type for job in new_jobs],
            "scheduled_at": [job.scheduled_at for job in new_jobs],
        },
    )


async def count_failed_attempts(connection: Connection, job_ids: Collection[UUID]) -> dict[UUID, int]:
    """How often each of these jobs has raised; those that never did are missing."""
    cursor = await connection.execute(statement("count_failed_attempts"), {"job_ids": list(job_ids)})
    return dict(await cursor.fetchall())


async def record_failed_attempts(connection: Connection, failed: Sequence[FailedAttempt]) -> None:
    """Keeps each error and schedules its job again, or marks it failed."""
    await connection.execute(
        statement("record_failed_attempts"),
        {
            "job_ids": [attempt.job_id for attempt in failed],
            "attempts": [attempt.attempt for attempt in failed],
            "statuses": ["failed" if attempt.pause is None else "pending" for attempt in failed],
            "pauses": [attempt.pause or timedelta() for attempt in failed],
            "errors": [attempt.error for attempt in failed],
        },
    )


async def count_due(connection: Connection) -> int:
    """How many jobs are due now, those in other hands included."""
    cursor = await connection.execute(statement("count_due_jobs"))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0
