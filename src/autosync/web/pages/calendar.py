"""`/calendar`: whether the organizer's Google calendar is connected, and what they want of it; see also `consent`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from fastapi import APIRouter, Request, Response

from autosync import calendar_wishes, texts
from autosync.calendar_connections import NotConnected, forget
from autosync.calendars.google_errors import GoogleError
from autosync.database import calendars, people
from autosync.database.calendars import CalendarState, Wishes
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages import words
from autosync.web.pages.forms import Form, read_form
from autosync.web.pages.layout import PageRoute, ToOtherPage, app_page, sentence
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(prefix="/calendar", route_class=PageRoute, include_in_schema=False)

_BUFFERS = (0, 15, 30, 45, 60, 90, 120, 180, 240)
"""Minutes that can be chosen."""

_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(:[0-5]\d)?")

_DONE = {
    "connected": "Your calendar is connected.",
    "saved": "Saved.",
    "withdrawn": "Your calendar is disconnected, here and at Google.",
    "left": "Your calendar is disconnected here. Google could not be told: take the permission away there, too, at"
    " myaccount.google.com/connections.",
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """The form, as it was sent or is to be shown."""

    calendars: str
    day_begins: str
    day_ends: str
    buffer: str

    @classmethod
    def of(cls, wishes: Wishes) -> _Typed:
        minutes = round(wishes.buffer.total_seconds() / 60)
        return cls(
            "\n".join(wishes.calendar_ids), f"{wishes.day_begins:%H:%M}", f"{wishes.day_ends:%H:%M}", f"{minutes}"
        )


@router.get("")
async def show(request: Request, me: Visitor) -> Response:
    """How it stands, and what is wanted."""
    done = next((said for name, said in _DONE.items() if name in request.query_params), None)
    return await _page(me, done=done)


@router.post("")
async def save(request: Request, me: Visitor) -> Response:
    """Keeps what is wanted, and says which calendars Google does not show us."""
    form = await read_form(request)
    before = await _state(me)
    typed, wishes, problems = _read(form, before.wishes)
    if wishes is None or problems:
        return await _page(me, typed=typed, problems=problems)
    async with me.own_rows() as connection:
        kept = await calendar_wishes.save(connection, me.id, wishes)
    if before.is_connected and me.api.connections is not None and kept.calendar_ids != before.wishes.calendar_ids:
        unseen = await calendar_wishes.unseen(me.api.pool, me.api.connections, me.id, kept)
        if unseen:
            return await _page(me, problems={"calendars": _not_shown(unseen)}, done=_DONE["saved"])
    return see("/calendar?saved")


@router.get("/disconnect")
async def ask_disconnect(me: Visitor) -> Response:
    """Asks once more."""
    if not (await _state(me)).is_connected:
        raise ToOtherPage("/calendar")
    return app_page(
        "confirm.html",
        here="calendar",
        question="Disconnect your calendar?",
        consequence="We forget what Google gave us, and ask Google to forget it, too. What is in your calendar already"
        " stays there. You can connect it again at any time.",
        action="/calendar/disconnect",
        yes="Disconnect",
        back="/calendar",
    )


@router.post("/disconnect")
async def disconnect(me: Visitor) -> Response:
    """Forgets the tokens, and has Google withdraw them."""
    try:
        if me.api.connections is None:
            async with me.service() as connection, connection.transaction():
                return see("/calendar?left" if await forget(connection, me.id) else "/calendar")
        return see("/calendar?withdrawn" if await me.api.connections.disconnect(me.id) else "/calendar?left")
    except NotConnected:
        return see("/calendar")
    except GoogleError:
        busy = "We are just talking to Google about your calendar. Try again."
        return sentence("Back in a moment", busy, status=503, to="/calendar")


async def _state(me: SignedIn) -> CalendarState:
    async with me.own_rows() as connection:
        return await calendars.find(connection, me.id)


def _read(form: Form, before: Wishes) -> tuple[_Typed, Wishes | None, dict[str, str]]:
    """What was typed, what it means, and what is wrong; calendars that the form does not ask for stay as they were."""
    ids = re.split(r"[\s,;]+", form.text("calendars")) if "calendars" in form.fields else before.calendar_ids
    ids = tuple(id_ for id_ in ids if id_)
    typed = _Typed("\n".join(ids), *(form.text(name) for name in ("day_begins", "day_ends", "buffer")))
    begins, ends = _clock(typed.day_begins), _clock(typed.day_ends)
    problems: dict[str, str] = {}
    if begins is None:
        problems["day_begins"] = "Say a time such as 09:00."
    if ends is None:
        problems["day_ends"] = "Say a time such as 21:00."
    if typed.buffer not in map(str, range(241)):
        problems["buffer"] = "Choose one of these."
    if begins is None or ends is None or problems:
        return typed, None, problems
    wishes = Wishes(ids, begins, ends, timedelta(minutes=int(typed.buffer)))
    return typed, wishes, calendar_wishes.problems_of(wishes)


def _clock(written: str) -> time | None:
    found = _TIME.fullmatch(written)
    return time(int(found[1]), int(found[2])) if found else None


def _not_shown(unseen: tuple[str, ...]) -> str:
    return (
        f"Google does not show us {words.listed(unseen)}. Is the address right, and is the calendar yours, or shared"
        " with you? Until then it cannot be looked at."
    )


def _buffers(chosen: str) -> list[tuple[str, str]]:
    """What can be chosen, with its words; whatever another client chose as well."""
    minutes = sorted({*_BUFFERS, int(chosen) if chosen.isascii() and chosen.isdigit() and len(chosen) < 4 else 0})
    return [(str(each), words.length(timedelta(minutes=each)) if each else "None") for each in minutes]


def _day(moment: datetime, zone: str | None) -> str:
    return texts.moment_shown(moment, zone or "UTC")


async def _page(
    me: SignedIn,
    *,
    typed: _Typed | None = None,
    problems: Mapping[str, str] | None = None,
    done: str | None = None,
) -> Response:
    """The page. Raises ToOtherPage for whoever has not said who they are."""
    async with me.own_rows() as connection:
        state = await calendars.find(connection, me.id)
        profile = await people.find_profile(connection, me.id)
    if profile is None:
        raise ToOtherPage("/me")
    shown = typed or _Typed.of(state.wishes)
    google = me.api.connections.google.consent_origin if me.api.connections is not None else ""
    return app_page(
        "calendar.html",
        status=422 if problems and done is None else 200,
        forms_lead_to=google,
        here="calendar",
        state=state,
        can_connect=me.api.can_connect,
        lost_at=_day(state.disconnected_at, profile.timezone) if state.disconnected_at else "",
        typed=shown,
        problems=problems or {},
        done=done,
        buffers=_buffers(shown.buffer),
        zone=profile.timezone,
    )
