"""Hours of days, as they are left when everything that would not do is taken out.

`without_excluded(cursor, entries, exclusions)` gives the entries that are left. An exception that leaves out nothing,
or everything, was not understood, and raises AskBack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from autosync.time_phrases.asking import AskBack, quoted
from autosync.time_phrases.clocks import MIDNIGHT
from autosync.time_phrases.days import Dates, Period, Weekdays
from autosync.time_phrases.exceptions import Exclusion
from autosync.time_phrases.joining import WAKING, WHOLE_DAY, Hours, less
from autosync.time_phrases.tokens import Cursor


@dataclass(frozen=True, slots=True)
class Entry:
    """Hours of a day; None: all of it."""

    day: date
    hours: Hours | None


def with_hours_if_any(entries: list[Entry]) -> list[Entry]:
    """Where only some days have hours, the others are meant while people are awake."""
    if not any(entry.hours is not None and entry.hours.given for entry in entries):
        return entries
    return [replace(entry, hours=_given(entry.hours)) for entry in entries]


def _given(hours: Hours | None) -> Hours:
    if hours is None or hours.given:
        return hours or WAKING
    begins, ends = max(hours.begins, WAKING.begins), min(hours.ends or MIDNIGHT, WAKING.ends or MIDNIGHT)
    return Hours(begins, ends) if begins < ends else replace(hours, given=True)


def without_excluded(cursor: Cursor, entries: list[Entry], exclusions: Sequence[Exclusion]) -> list[Entry]:
    """What is left of the entries."""
    entries = [replace(entry, hours=entry.hours or WHOLE_DAY) for entry in entries]
    for exclusion in exclusions:
        left = [rest for entry in entries for rest in _without(entry, exclusion)]
        said = quoted(cursor.text, exclusion.span)
        if left == entries:
            raise AskBack(f"{said} leaves nothing out of what is asked for: which days would do?")
        if not left:
            raise AskBack(f"{said} leaves nothing of what is asked for: which days would do?")
        entries = left
    return [replace(entry, hours=None) if entry.hours == WHOLE_DAY else entry for entry in entries]


def _without(entry: Entry, exclusion: Exclusion) -> list[Entry]:
    if exclusion.days and not any(_names(words, entry.day) for words in exclusion.days):
        return [entry]
    hours = entry.hours
    if exclusion.hours is None or hours is None:
        return []
    begins, ends = exclusion.hours
    last = hours.begins + 1 if hours.ends is None else hours.ends
    if hours.fixed and last > begins and hours.begins < ends:
        return []
    return [Entry(entry.day, rest) for rest in less(hours, begins, ends)]


def _names(words: Dates | Period | Weekdays, day: date) -> bool:
    if isinstance(words, Dates):
        return day in words.dates
    if isinstance(words, Period):
        return words.first <= day <= words.last
    return day.weekday() in words.days
