"""All that the page of one sync shows, read as its organizer within what role `authenticated` may read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from autosync.database import clock, events, own_syncs
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import EventFacts, JobStatus, MessageStatus
from autosync.model import Sync, Timings, full_name


@dataclass(frozen=True, slots=True)
class Moments:
    """When a sync began, was paused last, and ended. `chosen_option_id`: as text, once invites were sent."""

    started_at: datetime
    paused_at: datetime | None
    completed_at: datetime | None
    stopped_at: datetime | None
    chosen_option_id: str | None


@dataclass(frozen=True, slots=True)
class JobLine:
    """A job of the sync. `status` None: another client left it empty."""

    id: UUID
    type: str
    status: JobStatus | None
    scheduled_at: datetime
    processed_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Texts:
    """How many texts of one type, round (`cause_id`) and state there are; `first_at`: when the first came about."""

    type: str
    status: MessageStatus
    cause_id: UUID | None
    count: int
    first_at: datetime | None


@dataclass(frozen=True, slots=True)
class TextLine:
    """A text. `to`: a name, None for the organizer's own; `at`: when it was sent, else when it was written."""

    id: UUID
    type: str
    to: str | None
    status: MessageStatus
    send_after: datetime | None
    at: datetime | None
    reason: str | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """A sync with when it was answered (by contact id), its moments, jobs, how many texts there are, and the calendar's
    part."""

    sync: Sync
    answered_at: Mapping[UUID, datetime]
    moments: Moments
    jobs: Sequence[JobLine]
    texts: Sequence[Texts]
    event: EventFacts | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the person may not read themselves: the clock, by how much it is ahead, the delays, and who opted out."""

    now: datetime
    lead: timedelta
    timings: Timings
    opted_out: frozenset[UUID]


async def load(connection: Connection, organizer_id: UUID, sync_id: UUID) -> Look | None:
    """One of this organizer's syncs, on a connection that acts as them; None if they have none such."""
    found = await own_syncs.load_own_with_times(connection, organizer_id, sync_id)
    if found is None:
        return None
    parameters = {"sync_id": sync_id}
    moments = await (await connection.execute(statement("load_sync_moments"), parameters)).fetchone()
    if moments is None:
        return None
    jobs = await (await connection.execute(statement("list_sync_jobs"), parameters)).fetchall()
    texts = await (await connection.execute(statement("count_sync_texts"), parameters)).fetchall()
    return Look(
        *found,
        Moments(*moments),
        tuple(JobLine(id_, type_, JobStatus(status) if status else None, *rest) for id_, type_, status, *rest in jobs),
        tuple(Texts(type_, MessageStatus(status), *rest) for type_, status, *rest in texts),
        await events.find(connection, sync_id),
    )


async def page_texts(
    connection: Connection, sync_id: UUID, *, status: MessageStatus | None, skip: int, limit: int
) -> list[TextLine]:
    """Up to `limit` texts of this sync without the first `skip`, the newest first, in one state or any."""
    cursor = await connection.execute(
        statement("page_sync_texts"), {"sync_id": sync_id, "status": status, "skip": skip, "limit": limit}
    )
    return [
        TextLine(id_, type_, None if own else full_name(first, last), MessageStatus(state), *rest)
        for id_, type_, own, first, last, state, *rest in await cursor.fetchall()
    ]


async def load_surroundings(connection: Connection, sync_id: UUID) -> Surroundings:
    """What belongs to a look, on a connection with the service's rights: first make sure whose the sync is."""
    now, timings = await clock.read(connection)
    opted_out = await (await connection.execute(statement("list_opted_out"), {"sync_id": sync_id})).fetchall()
    return Surroundings(now, await clock.read_lead(connection), timings, frozenset(id_ for (id_,) in opted_out))
