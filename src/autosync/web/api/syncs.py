"""`/api/syncs`: what an organizer sees of their syncs, and what they can do to one that has started."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from autosync.database import details, own_syncs
from autosync.database.pool import Connection
from autosync.model import MOST_OPTIONS, Delivery, EventStatus, ResponseGoal, SyncStatus
from autosync.web import verbs
from autosync.web.api.fields import Body
from autosync.web.api.signed_in import Me, SignedIn, require_sync
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(prefix="/syncs", tags=["syncs"], route_class=LimitedRoute)


class SyncLine(BaseModel):
    """How a sync stands, in short."""

    id: UUID
    event_name: str
    event_location: str | None
    status: SyncStatus
    started_at: datetime
    asked: int = Field(description="How many people were asked.")
    answered: int = Field(description="How many of them have answered.")
    next_job: str | None = Field(description="What happens by itself next: reminder_24h, pause_check_48h, …")
    next_job_at: datetime | None


class SyncList(BaseModel):
    """Syncs, the newest first."""

    syncs: list[SyncLine]


class OptionDocument(BaseModel):
    """One proposed time."""

    id: UUID
    number: int = Field(description="What invitees answer with.")
    start: datetime
    end: datetime | None
    when: str = Field(description="As the texts say it, in the sync's time zone.")
    can: int = Field(description="How many can make it.")
    who: list[str] = Field(description="Their names.")


class InviteeDocument(BaseModel):
    """Somebody who was asked."""

    contact_id: UUID
    name: str
    answer: str = Field(description="In words: none yet, not available, or the numbers.")
    options: list[int] | None = Field(description="The numbers that they can make; null while there is no answer.")


class JobDocument(BaseModel):
    """Something that the sync does, or has done, by itself."""

    id: UUID
    job_type: str
    status: str | None
    scheduled_at: datetime
    processed_at: datetime | None
    reason: str | None


class TextDocument(BaseModel):
    """A text of the sync, and how far it got."""

    id: UUID
    type: str
    to: str = Field(description="A name, or organizer.")
    status: str = Field(description="queued, sending, sent, delivered, failed, unknown or canceled.")
    at: datetime | None
    reason: str | None
    body: str | None = Field(description="Null where another client has sent it.")


class CalendarDocument(BaseModel):
    """The chosen time in your Google Calendar."""

    wanted: EventStatus = Field(description="confirmed; tentative once the sync goes on again; cancelled.")
    delivery: Delivery = Field(description="How far it got; none: people have the calendar file only.")
    sequence: int = Field(description="Grows with each change, as in the calendar file.")
    in_words: str


class SyncDocument(BaseModel):
    """One sync with all that hangs on it."""

    id: UUID
    event_name: str
    event_location: str | None
    status: SyncStatus
    timezone: str
    response_goal: ResponseGoal
    options: list[OptionDocument]
    best_options: list[int] = Field(description="The numbers that most can make; empty while nobody can make any.")
    invitees: list[InviteeDocument]
    jobs: list[JobDocument]
    texts: list[TextDocument]
    calendar: CalendarDocument | None = Field(description="Null as long as no time was chosen.")


class InviteBody(Body):
    """What to decide on."""

    option: Annotated[int, Field(strict=True, ge=1, le=MOST_OPTIONS, description="The option's number.")]


@router.get("", summary="List syncs", responses=problems(404))
async def list_syncs(
    me: Me,
    status: Annotated[SyncStatus | None, Query(description="Only those in this state.")] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="At most this many.")] = 50,
    before: Annotated[
        UUID | None, Query(description="Only those older than this sync: the last one of the page before.")
    ] = None,
) -> SyncList:
    """Your syncs, the newest first, a page at a time."""
    async with me.own_rows() as connection:
        if before is not None:
            await require_sync(me, connection, before)
        found = await own_syncs.list_own(connection, me.id, status=status, before=before, limit=limit)
    return SyncList(syncs=[SyncLine.model_validate(sync, from_attributes=True) for sync in found])


@router.get("/{sync_id}", summary="Show a sync", responses=problems(404))
async def get_sync(me: Me, sync_id: UUID) -> SyncDocument:
    """Everything about one of your syncs: options and who can make them, answers, jobs, texts."""
    return await show(me, sync_id)


@router.post("/{sync_id}/remind", summary="Remind again", responses=problems(404, 409))
async def remind(me: Me, sync_id: UUID) -> SyncDocument:
    """Makes a paused sync running again: whoever has not answered is reminded at once. 409 if it is not paused."""
    await verbs.remind(me, sync_id)
    return await show(me, sync_id)


@router.post("/{sync_id}/invite", summary="Send invites", responses=problems(400, 404, 409))
async def invite(me: Me, sync_id: UUID, body: InviteBody) -> SyncDocument:
    """Completes a sync with one option: everybody who was asked is told the time. Final. 409 if it has ended."""
    await verbs.invite(me, sync_id, body.option)
    return await show(me, sync_id)


@router.post("/{sync_id}/stop", summary="Stop a sync", responses=problems(404, 409))
async def stop(me: Me, sync_id: UUID) -> SyncDocument:
    """Ends a sync without invites; no text of it leaves any more. Final. 409 if it has ended."""
    await verbs.stop(me, sync_id)
    return await show(me, sync_id)


async def show(me: SignedIn, sync_id: UUID) -> SyncDocument:
    """One of the person's syncs as they see it now. Raises NotAllowedError (404)."""
    async with me.own_rows() as connection:
        return await show_on(connection, me, sync_id)


async def show_on(connection: Connection, me: SignedIn, sync_id: UUID) -> SyncDocument:
    """The same on a connection that acts as the person."""
    is_set_up = me.api.connections is not None
    document = await details.own_sync_document(connection, me.id, sync_id, is_set_up=is_set_up)
    if document is None:
        raise NotAllowedError(404, f"You have no sync {sync_id}.")
    return SyncDocument.model_validate(document)
