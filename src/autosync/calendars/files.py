"""The calendar file (RFC 5545) of a sync whose time was chosen: one event, the same instant in every calendar.

`event_file(…)` for the event as it stands: confirmed, in doubt again, or called off. Its UID is the one that Google
gives to the sync's own event, so that whoever has the file and Google's invite has one event. It names no guests.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event

from autosync import texts
from autosync.calendars.events import ends_at, ical_uid
from autosync.calendars.zone_rules import rules
from autosync.model import EventStatus, Option, Sync

_METHODS = {
    EventStatus.CONFIRMED: "PUBLISH",
    EventStatus.TENTATIVE: "PUBLISH",
    EventStatus.CANCELLED: "CANCEL",
}

_AROUND = timedelta(days=400)
"""For so long before and after the event the file knows its zone's clocks."""


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
    event.add("dtstart", _on_the_clock(chosen.start, zone))
    event.add("dtend", _on_the_clock(ends_at(chosen), zone))
    calendar = Calendar()
    calendar.add("prodid", "-//autosync//EN")
    calendar.add("version", "2.0")
    calendar.add("method", _METHODS[status])
    if zone.key != "UTC":
        calendar.add_component(rules(zone, first=chosen.start - _AROUND, last=ends_at(chosen) + _AROUND))
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _on_the_clock(moment: datetime, zone: ZoneInfo) -> datetime:
    """In the zone; in UTC where its clocks show the same twice, since a file can only mean the first time by that."""
    local = moment.astimezone(zone)
    return local if not local.fold else moment.astimezone(UTC)
