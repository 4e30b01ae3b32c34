"""Instants of local times, and of times that are written with their offset from UTC: 2026-11-01 01:30 UTC-4.

A time that the clocks skip, or show twice, raises AskBack. Written with the offset it is clear, so that is what the
choices say.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from autosync.option_times import moments
from autosync.time_phrases.asking import AskBack
from autosync.time_phrases.clocks import MIDNIGHT, clock_written
from autosync.time_phrases.days import written

_STAMP = r"20[0-9]{2}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?:Z| UTC(?:[+-][0-9]{1,2}(?::[0-9]{2})?)?)"
_STAMPS = re.compile(rf"(?P<begins>{_STAMP})(?: to (?P<ends>{_STAMP}))?", re.IGNORECASE)
_OFFSET = re.compile(r"(?:Z| UTC)(?:(?P<sign>[+-])(?P<hours>[0-9]{1,2})(?::(?P<minutes>[0-9]{2}))?)?$", re.IGNORECASE)


def read_stamps(text: str) -> tuple[datetime, datetime | None] | None:
    """Begin and end in UTC of a time with its offset; None if it is not written so, or does not exist."""
    match = _STAMPS.fullmatch(text)
    if match is None:
        return None
    try:
        begins, ends = _instant(match["begins"]), _instant(match["ends"]) if match["ends"] else None
    except ValueError:
        return None
    return None if ends is not None and ends <= begins else (begins, ends)


def _instant(stamp: str) -> datetime:
    shown = datetime.fromisoformat(stamp[:16]).replace(tzinfo=UTC)
    offset = _OFFSET.search(stamp)
    if offset is None or offset["sign"] is None:
        return shown
    ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    return shown - ahead if offset["sign"] == "+" else shown + ahead


def begin_of(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The instant of a clock time. Raises AskBack if there is none, or two."""
    found = _all_moments(day, minutes, zone)
    if len(found) > 1:
        raise AskBack(_twice(day, minutes), tuple(stamp(moment, zone) for moment in found))
    return found[0]


def end_of(begins: datetime, day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """The same of an end, which is after the beginning."""
    found = [moment for moment in _all_moments(day, minutes, zone) if moment > begins]
    if not found:
        raise AskBack(f"It cannot end at {clock_written(minutes)}: the clocks change, and it is not after it begins.")
    if len(found) > 1:
        choices = tuple(f"{stamp(begins, zone)} to {stamp(moment, zone)}" for moment in found)
        raise AskBack(_twice(day, minutes), choices)
    return found[0]


def stamp(moment: datetime, zone: ZoneInfo) -> str:
    """The local time with its offset, as `read_stamps` reads it."""
    local = moment.astimezone(zone)
    ahead = (local.utcoffset() or timedelta(0)) // timedelta(minutes=1)
    hours, minutes = divmod(abs(ahead), 60)
    return f"{local:%Y-%m-%d %H:%M} UTC{'-' if ahead < 0 else '+'}{hours}" + (f":{minutes:02}" if minutes else "")


def _all_moments(day: date, minutes: int, zone: ZoneInfo) -> tuple[datetime, ...]:
    on = day + minutes // MIDNIGHT * timedelta(days=1)
    found = moments(on, time(*divmod(minutes % MIDNIGHT, 60)), zone)
    if not found:
        shown = f"{clock_written(minutes)} on {written(on, on)}"
        raise AskBack(f"The clocks skip {shown}, where they are set forward: name another time.")
    return found


def _twice(day: date, minutes: int) -> str:
    on = day + minutes // MIDNIGHT * timedelta(days=1)
    return f"{clock_written(minutes)} comes twice on {written(on, on)}, where the clocks are set back: which one?"
