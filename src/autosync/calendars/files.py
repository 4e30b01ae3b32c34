"""The calendar file (RFC 5545) of a sync whose time was chosen: one event, the same instant in every calendar."""

from __future__ import annotations

from datetime import UTC, datetime

from icalendar import Calendar, Event

from autosync import texts
from autosync.model import Option, Sync

MEDIA_TYPE = "text/calendar; charset=utf-8; method=PUBLISH"


def event_file(sync: Sync, chosen: Option, *, at: datetime) -> bytes:
    """The event as a file. `at`: when it is made, aware.

    Its UID is the sync's, so that a second import changes the event instead of adding another. Times are in the sync's
    zone with its rules beside them, in UTC where another client has written a zone that is none.
    """
    try:
        zone = texts.zone(sync.timezone)
    except ValueError:
        zone = texts.zone("UTC")
    event = Event()
    event.add("uid", f"{sync.id}@autosync")
    event.add("dtstamp", at.astimezone(UTC))
    event.add("sequence", 0)
    event.add("summary", texts.clean(sync.event_name, otherwise="Get-together"))
    if place := texts.clean(sync.event_location):
        event.add("location", place)
    event.add("dtstart", chosen.start.astimezone(zone))
    if chosen.end is not None and chosen.end > chosen.start:
        event.add("dtend", chosen.end.astimezone(zone))
    calendar = Calendar()
    calendar.add("prodid", "-//autosync//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())
