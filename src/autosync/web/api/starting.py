"""`POST /api/syncs` and its preview: how a sync begins.

A start may be repeated: the id that the client gives the sync is its key, and a sync that is there already is only
shown again, so that nobody is texted twice because an answer got lost.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from autosync import previews, syncs
from autosync.database import people
from autosync.model import MOST_OPTIONS, ResponseGoal
from autosync.web.api.fields import Body, Moment, OneLine
from autosync.web.api.signed_in import Me, SignedIn, require_crew
from autosync.web.api.syncs import SyncDocument, show
from autosync.web.errors import problems
from autosync.web.limits import LimitedRoute
from autosync.web.starts import start_once

router = APIRouter(prefix="/syncs", tags=["syncs"], route_class=LimitedRoute)


class OptionBody(Body):
    """One time to propose."""

    start_time: Annotated[Moment, Field(description="With its distance from UTC: 2027-03-19T18:00:00-04:00.")]
    end_time: Annotated[Moment | None, Field(description="Null if it is open.")] = None


class PlanBody(Body):
    """What you want people to come to, and when."""

    crew_id: Annotated[UUID, Field(description="Whom to ask.")]
    event_name: Annotated[str, Field(min_length=1, max_length=syncs.LONGEST_EVENT_NAME), OneLine]
    event_location: Annotated[str, Field(max_length=syncs.LONGEST_LOCATION), OneLine] | None = None
    timezone: Annotated[
        Annotated[str, Field(max_length=64), OneLine] | None,
        Field(description="An IANA name such as America/New_York; null: your own."),
    ] = None
    response_goal: Annotated[
        ResponseGoal, Field(description="When to report early: everyone has answered, or more than half can.")
    ] = ResponseGoal.EVERYONE
    options: Annotated[list[OptionBody], Field(min_length=1, max_length=MOST_OPTIONS)]


class StartBody(PlanBody):
    """The same, to begin now."""

    id: Annotated[
        UUID | None,
        Field(
            description="An id of your own making for the sync. With it you may repeat the request: a sync of yours "
            "with this id is only shown again. Without it every request starts another sync."
        ),
    ] = None


class LeftOut(BaseModel):
    """Somebody who cannot be texted."""

    name: str
    reason: str


class StartedDocument(BaseModel):
    """A sync that has begun."""

    sync: SyncDocument
    left_out: list[LeftOut] | None = Field(
        description="Who of the crew could not be asked, and why; null where the sync had been started before."
    )


class PreviewText(BaseModel):
    """A text as it would arrive, and what it takes up."""

    to: list[str] = Field(description="Names of all who would get it.")
    body: str
    encoding: str = Field(description="GSM-7 or UCS-2.")
    units: int
    segments: int = Field(description="What it is billed as, for each who gets it.")
    forced_by: list[str] = Field(description="The characters because of which it travels as UCS-2.")


class PreviewDocument(BaseModel):
    """What a start would do now. Costs are decimal numbers as text."""

    texts: list[PreviewText]
    left_out: list[LeftOut]
    segments: int = Field(description="Of the first texts, all together.")
    cost: str
    segments_at_most: int = Field(description="Of the whole sync, if everybody gets one reminder and one invite.")
    cost_at_most: str
    currency: str


@router.post("/preview", summary="Preview a start", responses=problems(400, 404, 409))
async def preview_sync(me: Me, body: PlanBody) -> PreviewDocument:
    """The exact texts of a start, who cannot be texted and why, and what it would cost. Writes and sends nothing."""
    plan = await _plan(me, body, id_=None)
    async with me.service() as connection:
        preview = await syncs.preview(connection, plan, region=me.api.region, links=me.api.links)
    return PreviewDocument.model_validate(
        previews.document(preview, price_per_segment=me.api.price_per_segment, currency=me.api.currency)
    )


@router.post(
    "",
    summary="Start a sync",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": StartedDocument, "description": "It was started before."}, **problems(400, 404, 409)},
)
async def start_sync(me: Me, body: StartBody, response: Response) -> StartedDocument:
    """Starts a sync: the crew is texted at once, and reminder and pause are scheduled.

    404 for a crew that is not yours; 409 where nobody can be texted, an option is in the past, or the id is taken.
    """
    sync_id = body.id or uuid4()
    started = await start_once(me, sync_id, lambda: _plan(me, body, id_=sync_id))
    if started is None:
        response.status_code = status.HTTP_200_OK
        return StartedDocument(sync=await show(me, sync_id), left_out=None)
    left_out = [LeftOut(name=name, reason=reason) for name, reason in started.left_out]
    return StartedDocument(sync=await show(me, sync_id), left_out=left_out)


async def _plan(me: SignedIn, body: PlanBody, *, id_: UUID | None) -> syncs.Plan:
    """The plan of a request. Raises NotAllowedError (404) for a crew that is not the person's."""
    async with me.own_rows() as connection:
        await require_crew(me, connection, body.crew_id)
        own = await people.find_organizers(connection, me.id)
    return syncs.Plan(
        organizer_id=me.id,
        crew=str(body.crew_id),
        event_name=body.event_name,
        event_location=body.event_location,
        timezone=body.timezone or (own[0].timezone if own else None) or "UTC",
        response_goal=body.response_goal,
        options=tuple((option.start_time, option.end_time) for option in body.options),
        id=id_,
    )
