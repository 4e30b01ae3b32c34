"""Makes days of what was said of them: the missing month or year is the next one that fits.

`settled` raises AskBack for days that do not exist, are past, are more than a year ahead, are no such weekday, or can
be read either way round, as 12/11.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from autosync.time_phrases.asking import AskBack, Span, instead, quoted
from autosync.time_phrases.days import (
    DAY,
    SOON,
    Dates,
    Period,
    exists,
    in_reach,
    last_of_month,
    months_later,
    next_on,
    written,
)
from autosync.time_phrases.lexicon import MONTH_NAMES, WEEKDAY_NAMES
from autosync.time_phrases.tokens import Cursor

_LEAP_YEAR = 2024


@dataclass(frozen=True, slots=True)
class Said:
    """One date as far as it is said, and its words. `either_way`: day and month may change places, as in 12/19."""

    year: int | None
    month: int | None
    day: int
    span: Span
    weekday: int | None = None
    either_way: bool = False


def settled(cursor: Cursor, said: list[Said], start: int, *, is_range: bool) -> Dates | Period:
    """The days that were said since the token number `start`: each of them, or all from the first to the last."""
    span = cursor.span_since(start)
    if is_range:
        first, last = _ends(cursor, said[0], said[1], span)
        return Period(first, last, span)
    return Dates(tuple(_date(cursor, each) for each in said), span)


def _ends(cursor: Cursor, first: Said, last: Said, span: Span) -> tuple[date, date]:
    """The first day may be past, as long as the last is not; what one end leaves out, the other says."""
    words = quoted(cursor.text, span)
    first, last = _right_way(cursor, first), _right_way(cursor, last)
    month = last.month or first.month
    year = last.year or first.year
    if last.year is None and year is not None and (month or 0, last.day) < (first.month or 0, first.day):
        year += 1
    ends = _date(cursor, Said(year, month, last.day, span, last.weekday))
    begins = _latest_until(ends, first)
    if begins is None:
        raise AskBack(f"{words} names a day that the calendar does not have.")
    if begins > ends or ends - begins > SOON:
        raise AskBack(f"{words} ends before it begins.")
    _check_weekday(cursor, begins, first.weekday, first.span)
    return max(begins, cursor.today), ends


def _latest_until(ends: date, first: Said) -> date | None:
    """The last such day that is not after `ends`, or the one in the year that is said."""
    year, month = first.year, first.month
    if month is None:
        in_month = ends if first.day <= ends.day else months_later(ends, -1)
        year, month = in_month.year, in_month.month
    if year is None:
        year = ends.year if (month, first.day) <= (ends.month, ends.day) else ends.year - 1
    return date(year, month, first.day) if exists(year, month, first.day) else None


def _date(cursor: Cursor, said: Said) -> date:
    said = _right_way(cursor, said)
    day = _found(cursor, said)
    _check_weekday(cursor, day, said.weekday, said.span)
    return in_reach(day, cursor.today)


def _found(cursor: Cursor, said: Said) -> date:
    if said.month is None:
        return _coming_day_of_month(cursor, said)
    if not exists(said.year or _LEAP_YEAR, said.month, said.day):
        raise AskBack(f"{quoted(cursor.text, said.span)} names a day that the calendar does not have.")
    if said.year is not None:
        return date(said.year, said.month, said.day)
    found = _next(said.month, said.day, cursor.today)
    if found - cursor.today > SOON:
        name = f"{MONTH_NAMES[said.month - 1]} {said.day}"
        choices = (
            instead(cursor.text, said.span, f"{name}, {found.year}") if found.year <= cursor.today.year + 1 else ()
        )
        raise AskBack(f"{name} is past, or far ahead: say it with its year, or name a nearer day.", choices)
    return found


def _right_way(cursor: Cursor, said: Said) -> Said:
    """Month and day of 12/19 or 19/12; 12/11 is asked about, unless only one way is such a weekday."""
    if not said.either_way or said.month is None:
        return said
    words = quoted(cursor.text, said.span)
    if cursor.text[said.span[0] : said.span[1]] == "24/7":
        raise AskBack(f"{words} can be July 24 or any time: name the days.")
    both = dict.fromkeys([(said.month, said.day), (said.day, said.month)])
    ways = [way for way in both if exists(said.year or _LEAP_YEAR, *way)]
    if not ways:
        raise AskBack(f"{words} is no date: write it as December 19.")
    days = [date(said.year, *way) if said.year else _next(*way, cursor.today) for way in ways]
    fitting = [n for n, day in enumerate(days) if said.weekday in (None, day.weekday())]
    if len(fitting) == 1 or len(ways) == 1:
        month, day_of_month = ways[fitting[0] if fitting else 0]
        return Said(said.year, month, day_of_month, said.span, said.weekday)
    names = [written(day, cursor.today, weekday=False) for day in days]
    raise AskBack(f"{words} can be {names[0]} or {names[1]}: which one?", instead(cursor.text, said.span, *names))


def _next(month: int, day: int, today: date) -> date:
    return next(
        date(year, month, day)
        for year in range(today.year, today.year + 9)
        if exists(year, month, day) and date(year, month, day) >= today
    )


def _coming_day_of_month(cursor: Cursor, said: Said) -> date:
    month = cursor.today if said.day >= cursor.today.day else months_later(cursor.today, 1)
    if said.day > last_of_month(month).day:
        words = quoted(cursor.text, said.span)
        raise AskBack(f"{words} names a day that {MONTH_NAMES[month.month - 1]} does not have.")
    return month.replace(day=1) + (said.day - 1) * DAY


def _check_weekday(cursor: Cursor, day: date, weekday: int | None, span: Span) -> None:
    if weekday is None or day.weekday() == weekday:
        return
    nearest = min((next_on(weekday, day), next_on(weekday, day - 6 * DAY)), key=lambda other: abs(other - day))
    names = [written(each, cursor.today) for each in (day, nearest) if each >= cursor.today]
    question = (
        f"{written(day, cursor.today, weekday=False)} is a {WEEKDAY_NAMES[day.weekday()]}, "
        f"not a {WEEKDAY_NAMES[weekday]}: which day is meant?"
    )
    raise AskBack(question, instead(cursor.text, span, *names))
