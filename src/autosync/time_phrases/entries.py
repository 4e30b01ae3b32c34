"""Hours of days, as they are left when everything that would not do is taken out.

`without_excluded(cursor, entries, exclusions)` gives the entries that are left. An exception that leaves out nothing,
or everything, was not understood, and raises AskBack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from autosync.time_phrases.asking import AskBack, quoted
from autosync.time_phrases.days import Dates, Period, Weekdays
from autosync.time_phrases.exceptions import Exclusion
from autosync.time_phrases.joining import WAKING, Hours
from autosync.time_phrases.tokens import Cursor


@dataclass(frozen=True, slots=True)
class Entry:
    """Hours of a day; None: all of it."""

    day: date
    hours: Hours | None


def with_hours_if_any(entries: list[Entry]) -> list[Entry]:
    """Where only some days have hours, the others are meant while people are awake."""
    if all(entry.hours is None for entry in entries):
        return entries
    return [entry if entry.hours is not None else replace(entry, hours=WAKING) for entry in entries]


def without_excluded(cursor: Cursor, entries: list[Entry], exclusions: Sequence[Exclusion]) -> list[Entry]:
    """What is left of the entries; with hours, if hours are left out."""
    if any(exclusion.part is not None for exclusion in exclusions):
        entries = [replace(entry, hours=entry.hours or WAKING) for entry in entries]
    for exclusion in exclusions:
        left = [rest for entry in entries for rest in _without(entry, exclusion)]
        said = quoted(cursor.text, exclusion.span)
        if left == entries:
            raise AskBack(f"{said} leaves nothing out of what is asked for: which days would do?")
        if not left:
            raise AskBack(f"{said} leaves nothing of what is asked for: which days would do?")
        entries = left
    return entries


def _without(entry: Entry, exclusion: Exclusion) -> list[Entry]:
    if exclusion.days and not any(_names(words, entry.day) for words in exclusion.days):
        return [entry]
    if exclusion.part is None or entry.hours is None:
        return []
    begins, ends = exclusion.part.hours
    hours = entry.hours
    last = hours.begins + 1 if hours.ends is None else hours.ends
    if last <= begins or hours.begins >= ends:
        return [entry]
    if hours.fixed:
        return []
    rests = [Hours(hours.begins, begins), Hours(ends, last)]
    return [Entry(entry.day, rest) for rest in rests if rest.ends is not None and rest.begins < rest.ends]


def _names(words: Dates | Period | Weekdays, day: date) -> bool:
    if isinstance(words, Dates):
        return day in words.dates
    if isinstance(words, Period):
        return words.first <= day <= words.last
    return day.weekday() in words.days
