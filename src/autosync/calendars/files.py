"""The calendar file (RFC 5545) of a sync whose time was chosen: one event, the same instant in every calendar.

`event_file(…)` for the event as it stands: confirmed, in doubt again, or called off. Its UID is the one that Google
gives to the sync's own event, so that whoever has the file and Google's invite has one event. It names no guests.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from icalendar import Calendar, Event

from autosync import texts
from autosync.calendars.events import ical_uid
from autosync.model import EventStatus, Option, Sync

_METHODS = {
    EventStatus.CONFIRMED: "PUBLISH",
    EventStatus.TENTATIVE: "PUBLISH",
    EventStatus.CANCELLED: "CANCEL",
}


def media_type(status: EventStatus) -> str:
    """The file's type, with the method that stands in it, as RFC 5545 asks for."""
    return f"text/calendar; charset=utf-8; method={_METHODS[status]}"


def event_file(
    sync: Sync,
    chosen: Option,
    *,
    at: datetime,
    sequence: int = 0,
    status: EventStatus = EventStatus.CONFIRMED,
) -> bytes:
    """The event as a file. `at`: when it is made, aware; `sequence`: grows with each change of the event.

    A later import changes the event instead of adding another. Times are in the sync's zone with its rules beside them,
    in UTC where another client has written a zone that is none.
    """
    zone = texts.zone_shown(sync.timezone)
    event = Event()
    event.add("uid", ical_uid(sync.id))
    event.add("dtstamp", at.astimezone(UTC))
    event.add("sequence", sequence)
    event.add("status", status.upper())
    event.add("summary", texts.clean(sync.event_name, otherwise="Get-together"))
    if place := texts.clean(sync.event_location):
        event.add("location", place)
    event.add("dtstart", chosen.start.astimezone(zone))
    if chosen.end is not None and chosen.end > chosen.start:
        event.add("dtend", chosen.end.astimezone(zone))
    calendar = Calendar()
    calendar.add("prodid", "-//autosync//EN")
    calendar.add("version", "2.0")
    calendar.add("method", _METHODS[status])
    calendar.add_component(event)
    around = timedelta(days=400)  # a file with the rules of seventy years is long, and ends in 2038
    calendar.add_missing_timezones(
        first_date=(chosen.start - around).date(), last_date=(max(chosen.start, chosen.over_at) + around).date()
    )
    return bytes(calendar.to_ical())
