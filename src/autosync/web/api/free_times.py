"""`GET /api/free-times`: times to propose, for a phrase such as "next week evenings"."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from autosync import found_times, texts
from autosync.found_times import (
    LONGEST,
    LONGEST_PHRASE,
    MOST_SKIPPED,
    SHORTEST,
    USUAL_DURATION,
    Calendar,
    Meets,
)
from autosync.web.api.fields import OneLine
from autosync.web.api.signed_in import Me, require_crew
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(prefix="/free-times", tags=["syncs"], route_class=LimitedRoute)

_MINUTE = timedelta(minutes=1)


class FreeTime(BaseModel):
    """A time to propose; its two ends go into a start as they are."""

    start_time: datetime
    end_time: datetime
    when: str = Field(description="As the texts would say it.")
    reasons: list[str] = Field(description="Why it is among the best, a sentence each.")


class ConflictDocument(BaseModel):
    """Something that is there already when the one time that was named is."""

    start_time: datetime
    end_time: datetime
    meets: Meets = Field(description="Something in your calendar, or a time of another sync: proposed, or chosen.")
    sentence: str


class FreeTimesDocument(BaseModel):
    """Times to propose, or the question that has to be answered first."""

    heard: str = Field(description="How the phrase was understood; empty where there is a question.")
    question: str | None = Field(description="What has to be said more clearly; null: nothing.")
    choices: list[str] = Field(description="Phrases that would answer the question.")
    timezone: str = Field(description="In whose clocks the phrase was understood: an IANA name.")
    duration_minutes: int
    options: list[FreeTime] = Field(description="The best ones first, three at most.")
    is_exact: bool = Field(description="The phrase named one time: it is the only option, also where it conflicts.")
    conflicts: list[ConflictDocument] = Field(description="Of the one time that the phrase named, with what is known.")
    nothing: str | None = Field(description="Why there is no option, in a sentence; null where there is one.")
    next_skip: int | None = Field(description="The `skip` that gives others; null: there are none.")
    calendar: Calendar | None = Field(
        description="Whether your calendar was looked at, and else why not; null where there is a question."
    )
    calendar_note: str | None = Field(description="The same in a sentence.")
    unreadable_calendars: list[str] = Field(description="Ids of calendars of yours that could not be read.")


@router.get("", summary="Propose free times", responses=problems(400, 404, 409))
async def list_free_times(
    me: Me,
    phrase: Annotated[
        str,
        Query(min_length=1, max_length=LONGEST_PHRASE, description="Such as: next week evenings, Tue or Wed after 6."),
        OneLine,
    ],
    duration_minutes: Annotated[
        int, Query(ge=SHORTEST // _MINUTE, le=LONGEST // _MINUTE, description="Unless the phrase says how long it is.")
    ] = USUAL_DURATION // _MINUTE,
    timezone: Annotated[
        Annotated[str, Field(max_length=64), OneLine] | None,
        Query(description="Whose clocks the phrase means: an IANA name. Left out: your own."),
    ] = None,
    crew_id: Annotated[UUID | None, Query(description="Whom it is for, so that nobody is asked at night.")] = None,
    skip: Annotated[int, Query(ge=0, le=MOST_SKIPPED, description="Pass over so many of the best.")] = 0,
) -> FreeTimesDocument:
    """Up to three free times, each with why, by your hours, your calendar if one is connected, and your other syncs.

    Writes nothing, and keeps nothing free. 404 for a crew that is not yours; 409 if your account has no profile yet.
    """
    try:
        zone = texts.zone(timezone) if timezone else None
    except ValueError as error:
        raise NotAllowedError(422, str(error)) from error
    if crew_id is not None:
        async with me.own_rows() as connection:
            await require_crew(me, connection, crew_id)
    found = await me.api.free_times.propose(
        me.id,
        phrase,
        duration=duration_minutes * _MINUTE,
        zone=zone,
        crew=str(crew_id) if crew_id else None,
        skip=skip,
    )
    return FreeTimesDocument.model_validate(found_times.document(found))
