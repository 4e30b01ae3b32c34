"""`/api/calendar`: whether your Google calendar is connected, what you want of it, and disconnecting it."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from autosync import calendar_wishes
from autosync.calendar_connections import NotConnected, forget
from autosync.calendar_wishes import CALENDAR_ID, LONGEST_BUFFER, MOST_CALENDARS
from autosync.calendars.google_errors import GoogleError
from autosync.database import calendars
from autosync.database.calendars import CalendarState, Wishes
from autosync.web.api.fields import Body
from autosync.web.api.signed_in import Me, SignedIn
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(tags=["calendar"], route_class=LimitedRoute)

_BUFFER = int(LONGEST_BUFFER.total_seconds() // 60)

CalendarId = Annotated[str, Field(pattern=f"^{CALENDAR_ID}$")]
Clock = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]


class Preferences(BaseModel):
    """What you want of your calendar."""

    calendar_ids: list[str] = Field(description="Which calendars are looked at; the first one takes the events.")
    day_begins: str = Field(description="Times are not proposed before this, by the clocks of your time zone.")
    day_ends: str = Field(description="They are over by this.")
    buffer_minutes: int = Field(description="How many minutes are to be free before and after what is in a calendar.")


class Calendar(Preferences):
    """How it stands with it."""

    connected: bool
    can_be_connected: bool = Field(description="Whether the page /calendar lets you connect one.")
    disconnected_at: datetime | None = Field(description="Since when Google lets us in no more, if it has.")
    disconnected_because: str | None = Field(description="And why.")


class PreferencesBody(Body):
    """What you want, whole: what is left out is as it is for whoever wants nothing in particular."""

    calendar_ids: Annotated[
        list[CalendarId],
        Field(
            default_factory=lambda: ["primary"],
            min_length=1,
            max_length=MOST_CALENDARS,
            description="Addresses as Google Calendar shows them in a calendar's settings; your main one is `primary`."
            " The first one takes the events, so it has to be your own.",
        ),
    ]
    day_begins: Annotated[Clock, Field(description="Such as 09:00.")] = "09:00"
    day_ends: Annotated[Clock, Field(description="Such as 21:00; later than `day_begins`.")] = "21:00"
    buffer_minutes: Annotated[int, Field(ge=0, le=_BUFFER, strict=True)] = 0


class Disconnection(BaseModel):
    """What became of it."""

    was_connected: bool
    withdrawn_at_google: bool = Field(
        description="Whether Google has forgotten it, too; if not, take the permission away in your Google account."
    )


@router.get("/calendar", summary="How it stands with your calendar")
async def get_calendar(me: Me) -> Calendar:
    """Whether it is connected, and what you want of it. Connecting it takes a browser: the page /calendar does it."""
    return await _show(me)


@router.put("/calendar", summary="Say what you want of your calendar", responses=problems(400, 409))
async def put_calendar(me: Me, body: PreferencesBody) -> Calendar:
    """Keeps it, also while no calendar is connected. 409 if you have no profile yet."""
    wishes = Wishes(
        tuple(body.calendar_ids),
        time.fromisoformat(body.day_begins),
        time.fromisoformat(body.day_ends),
        timedelta(minutes=body.buffer_minutes),
    )
    async with me.own_rows() as connection:
        await calendar_wishes.save(connection, me.id, wishes)
    return await _show(me)


@router.delete("/calendar", summary="Disconnect your calendar")
async def delete_calendar(me: Me) -> Disconnection:
    """Forgets what Google gave, and asks Google to forget it, too. What is in your calendar already stays there."""
    try:
        if me.api.connections is not None:
            return Disconnection(was_connected=True, withdrawn_at_google=await me.api.connections.disconnect(me.id))
        async with me.service() as connection, connection.transaction():
            return Disconnection(was_connected=await forget(connection, me.id), withdrawn_at_google=False)
    except NotConnected:
        return Disconnection(was_connected=False, withdrawn_at_google=False)
    except GoogleError as error:
        raise NotAllowedError(503, "Google is just being asked for the same calendar; try again later.") from error


async def _show(me: SignedIn) -> Calendar:
    async with me.own_rows() as connection:
        state = await calendars.find(connection, me.id)
    return _shown(state, can_be_connected=me.api.can_connect)


def _shown(state: CalendarState, *, can_be_connected: bool) -> Calendar:
    wishes = state.wishes
    return Calendar(
        connected=state.is_connected,
        can_be_connected=can_be_connected,
        calendar_ids=list(wishes.calendar_ids),
        day_begins=f"{wishes.day_begins:%H:%M}",
        day_ends=f"{wishes.day_ends:%H:%M}",
        buffer_minutes=round(wishes.buffer.total_seconds() / 60),
        disconnected_at=state.disconnected_at if not state.is_connected else None,
        disconnected_because=state.disconnected_because if not state.is_connected else None,
    )
