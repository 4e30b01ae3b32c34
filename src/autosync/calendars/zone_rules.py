"""A time zone as a calendar file carries it (RFC 5545, VTIMEZONE): what its clocks showed and show around an event.

`rules(zone, first=…, last=…)`, two moments between which it holds. Pure. Each change of the clocks stands there by
itself, at what they showed before it, as the standard has it; about the years before and after there is nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Timezone, TimezoneDaylight, TimezoneStandard

_DAY, _SECOND = timedelta(days=1), timedelta(seconds=1)


def rules(zone: ZoneInfo, *, first: datetime, last: datetime) -> Timezone:
    """The zone's clocks between two moments (aware); `zone` by its IANA name."""
    found = Timezone()
    found.add("tzid", zone.key)
    before = first.astimezone(zone)
    found.add_component(_from_then_on(first, zone, shown_before=_offset(before)))
    for change in _changes(zone, first, last):
        found.add_component(_from_then_on(change, zone, shown_before=_offset((change - _SECOND).astimezone(zone))))
    return found


def _changes(zone: ZoneInfo, first: datetime, last: datetime) -> Iterator[datetime]:
    """When the clocks change, to the second; never twice within one day."""
    moment = first
    while moment < last:
        following = moment + _DAY
        if _offset(moment.astimezone(zone)) != _offset(following.astimezone(zone)):
            yield _change_between(zone, moment, following)
        moment = following


def _change_between(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The first second at which the clocks show what they show at `after`."""
    offset = _offset(before.astimezone(zone))
    while after - before > _SECOND:
        middle = before + timedelta(seconds=(after - before) // _SECOND // 2)
        if _offset(middle.astimezone(zone)) == offset:
            before = middle
        else:
            after = middle
    return after


def _from_then_on(moment: datetime, zone: ZoneInfo, *, shown_before: timedelta) -> TimezoneStandard | TimezoneDaylight:
    local = moment.astimezone(zone)
    component = TimezoneDaylight() if local.dst() else TimezoneStandard()
    utc = (local - _offset(local)).replace(tzinfo=None)
    component.DTSTART = utc + shown_before
    component.TZOFFSETFROM = shown_before
    component.TZOFFSETTO = _offset(local)
    component.add("tzname", local.tzname() or zone.key)
    return component


def _offset(local: datetime) -> timedelta:
    return local.utcoffset() or timedelta()
