"""The statements behind an operator's verbs: look at jobs and texts, run them again, put them away."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from autosync.database import arrays, events, interventions
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import Intervention, JobFacts, JobStatus, MessageFacts, MessageStatus, TextCount, presentable
from autosync.lives import SyncFacts, TextFate
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
    found = await _load_jobs(connection, {"job_id": job_id, "sync_id": None})
    return replace(found[0], by_hand=await _by_hand(connection, job_id)) if found else None


async def _by_hand(connection: Connection, row_id: UUID) -> tuple[Intervention, ...]:
    """The oldest first."""
    return tuple(reversed(await interventions.list_latest(connection, row_id)))


async def _load_jobs(connection: Connection, which: dict[str, UUID | None]) -> tuple[JobFacts, ...]:
    rows = await (await connection.execute(statement("load_job_facts"), which)).fetchall()
    brought_about = await _count_texts(connection, which) if rows else {}
    return tuple(_job_facts(row, brought_about.get(row[0], [])) for row in rows)


def _job_facts(row: tuple[Any, ...], brought_about: Sequence[TextCount]) -> JobFacts:
    id_, type_, status, scheduled_at, processed_at, reason, sync_id, event_name, sync_status, *rest = row
    attempts, failed_at, error, due_before, last_done_at, now, created_at, taken_by, done_by = rest
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
        texts=tuple(brought_about),
        created_at=created_at,
        taken_by=taken_by,
        done_by=done_by,
    )


async def _count_texts(connection: Connection, which: dict[str, UUID | None]) -> dict[UUID, list[TextCount]]:
    counted: dict[UUID, list[TextCount]] = {}
    for job_id, type_, status, count in await (
        await connection.execute(statement("count_texts_of_job"), which)
    ).fetchall():
        counted.setdefault(job_id, []).append(TextCount(type_, MessageStatus(status), count))
    return counted


async def load_sync(connection: Connection, sync_id: UUID) -> SyncFacts | None:
    """What tells the whole life of this sync; None: there is no such sync."""
    parameters = {"sync_id": sync_id}
    row = await (await connection.execute(statement("load_sync_facts"), parameters)).fetchone()
    if row is None:
        return None
    id_, event_name, status, first, last, started_at, paused_at, completed_at, stopped_at, *answers, now = row
    asked, answered, last_answer_at = answers
    fates = await (await connection.execute(statement("count_texts_by_reason"), parameters)).fetchall()
    return SyncFacts(
        id=id_,
        event_name=event_name,
        status=SyncStatus(status),
        organizer=presentable(full_name(first, last)) or "somebody without a name",
        started_at=started_at,
        paused_at=paused_at,
        completed_at=completed_at,
        stopped_at=stopped_at,
        asked=asked,
        answered=answered,
        last_answer_at=last_answer_at,
        now=now,
        jobs=await _load_jobs(connection, {"job_id": None, "sync_id": sync_id}),
        texts=tuple(
            TextFate(type_, MessageStatus(state), presentable(reason), *more) for type_, state, reason, *more in fates
        ),
        event=await events.find(connection, sync_id),
        by_hand=await _by_hand(connection, sync_id),
    )


async def load_message(connection: Connection, message_id: UUID) -> MessageFacts | None:
    """What tells why this text has or has not arrived; None: there is no such text."""
    row = await (await connection.execute(statement("load_message_facts"), {"message_id": message_id})).fetchone()
    if row is None:
        return None
    id_, type_, status, reason, to_organizer, first, last, ending, sync_id, event_name, sync_status, *delivery = row
    facts = MessageFacts(
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
    return replace(facts, by_hand=await _by_hand(connection, message_id))


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


async def retry(
    connection: Connection, job_ids: Sequence[UUID], *, wait: timedelta, step: timedelta
) -> list[tuple[UUID, UUID]]:
    """Makes these failed jobs due, the first after `wait`, `step` apart, as far as nothing pending does the same.

    Returns the (sync id, id) of those. Lock their syncs.
    """
    parameters = {"job_ids": list(job_ids), "wait": wait, "step": step}
    return [
        (row[0], row[1])
        for row in await (await connection.execute(statement("retry_failed_jobs"), parameters)).fetchall()
    ]


async def list_given_up(connection: Connection, since: datetime) -> list[tuple[UUID, UUID]]:
    """(id, sync id) of the texts last tried since then that no gateway took or refused, and that were given up."""
    cursor = await connection.execute(statement("list_given_up_texts"), {"since": since})
    return [(id_, sync_id) for id_, sync_id in await cursor.fetchall()]


async def requeue(
    connection: Connection, texts: Sequence[tuple[UUID, UUID]], *, wait: timedelta, step: timedelta, reason: str
) -> list[tuple[UUID, UUID]]:
    """Queues these given-up texts (id, sync id) again, the first after `wait`, `step` apart; (sync id, id) of those."""
    parameters = {
        "message_ids": arrays.uuids(id_ for id_, _ in texts),
        "sync_ids": arrays.uuids(sync_id for _, sync_id in texts),
        "wait": wait,
        "step": step,
        "reason": reason,
    }
    cursor = await connection.execute(statement("requeue_given_up_texts"), parameters)
    return [(row[0], row[1]) for row in await cursor.fetchall()]


async def resolve(
    connection: Connection, message_id: UUID, *, sent: bool, reason: str
) -> tuple[UUID, MessageStatus] | None:
    """Makes an unknown text sent, or queues it again, or cancels it where its words have been deleted.

    Returns its sync's id and its state now; None if it was not unknown, or is not there.
    """
    name = "resolve_as_sent" if sent else "resolve_as_not_sent"
    row = await (await connection.execute(statement(name), {"message_id": message_id, "reason": reason})).fetchone()
    return (row[0], MessageStatus(row[1])) if row else None


async def find_message_status(connection: Connection, message_id: UUID) -> MessageStatus | None:
    """The state of a text; None: there is no such text."""
    row = await (await connection.execute(statement("find_message_status"), {"message_id": message_id})).fetchone()
    return MessageStatus(row[0]) if row else None
