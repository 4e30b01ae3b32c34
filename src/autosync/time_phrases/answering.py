"""Makes the answer of what was read: one exact time, or windows in UTC that are still to come.

`answer` and `exact` raise AskBack where a time is past, too far ahead, skipped by the clocks or shown twice, or where
several beginnings are named and nothing says how long it takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from autosync.option_times import moments
from autosync.time_phrases.answers import Asked, Exact
from autosync.time_phrases.asking import AskBack
from autosync.time_phrases.clocks import MIDNIGHT
from autosync.time_phrases.days import in_reach
from autosync.time_phrases.entries import Entry
from autosync.time_phrases.instants import begin_of, end_of
from autosync.time_phrases.joining import Hours
from autosync.time_phrases.local_windows import local_window
from autosync.time_phrases.placing import Moment
from autosync.time_phrases.reading import Words
from autosync.time_phrases.resolving import entries_of, only_any_time
from autosync.time_phrases.saying import time_heard, windows_heard
from autosync.time_phrases.tokens import Cursor
from autosync.windows import Window, common

_MINUTE = timedelta(minutes=1)
_NO_LATER = timedelta(days=400)


def answer(cursor: Cursor, words: Words, *, now: datetime, zone: ZoneInfo, lasting: timedelta | None) -> Asked | Exact:
    """What the words ask for, at `now` in UTC."""
    if only_any_time(words.clauses) and not words.exclusions:
        raise AskBack("Which days would do?", ("any time this week", "any time next week"))
    local = now.astimezone(zone)
    minute = local.hour * 60 + local.minute + (local.second > 0 or local.microsecond > 0) * 0.5
    entries = entries_of(cursor, words, Moment(local.date(), minute))
    if len(entries) == 1 and _is_one_time(entries[0], words.duration):
        return _one_time(entries[0], words.duration, now, zone)
    length = words.duration or lasting
    if length is None:
        _needs_length(cursor, entries)
    return _windows(entries, words.duration, length or timedelta(0), now, zone)


def typed(begins: datetime, ends: datetime | None, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """The same instants, that were read of local times; of two that the clocks show, it asks."""
    local = begins.astimezone(zone)
    begins = begin_of(local.date(), local.hour * 60 + local.minute, zone)
    if ends is None:
        return begins, None
    end = ends.astimezone(zone)
    return begins, end_of(begins, end.date(), end.hour * 60 + end.minute, zone)


def exact(begins: datetime, ends: datetime | None, *, now: datetime, zone: ZoneInfo) -> Exact:
    """One time of which the instants are known."""
    _check_still_to_come(begins, now)
    local = begins.astimezone(zone)
    today = now.astimezone(zone).date()
    in_reach(local.date(), today)
    return Exact(begins, ends, time_heard(begins, ends, zone, today))


def _is_one_time(entry: Entry, duration: timedelta | None) -> bool:
    """Whether it is one, and not a stretch in which something shorter is to find its time."""
    hours = entry.hours
    if hours is None or not hours.fixed:
        return False
    return hours.ends is None or duration is None or duration >= (hours.ends - hours.begins) * _MINUTE


def _one_time(entry: Entry, duration: timedelta | None, now: datetime, zone: ZoneInfo) -> Exact:
    hours = entry.hours
    if hours is None:
        raise AssertionError(entry)
    begins = begin_of(entry.day, hours.begins, zone)
    if hours.ends is not None:
        ends: datetime | None = end_of(begins, entry.day, hours.ends, zone)
        _check_length(hours, duration)
    else:
        ends = None if duration is None else begins + duration
    return exact(begins, ends, now=now, zone=zone)


def _check_length(hours: Hours, duration: timedelta | None) -> None:
    if hours.ends is not None and duration is not None and duration > (hours.ends - hours.begins) * _MINUTE:
        raise AskBack("It takes longer than the hours that are named: when does it begin, and how long does it take?")


def _check_still_to_come(begins: datetime, now: datetime) -> None:
    if begins <= now:
        raise AskBack("That time is past: name one that is still to come.")


def _needs_length(cursor: Cursor, entries: Sequence[Entry]) -> None:
    """Several beginnings, and nothing says how long it takes."""
    if any(entry.hours is not None and entry.hours.ends is None for entry in entries):
        choices = tuple(f"{cursor.text} for {length}" for length in ("1 hour", "2 hours"))
        raise AskBack("How long does it take? More than one time is named.", choices)


def _windows(
    entries: Sequence[Entry], duration: timedelta | None, lasting: timedelta, now: datetime, zone: ZoneInfo
) -> Asked:
    for entry in entries:
        if entry.hours is not None:
            _check_length(entry.hours, duration)
    today = now.astimezone(zone).date()
    ended = [_with_end(entry, lasting) for entry in entries]
    each = [(with_end, window) for entry, with_end in zip(entries, ended, strict=True)
            for window in _of_entry(entry, lasting, zone)]  # fmt: skip
    _check_apart(each, duration, today)
    windows = common((window for _, window in each), [Window(now, now + _NO_LATER)])
    if not windows:
        raise AskBack("What is asked for is past: name a time that is still to come.")
    hours_given = any(entry.hours is not None and entry.hours.given for entry in entries)
    return Asked(windows, hours_given, duration, windows_heard(ended, duration, today))


def _check_apart(each: Sequence[tuple[Entry, Window]], duration: timedelta | None, today: date) -> None:
    """Fixed times that touch would become one window, in which other times could be found."""
    in_order = sorted(each, key=lambda pair: pair[1])
    for (before, earlier), (after, later) in pairwise(in_order):
        fixed = any(entry.hours is not None and entry.hours.fixed for entry in (before, after))
        if fixed and later.begins <= earlier.ends and later != earlier:
            question = "The times that are named overlap: name one of them, or between when it is to be."
            raise AskBack(question, _apart([entry for entry, _ in each], duration, today))


def _apart(entries: Sequence[Entry], duration: timedelta | None, today: date) -> tuple[str, ...]:
    """Each of the times of one day by itself, and all as one window."""
    times = [entry.hours for entry in entries if entry.hours is not None]
    if len({entry.day for entry in entries}) > 1:
        return ()
    times.append(Hours(min(each.begins for each in times), max(each.ends or 0 for each in times)))
    return tuple(windows_heard([Entry(entries[0].day, hours)], duration, today) for hours in dict.fromkeys(times))


def _of_entry(entry: Entry, lasting: timedelta, zone: ZoneInfo) -> Sequence[Window]:
    if entry.hours is None:
        return local_window(entry.day, 0, MIDNIGHT, zone)
    begins, ends = entry.hours.begins, entry.hours.ends
    if ends is None:
        return [Window(at, at + lasting) for at in moments(entry.day, time(*divmod(begins, 60)), zone)]
    return local_window(entry.day, begins, ends, zone)


def _with_end(entry: Entry, lasting: timedelta) -> Entry:
    if entry.hours is None or entry.hours.ends is not None:
        return entry
    return replace(entry, hours=replace(entry.hours, ends=entry.hours.begins + lasting // _MINUTE))
