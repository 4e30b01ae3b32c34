"""The statements behind an operator's verbs: look at jobs and texts, run them again, put them away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import JobFacts, JobStatus, MessageFacts, MessageStatus, TextCount, presentable
from autosync.model import JobType, MessageType, SyncStatus, full_name


@dataclass(frozen=True, slots=True)
class ListedJob:
    """A line of a list of jobs. `status`: None where another client left it empty."""

    id: UUID
    sync_id: UUID
    event_name: str
    type: JobType
    status: JobStatus | None
    scheduled_at: datetime
    processed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class ListedMessage:
    """A line of a list of texts. `type`: other clients have their own. `ending`: the number's last four digits."""

    id: UUID
    sync_id: UUID
    event_name: str
    type: str
    status: MessageStatus
    recipient: str
    ending: str | None
    send_after: datetime | None
    sent_at: datetime | None
    reason: str | None


async def load_job(connection: Connection, job_id: UUID) -> JobFacts | None:
    """What tells why this job has or has not run; None: there is no such job."""
    row = await (await connection.execute(statement("load_job_facts"), {"job_id": job_id})).fetchone()
    if row is None:
        return None
    id_, type_, status, scheduled_at, processed_at, reason, sync_id, event_name, sync_status, *rest = row
    attempts, failed_at, error, due_before, last_done_at, now = rest
    return JobFacts(
        id=id_,
        type=JobType(type_),
        status=JobStatus(status) if status else None,
        scheduled_at=scheduled_at,
        processed_at=processed_at,
        reason=presentable(reason),
        sync_id=sync_id,
        event_name=event_name,
        sync_status=SyncStatus(sync_status),
        attempts=attempts,
        failed_at=failed_at,
        error=presentable(error),
        due_before=due_before,
        last_done_at=last_done_at,
        now=now,
        texts=await _count_texts(connection, job_id),
    )


async def _count_texts(connection: Connection, job_id: UUID) -> tuple[TextCount, ...]:
    cursor = await connection.execute(statement("count_texts_of_job"), {"job_id": job_id})
    return tuple(TextCount(type_, MessageStatus(status), count) for type_, status, count in await cursor.fetchall())


async def load_message(connection: Connection, message_id: UUID) -> MessageFacts | None:
    """What tells why this text has or has not arrived; None: there is no such text."""
    row = await (await connection.execute(statement("load_message_facts"), {"message_id": message_id})).fetchone()
    if row is None:
        return None
    id_, type_, status, reason, to_organizer, first, last, ending, sync_id, event_name, sync_status, *delivery = row
    return MessageFacts(
        id_,
        type_,
        MessageStatus(status),
        presentable(reason),
        _recipient(to_organizer, first, last),
        ending or None,
        sync_id,
        event_name,
        SyncStatus(sync_status),
        *delivery,
    )


def _recipient(to_organizer: bool, first_name: str | None, last_name: str | None) -> str:
    name = presentable(full_name(first_name, last_name))
    if to_organizer:
        return f"{name} (the organizer)" if name else "the organizer"
    return name or "a contact without a name"


async def list_jobs(
    connection: Connection, *, status: JobStatus | None, sync_id: UUID | None, job_type: JobType | None, limit: int
) -> list[ListedJob]:
    """Up to `limit` jobs, None meaning any: first what is to be done, the most overdue on top, then what is done."""
    cursor = await connection.execute(
        statement("list_jobs"), {"status": status, "sync_id": sync_id, "job_type": job_type, "limit": limit}
    )
    return [
        ListedJob(id_, sync, name, JobType(type_), JobStatus(state) if state else None, due, done, presentable(reason))
        for id_, sync, name, type_, state, due, done, reason in await cursor.fetchall()
    ]


async def list_messages(
    connection: Connection,
    *,
    status: MessageStatus | None,
    sync_id: UUID | None,
    message_type: MessageType | None,
    limit: int,
) -> list[ListedMessage]:
    """Up to `limit` texts, None meaning any, the newest first."""
    cursor = await connection.execute(
        statement("list_messages"), {"status": status, "sync_id": sync_id, "message_type": message_type, "limit": limit}
    )
    return [
        ListedMessage(
            id_,
            sync,
            name,
            type_,
            MessageStatus(state),
            _recipient(to_organizer, first, last),
            ending or None,
            send_after,
            sent_at,
            presentable(reason),
        )
        for (
            id_, sync, name, type_, state, to_organizer, first, last, ending, send_after, sent_at, reason
        ) in await cursor.fetchall()
    ]  # fmt: skip


async def find_sync_of_job(connection: Connection, job_id: UUID) -> UUID | None:
    """The id of the job's sync; None: there is no such job."""
    row = await (await connection.execute(statement("find_sync_of_job"), {"job_id": job_id})).fetchone()
    return row[0] if row else None


async def lock_job(connection: Connection, job_id: UUID) -> tuple[JobType, JobStatus | None] | None:
    """Locks a job until the transaction ends: its type and state, None if it is gone. Lock its sync first."""
    row = await (await connection.execute(statement("lock_job"), {"job_id": job_id})).fetchone()
    return (JobType(row[0]), JobStatus(row[1]) if row[1] else None) if row else None


async def make_due(connection: Connection, job_id: UUID) -> None:
    """Makes a failed or pending job due now. Raises UniqueViolation where another of its type is pending."""
    await connection.execute(statement("make_job_due"), {"job_id": job_id})


async def cancel(connection: Connection, job_id: UUID, reason: str) -> None:
    """Skips a failed or pending job."""
    await connection.execute(statement("cancel_job"), {"job_id": job_id, "reason": reason})


async def list_failed(connection: Connection, job_type: JobType | None) -> list[tuple[UUID, UUID]]:
    """(id, sync id) of every failed job of this type, or of any (None), the latest first."""
    cursor = await connection.execute(statement("list_failed_jobs"), {"job_type": job_type})
    return [(job_id, sync_id) for job_id, sync_id in await cursor.fetchall()]


async def lock_syncs(connection: Connection, sync_ids: Collection[UUID]) -> None:
    """Locks these syncs until the transaction ends, waiting for whoever has them."""
    await connection.execute(statement("lock_syncs"), {"sync_ids": list(sync_ids)})


async def retry(connection: Connection, job_ids: Sequence[UUID]) -> int:
    """Makes these failed jobs due now, as far as nothing pending does the same; returns how many. Lock their syncs."""
    return (await connection.execute(statement("retry_failed_jobs"), {"job_ids": list(job_ids)})).rowcount


async def resolve(connection: Connection, message_id: UUID, *, sent: bool, reason: str) -> bool:
    """Makes an unknown text sent, or queues it again; False if it is not unknown, or not there."""
    name = "resolve_as_sent" if sent else "resolve_as_not_sent"
    cursor = await connection.execute(statement(name), {"message_id": message_id, "reason": reason})
    return cursor.rowcount == 1


async def find_message_status(connection: Connection, message_id: UUID) -> MessageStatus | None:
    """The state of a text; None: there is no such text."""
    row = await (await connection.execute(statement("find_message_status"), {"message_id": message_id})).fetchone()
    return MessageStatus(row[0]) if row else None
