"""The statements on `job_queue`: claim, finish, schedule, and keep what went wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from autosync.database import arrays
from autosync.database.ids import new_ids
from autosync.database.pool import Connection, left_alone
from autosync.database.statements import statement
from autosync.database.syncs import to_sync
from autosync.database.workers import this_process
from autosync.model import Invitee, Job, JobType, NewJob, Option, Sync


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A due job and the row of its locked sync; options and invitees are loaded afterwards, under the lock."""

    id: UUID
    sync_id: UUID
    job_type: str
    sync_row: tuple[Any, ...]
    scheduled_at: datetime

    @property
    def sync_status(self) -> str:
        """The sync's state, as it is written."""
        status: str = self.sync_row[1]
        return status

    def read(self, options: tuple[Option, ...], invitees: tuple[Invitee, ...]) -> tuple[Job, Sync]:
        """Job and sync. Raises ValueError for a value that only another client of the tables knows."""
        job = Job(self.id, self.sync_id, JobType(self.job_type))
        return job, to_sync(self.sync_row, options, invitees)


@dataclass(frozen=True, slots=True)
class FailedAttempt:
    """An attempt that raised. `pause`: until the next one; None: the job is given up."""

    job: ClaimedJob
    attempt: int
    error: str
    pause: timedelta | None


async def claim_due(
    connection: Connection, *, limit: int, only: Sequence[UUID] | None = None, since: datetime | None = None
) -> list[ClaimedJob]:
    """Up to `limit` due jobs, oldest first, locked together with their syncs until the transaction ends.

    `only`: none but these; `since`: none that were due before. A job in other hands, or whose sync is, is left out.
    Whatever is done with them until then, the server compiles none of it, and ends the transaction if it is left alone.
    """
    wanted = {"limit": limit, "job_ids": None if only is None else list(only), "since": since} | left_alone()
    cursor = await connection.execute(statement("claim_due_jobs"), wanted, binary=True)
    claimed = [_claimed(row) for row in await cursor.fetchall()]
    if claimed:
        await connection.execute(statement("compile_nothing"))
    return claimed


def _claimed(row: tuple[Any, ...]) -> ClaimedJob:
    job_id, job_type, *sync_row, scheduled_at, _ = row
    return ClaimedJob(job_id, sync_row[0], job_type, tuple(sync_row), scheduled_at)


async def finish(connection: Connection, finished: Sequence[tuple[ClaimedJob, str, str | None]]) -> None:
    """Closes jobs: (job, processed or skipped, reason), and keeps that this process did."""
    claims, statuses, reasons = zip(*finished, strict=True)
    await connection.execute(
        statement("finish_jobs"),
        _named(claims) | {"statuses": arrays.words(statuses), "reasons": list(reasons)},
    )
    await connection.execute(statement("note_batch"), {"taken_by": this_process()})


async def forget_batches(connection: Connection, *, limit: int) -> int:
    """Forgets who did up to `limit` batches of jobs three days ago; how many."""
    return (await connection.execute(statement("forget_batches"), {"limit": limit})).rowcount


async def postpone(connection: Connection, postponed: Sequence[tuple[ClaimedJob, datetime]]) -> None:
    """Schedules pending jobs again: (job, when)."""
    claims, moments = zip(*postponed, strict=True)
    await connection.execute(statement("postpone_jobs"), _named(claims) | {"scheduled_at": list(moments)})


def _named(claims: Collection[ClaimedJob]) -> dict[str, object]:
    """Jobs as statements name them: with their syncs, by which all that a job touches can be found, or distributed."""
    return {
        "job_ids": arrays.uuids(claim.id for claim in claims),
        "sync_ids": arrays.uuids(claim.sync_id for claim in claims),
    }


async def schedule(connection: Connection, new_jobs: Sequence[NewJob]) -> None:
    """Adds jobs; where one of the type is pending for the sync already, that one stays, unless the new one `delays`.

    Raises psycopg.errors.UniqueViolation where a job of the type that has ended stood at the very same moment.
    """
    await connection.execute(
        statement("schedule_jobs"),
        {
            "ids": arrays.words(new_ids(len(new_jobs))),
            "sync_ids": arrays.uuids(job.sync_id for job in new_jobs),
            "job_types": arrays.words(job.type for job in new_jobs),
            "scheduled_at": [job.scheduled_at for job in new_jobs],
            "delayed_sync_ids": arrays.uuids(job.sync_id for job in new_jobs if job.delays),
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
        _named([attempt.job for attempt in failed])
        | {
            "attempts": [attempt.attempt for attempt in failed],
            "statuses": ["failed" if attempt.pause is None else "pending" for attempt in failed],
            "pauses": [attempt.pause or timedelta() for attempt in failed],
            "errors": [attempt.error for attempt in failed],
            "taken_by": this_process(),
        },
    )


async def count_due(connection: Connection) -> int:
    """How many jobs are due now, those in other hands included."""
    cursor = await connection.execute(statement("count_due_jobs"))
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def delete_finished(connection: Connection, *, limit: int) -> int:
    """Deletes up to `limit` jobs that were done or skipped three days ago or earlier; returns how many."""
    return (await connection.execute(statement("delete_finished_jobs"), {"limit": limit})).rowcount


async def put_back_abandoned(connection: Connection, *, limit: int) -> int:
    """Puts back up to `limit` jobs that another client has left in `processing`, and writes first reminders that could
    not be written with their syncs; returns how many."""
    row = await (await connection.execute(statement("put_back_abandoned_jobs"), {"limit": limit})).fetchone()
    return int(row[0]) if row else 0


@dataclass(frozen=True, slots=True)
class NextDue:
    """The project's now, and when the next job and the next text are due, if any."""

    now: datetime
    job: datetime | None
    text: datetime | None


async def next_due(connection: Connection) -> NextDue:
    """When there will be something to do."""
    row = await (await connection.execute(statement("next_due_at"))).fetchone()
    assert row is not None, "next_due_at returns one row"  # noqa: S101
    return NextDue(*row)


async def oldest_due_age(connection: Connection) -> timedelta | None:
    """How long ago the oldest due job was due; None if nothing is due."""
    row = await (await connection.execute(statement("oldest_due_age"))).fetchone()
    return None if row is None else row[0]
