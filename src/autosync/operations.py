"""An operator's verbs: list, explain, run again, cancel, and settle a text of which nobody knows whether it left.

Each changes one job or text as a whole, or raises Refused and changes nothing. `who` did it is noted in the same
transaction, in a table that only grows.

Where they meet others: a verb on a job waits for its sync's row lock and only then touches the job, in the order of the
triggers; so it follows whatever processor or organizer is doing to the sync, and the processor leaves the job alone
meanwhile. A text is settled by one statement that finds it unknown or does nothing; a look-up that comes back later
finds it so no more, and does nothing in its turn.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from psycopg.errors import UniqueViolation

from autosync import explanations, lives
from autosync.database import events, interventions, operations, syncs
from autosync.database.operations import ListedJob, ListedMessage, list_jobs, list_messages
from autosync.database.pool import Connection
from autosync.explanations import JobStatus, MessageStatus
from autosync.model import Delivery, JobType, Refused, SyncStatus

__all__ = [
    "ListedJob",
    "ListedMessage",
    "Retried",
    "cancel_job",
    "explain_job",
    "explain_message",
    "explain_sync",
    "list_jobs",
    "list_messages",
    "requeue_given_up",
    "resolve_message",
    "retry_event",
    "retry_failed",
    "run_job",
]

BATCH_SIZE = 500


@dataclass(frozen=True, slots=True)
class Retried:
    """How many failed jobs were made due, and how many were left: another was pending, or the sync has ended."""

    made_due: int = 0
    left: int = 0


async def explain_sync(connection: Connection, sync_id: UUID) -> list[str]:
    """The life of a sync in sentences. Raises Refused if there is none."""
    facts = await operations.load_sync(connection, sync_id)
    if facts is None:
        raise Refused(f"There is no sync {sync_id}: `autosync syncs list` shows them.")
    return lives.of_sync(facts)


async def explain_job(connection: Connection, job_id: UUID) -> list[str]:
    """Sentences on why this job has or has not run. Raises Refused if there is none."""
    facts = await operations.load_job(connection, job_id)
    if facts is None:
        raise Refused(_no_job(job_id))
    return explanations.of_job(facts)


async def explain_message(connection: Connection, message_id: UUID) -> list[str]:
    """Sentences on why this text has or has not arrived. Raises Refused if there is none."""
    facts = await operations.load_message(connection, message_id)
    if facts is None:
        raise Refused(_no_message(message_id))
    return explanations.of_message(facts)


async def run_job(connection: Connection, job_id: UUID, *, who: str) -> None:
    """Makes a failed or pending job due now. One that had failed gets one attempt more.

    Raises Refused: no such job, in another state, its sync has ended, or another of its type is pending for the sync.
    """
    try:
        async with _open_job(connection, job_id, to="run") as (sync_id, sync_status):
            if sync_status.is_final:
                raise Refused(
                    f"The sync of job {job_id} is {sync_status}, so nothing is left to do: "
                    "`autosync jobs cancel` puts the job away."
                )
            await operations.make_due(connection, job_id)
            await interventions.record(connection, "jobs run", [(sync_id, job_id)], who=who)
    except UniqueViolation:
        raise Refused(
            f"Another job of the same type is pending for the sync of job {job_id} and does the same: "
            "run or cancel that one first."
        ) from None


async def cancel_job(connection: Connection, job_id: UUID, *, who: str) -> None:
    """Skips a failed or pending job. Raises Refused: no such job, or it is in another state."""
    async with _open_job(connection, job_id, to="canceled") as (sync_id, _):
        await operations.cancel(connection, job_id, "Canceled by an operator.")
        await interventions.record(connection, "jobs cancel", [(sync_id, job_id)], who=who)


async def retry_failed(
    connection: Connection, *, who: str, job_type: JobType | None = None, over: timedelta = timedelta()
) -> Retried:
    """Makes every failed job of this type, or of any, due: at once, or spread evenly `over` this time from now.

    The latest of a type for a sync is taken; the others, those that a pending job stands for and those of syncs that
    have ended are left as they are. A job that fails again meanwhile is not taken twice.
    """
    failed = await operations.list_failed(connection, job_type)
    step = over / max(len(failed), 1)
    made_due = 0
    for start in range(0, len(failed), BATCH_SIZE):
        batch = failed[start : start + BATCH_SIZE]
        async with connection.transaction():
            await operations.lock_syncs(connection, {sync_id for _, sync_id in batch})
            ids = [job_id for job_id, _ in batch]
            retried = await operations.retry(connection, ids, wait=step * start, step=step)
            await interventions.record(connection, "jobs retry", retried, who=who, details=_spread(over))
        made_due += len(retried)
    return Retried(made_due, len(failed) - made_due)


async def requeue_given_up(connection: Connection, *, who: str, since: datetime, over: timedelta = timedelta()) -> int:
    """Queues the texts again whose last attempt was made since then, and that no gateway took in all their attempts.

    At once, or spread evenly `over` this time from now. What a gateway refused stays failed. Each passes again what a
    text must pass when it leaves, so one that has become pointless is canceled. Returns how many.
    """
    given_up = await operations.list_given_up(connection, since)
    step = over / max(len(given_up), 1)
    requeued = 0
    for start in range(0, len(given_up), BATCH_SIZE):
        async with connection.transaction():
            done = await operations.requeue(
                connection,
                given_up[start : start + BATCH_SIZE],
                wait=step * start,
                step=step,
                reason="Queued again by an operator.",
            )
            await interventions.record(connection, "messages requeue", done, who=who, details=_spread(over))
        requeued += len(done)
    return requeued


def _spread(over: timedelta) -> str | None:
    return f"spread over {over}" if over else None


async def resolve_message(connection: Connection, message_id: UUID, *, sent: bool, who: str) -> MessageStatus:
    """Settles an unknown text: it was sent, or it was not and is queued to leave now, its attempts kept.

    Returns its state now: one that was not sent and whose words have been deleted is canceled instead.
    Raises Refused: no such text, or its fate is known.
    """
    said = "An operator said that it had been sent." if sent else "An operator said that it had not been sent."
    async with connection.transaction():
        resolved = await operations.resolve(connection, message_id, sent=sent, reason=said)
        if resolved is None:
            status = await operations.find_message_status(connection, message_id)
            raise Refused(_no_message(message_id) if status is None else _not_unknown(message_id, status))
        sync_id, status_now = resolved
        how = "as sent" if sent else "as not sent"
        await interventions.record(connection, "messages resolve", [(sync_id, message_id)], who=who, details=how)
    return status_now


async def retry_event(connection: Connection, sync_id: UUID, *, who: str) -> None:
    """Makes the calendar event of a sync due now; where it may be there already, it is looked for first.

    Raises Refused: no such event, it is on its way, or no calendar is connected.
    """
    async with connection.transaction():
        await events.keep(connection, sync_id)
        found = await events.lock(connection, sync_id)
        if found is None:
            raise Refused(f"No time was ever chosen for a sync {sync_id}: `autosync events list` shows those.")
        delivery, is_connected = found
        if delivery is Delivery.SENDING:
            raise Refused("It is on its way at this moment; look again in two minutes.")
        if not is_connected:
            raise Refused("Its organizer has no calendar connected, so people have the calendar file only.")
        await events.requeue(connection, sync_id)
        await interventions.record(connection, "events retry", [(sync_id, None)], who=who)


@asynccontextmanager
async def _open_job(connection: Connection, job_id: UUID, *, to: str) -> AsyncIterator[tuple[UUID, SyncStatus]]:
    """A transaction that holds the sync, whose id and state it gives, and the job, which is failed or pending."""
    async with connection.transaction():
        sync_id = await operations.find_sync_of_job(connection, job_id)
        sync = await syncs.lock(connection, sync_id) if sync_id else None
        job = await operations.lock_job(connection, job_id)
        if sync_id is None or sync is None or job is None:
            raise Refused(_no_job(job_id))
        _, status = job
        if status not in (JobStatus.PENDING, JobStatus.FAILED):
            raise Refused(f"Job {job_id} is {status or 'without a status'}; only a pending or failed one can be {to}.")
        yield sync_id, sync[1]


def _no_job(job_id: UUID) -> str:
    return f"There is no job {job_id}: `autosync jobs list` shows them, and those done go after three days."


def _no_message(message_id: UUID) -> str:
    return f"There is no text {message_id}: `autosync messages list` shows them."


def _not_unknown(message_id: UUID, status: MessageStatus) -> str:
    return f"Text {message_id} is {status}; only one of which nobody knows whether it left can be resolved."
