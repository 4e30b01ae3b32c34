"""Writes back how a phrase was understood: "Monday, December 7 to Friday, December 11, between 5 and 10 PM".

What is written here can be read again, and means the same. Dates always have their weekday, and the year if it is not
this one; clocks are of the phrase's zone, which is not named.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from autosync.time_phrases.clocks import HALF_A_DAY, MIDNIGHT, clock_written
from autosync.time_phrases.days import DAY, written
from autosync.time_phrases.entries import Entry
from autosync.time_phrases.joining import WHOLE_DAY, Hours, less
from autosync.time_phrases.lexicon import WEEKDAY_NAMES, WORKDAYS

_FEW = 3


def windows_heard(entries: Sequence[Entry], duration: timedelta | None, today: date) -> str:
    """All entries, those of the same hours together."""
    hours_of_day: dict[date, tuple[Hours | None, ...]] = {}
    for entry in entries:
        hours_of_day[entry.day] = (*hours_of_day.get(entry.day, ()), entry.hours)
    days_of_hours: dict[tuple[Hours | None, ...], list[date]] = {}
    for day, hours in hours_of_day.items():
        days_of_hours.setdefault(hours, []).append(day)
    parts = [f"{_days(days, today)}, {_hours(hours)}" for hours, days in days_of_hours.items()]
    return "; ".join(parts) + ("" if duration is None else f", for {duration_written(duration)}")


def time_heard(begins: datetime, ends: datetime | None, zone: ZoneInfo, today: date) -> str:
    """One time, of instants in UTC."""
    shown = begins.astimezone(zone)
    end = None if ends is None else ends.astimezone(zone)
    heard = f"{written(shown.date(), today)}, {_clocks(shown, end, today)}"
    # Of two times that the clocks show, only the second has this.
    again = shown.fold or (end is not None and end.fold)
    return f"{heard} (after the clocks are set back)" if again else heard


def _clocks(shown: datetime, end: datetime | None, today: date) -> str:
    clock = _of(shown)
    if end is None:
        return clock_at(clock)
    until = (end.date() - shown.date()).days * MIDNIGHT + _of(end)
    if until <= MIDNIGHT or until - clock < HALF_A_DAY:
        return _range(clock, until, "to")
    if until - clock == HALF_A_DAY:
        return f"{clock_at(clock)}, for 12 hours"
    return f"{clock_at(clock)} to {written(end.date(), today)}, {clock_at(_of(end))}"


def clock_at(minutes: int) -> str:
    """A clock time as a beginning: midnight would not say of which day."""
    return "0:00" if minutes == 0 else clock_written(minutes)


def duration_written(duration: timedelta) -> str:
    """As "1 hour 30 minutes"."""
    hours, minutes = divmod(duration // timedelta(minutes=1), 60)
    parts = [f"{count} {unit}{'s' * (count > 1)}" for count, unit in ((hours, "hour"), (minutes, "minute")) if count]
    return " ".join(parts)


def _of(shown: datetime) -> int:
    return shown.hour * 60 + shown.minute


def _days(days: list[date], today: date) -> str:
    runs = _runs(days)
    if len(runs) > _FEW and set(days) == _all_such(days):
        names = _weekday_names({day.weekday() for day in days})
        first, last = (written(day, today, weekday=False) for day in (days[0], days[-1]))
        return f"{names}, {first} to {last}"
    shown = [
        written(first, today) if first == last else f"{written(first, today)} to {written(last, today)}"
        for first, last in runs
    ]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} or {shown[-1]}"


def _runs(days: list[date]) -> list[tuple[date, date]]:
    runs: list[tuple[date, date]] = []
    for day in days:
        if runs and day - runs[-1][1] == DAY:
            runs[-1] = (runs[-1][0], day)
        else:
            runs.append((day, day))
    return runs


def _all_such(days: list[date]) -> set[date]:
    """Every day from the first to the last that has the name of one of them."""
    names = {day.weekday() for day in days}
    every = (days[0] + n * DAY for n in range((days[-1] - days[0]).days + 1))
    return {day for day in every if day.weekday() in names}


def _weekday_names(numbers: set[int]) -> str:
    if numbers == set(WORKDAYS):
        return "Weekdays"
    names = [f"{WEEKDAY_NAMES[number]}s" for number in sorted(numbers)]
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _hours(hours: tuple[Hours | None, ...]) -> str:
    known = [each for each in hours if each is not None]
    if len(known) < len(hours):
        return "any time"
    if not any(each.given for each in known):
        return f"any time except {_one_or_more(_missing(known))}"
    return _one_or_more(_joined(sorted(known, key=lambda each: each.order)))


def _one_or_more(hours: list[Hours]) -> str:
    return " or ".join(map(_one, hours))


def _missing(hours: list[Hours]) -> list[Hours]:
    """Of the whole day."""
    missing = [WHOLE_DAY]
    for each in hours:
        missing = [left for rest in missing for left in less(rest, each.begins, each.ends or each.begins)]
    return missing


def _joined(hours: list[Hours]) -> list[Hours]:
    """Windows that touch or overlap as one."""
    found: list[Hours] = []
    for each in hours:
        last = found[-1] if found else None
        if last and last.ends and each.ends and not (last.fixed or each.fixed) and each.begins <= last.ends:
            found[-1] = Hours(last.begins, max(last.ends, each.ends))
        else:
            found.append(each)
    return found


def _one(hours: Hours) -> str:
    if hours.ends is None:
        return f"at {clock_at(hours.begins)}"
    return f"between {_range(hours.begins, hours.ends, 'and')}"


def _range(begins: int, ends: int, to: str) -> str:
    """5 to 10 PM, 11 AM to 1 PM, 8 PM to midnight."""
    first, last = clock_at(begins), clock_written(ends)
    if first[-3:] == last[-3:] and first[-3:] in (" AM", " PM") and 0 < ends - begins < HALF_A_DAY:
        first = first[:-3]
    return f"{first} {to} {last}"
