"""Calendar files, read by two libraries that are not ours: each finds the same event, at the same instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream
from ical.event import Event as OtherEvent
from icalendar import Calendar, Event, Timezone

from autosync.calendars.events import event_body
from autosync.calendars.files import event_file, media_type
from autosync.model import EventStatus, Option, ResponseGoal, Sync, SyncStatus

ZONES = (
    "America/New_York", "America/Los_Angeles", "America/St_Johns", "America/Havana", "America/Santiago",
    "America/Sao_Paulo", "America/Asuncion", "Europe/London", "Europe/Dublin", "Europe/Berlin", "Atlantic/Azores",
    "Africa/Cairo", "Africa/Casablanca", "Asia/Jerusalem", "Asia/Beirut", "Asia/Kolkata", "Asia/Tokyo",
    "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham",
)  # fmt: skip
NOW = datetime(2026, 1, 1, tzinfo=UTC)
SYNC = UUID("7d4cb147-959c-4a97-a17e-fe13848d6c7e")


def a_sync(name: str = "Board games", place: str | None = None, timezone: str = "America/New_York") -> Sync:
    return Sync(SYNC, SyncStatus.COMPLETED, name, place, timezone, ResponseGoal.EVERYONE, "Maya", ())


def an_option(start: datetime, end: datetime | None = None) -> Option:
    return Option(uuid4(), 1, start, end)


def read(file: bytes) -> tuple[Event, OtherEvent]:
    """The only event in it, by both."""
    (ours,) = Calendar.from_ical(file).walk("VEVENT")
    (others,) = IcsCalendarStream.calendar_from_ics(file.decode()).events
    assert isinstance(ours, Event)
    return ours, others


def in_utc(moment: object) -> datetime | None:
    """The instant: where clocks show the same twice, Python compares what they show."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else None


@cache
def clock_changes(zone: str) -> tuple[datetime, ...]:
    """When the clocks of a zone change, in 2026 and 2027; they do so at a full or half hour everywhere."""
    place, half_an_hour = ZoneInfo(zone), timedelta(minutes=30)
    moments = [NOW + half_an_hour * count for count in range(2 * 365 * 48)]
    offsets = [moment.astimezone(place).utcoffset() for moment in moments]
    return tuple(after for after, one, other in zip(moments[1:], offsets, offsets[1:], strict=False) if one != other)


AROUND = [timedelta(minutes=minutes) for minutes in (-90, -60, -30, -1, 0, 1, 30, 59, 60, 90)]


@pytest.mark.parametrize("zone", ZONES)
def test_every_instant_around_a_clock_change_is_the_same_instant_to_both(zone: str) -> None:
    changes = [*clock_changes(zone), datetime(2026, 7, 1, 12, tzinfo=UTC)]
    for moment in (change + away for change in changes for away in AROUND):
        chosen = an_option(moment, moment + timedelta(hours=2))

        ours, others = read(event_file(a_sync(timezone=zone), chosen, at=NOW))

        instants = (moment, moment + timedelta(hours=2))
        assert (in_utc(ours.decoded("dtstart")), in_utc(ours.decoded("dtend"))) == instants
        assert (in_utc(others.dtstart), in_utc(others.dtend)) == instants


def test_the_zones_are_those_in_which_clocks_change_in_many_ways() -> None:
    changing = {zone: len(clock_changes(zone)) for zone in ZONES}
    assert len(ZONES) == 20
    assert sum(bool(count) for count in changing.values()) >= 14, changing


@pytest.mark.parametrize("zone", ZONES)
def test_the_rules_that_lie_beside_it_are_those_of_its_zone(zone: str) -> None:
    """For whoever has no zones of their own: by the file's alone, the clocks show what they show there."""
    place = ZoneInfo(zone)
    for change in [*clock_changes(zone), datetime(2045, 3, 3, 3, tzinfo=UTC)]:
        for moment in (change + timedelta(hours=hours) for hours in (-30, -1, 1, 30)):
            file = Calendar.from_ical(event_file(a_sync(timezone=zone), an_option(moment), at=NOW))
            (rules,) = file.walk("VTIMEZONE")
            assert isinstance(rules, Timezone)
            there = moment.astimezone(place)
            read_by_them = there.replace(tzinfo=rules.to_tz(lookup_tzid=False))

            assert read_by_them.utcoffset() == there.utcoffset(), (zone, moment)


def test_an_hour_that_the_clocks_show_twice_is_told_in_utc_when_it_is_the_second() -> None:
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)  # 1:30 AM in New York, and so is an hour later
    files = [
        event_file(a_sync(), an_option(start, start + timedelta(hours=3)), at=NOW).decode()
        for start in (first, first + timedelta(hours=1))
    ]

    assert "DTSTART;TZID=America/New_York:20261101T013000" in files[0]
    assert "DTSTART:20261101T063000Z" in files[1]
    assert "DTEND;TZID=America/New_York:20261101T043000" in files[1]


def told(body: dict[str, str]) -> datetime:
    """A moment as Google is told of it."""
    return datetime.fromisoformat(body["dateTime"])


# What stands in it


@pytest.mark.parametrize("status", EventStatus)
def test_it_says_what_has_become_of_the_event(status: EventStatus) -> None:
    file = event_file(a_sync(), an_option(NOW + timedelta(days=40)), at=NOW, sequence=7, status=status)

    calendar = Calendar.from_ical(file)
    ours, others = read(file)
    method = "CANCEL" if status is EventStatus.CANCELLED else "PUBLISH"
    assert calendar["method"] == method == IcsCalendarStream.calendar_from_ics(file.decode()).method
    assert media_type(status) == f"text/calendar; charset=utf-8; method={method}"
    assert (ours["sequence"], ours["status"]) == (7, status.upper())
    assert (others.sequence, others.status) == (7, status.upper())
    assert ours["uid"] == others.uid == f"{SYNC.hex}@google.com"
    assert (calendar["version"], calendar["prodid"]) == ("2.0", "-//autosync//EN")
    assert "attendee" not in ours, "nobody reads who else comes"


def test_its_uid_is_that_of_google_s_own_event() -> None:
    body = event_body(a_sync(), an_option(NOW), sequence=0, status=EventStatus.CONFIRMED, attendees=["ann@example.com"])

    ours, _ = read(event_file(a_sync(), an_option(NOW), at=NOW))

    assert ours["uid"] == f"{body['id']}@google.com"


def test_an_option_without_an_end_takes_two_hours_and_one_in_an_unknown_zone_is_told_in_utc() -> None:
    moment = NOW + timedelta(days=3)
    for option in (an_option(moment), an_option(moment, moment), an_option(moment, moment - timedelta(hours=1))):
        ours, others = read(event_file(a_sync(timezone="Nowhere/Else"), option, at=NOW))
        ends = moment + timedelta(hours=2)
        assert (in_utc(ours.decoded("dtend")), in_utc(others.dtend), others.dtstart) == (ends, ends, moment)
        assert b"TZID" not in event_file(a_sync(timezone="Nowhere/Else"), option, at=NOW)


ANY_TEXT = st.text(max_size=80)
MOMENTS = st.integers(0, 34 * 365 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))


@given(
    name=ANY_TEXT,
    place=st.none() | ANY_TEXT,
    start=MOMENTS,
    minutes=st.none() | st.integers(1, 3000),
    zone=st.sampled_from(ZONES),
    sequence=st.integers(0, 10_000),
    status=st.sampled_from(EventStatus),
)
@example(
    name='Tea; "x", \\ y, näme\r\nBEGIN:VEVENT\\n:;=,',
    place="1600 Pennsylvania Ave NW, Washington; DC\n\nroom 3",
    start=datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
    minutes=30,
    zone="America/New_York",
    sequence=1,
    status=EventStatus.CONFIRMED,
)
@example(
    name="🎲" * 70, place="é" * 75, start=NOW, minutes=None, zone="Asia/Tokyo", sequence=0, status=EventStatus.TENTATIVE
)
def test_any_event_survives_the_way_through_the_file(
    name: str,
    place: str | None,
    start: datetime,
    minutes: int | None,
    zone: str,
    sequence: int,
    status: EventStatus,
) -> None:
    end = None if minutes is None else start + timedelta(minutes=minutes)
    ends = end or start + timedelta(hours=2)
    sync, chosen = a_sync(name, place, zone), an_option(start, end)

    file = event_file(sync, chosen, at=NOW, sequence=sequence, status=status)

    body = event_body(sync, chosen, sequence=sequence, status=status, attendees=[])
    ours, others = read(file)
    assert str(ours["summary"]) == others.summary == body["summary"]
    assert str(ours.get("location", "")) == (others.location or "") == body["location"]
    assert in_utc(ours.decoded("dtstart")) == in_utc(others.dtstart) == start
    assert in_utc(ours.decoded("dtend")) == in_utc(others.dtend) == ends
    assert (in_utc(told(body["start"])), in_utc(told(body["end"]))) == (start, ends)
    assert Calendar.from_ical(file).to_ical() == file, "round trip"
    lines = file.split(b"\r\n")
    assert all(len(line) <= 75 for line in lines), "RFC 5545, 3.1"
    assert b"\n" not in b"".join(lines)
