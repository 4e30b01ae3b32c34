"""Reads stretches that are counted from today on: "within 10 days", "in two weeks", "a week from Friday", "asap".

Each reader gives a Period, or Dates where the words name one day, or None. Hours are not counted here.
"""

from __future__ import annotations

from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.dates import read_dates
from autosync.time_phrases.days import (
    DAY,
    WEEK,
    Dates,
    Period,
    Weekdays,
    in_reach,
    last_of_month,
    monday_of,
    months_later,
    next_on,
    written,
)
from autosync.time_phrases.lexicon import DAY_UNITS, MINUTES_IN, MONTH_UNITS, NUMBERS, TENS, WEEK_UNITS
from autosync.time_phrases.tokens import Cursor
from autosync.time_phrases.weekdays import read_weekdays

_MOST_DAYS = 61


def read_soon(cursor: Cursor) -> Period | None:
    """As soon as possible: within a week."""
    start = cursor.at
    if cursor.take("asap") or cursor.take_all("as", "soon", "as", "possible"):
        return Period(cursor.today, cursor.today + 6 * DAY, cursor.span_since(start))
    return None


def read_next_few(cursor: Cursor) -> Period | None:
    """Within 10 days, in the next two weeks, the next few days."""
    start = cursor.at
    within = cursor.take("within", "in", "over", "during") and cursor.ahead(-1).text == "within"
    the = cursor.take("the")
    if not cursor.take("next", "coming") and not within:
        return None
    if (the or within) and cursor.text_ahead in ("week", "month") and cursor.ahead(-1).text == "next":
        _ask_whether_calendar(cursor, start)
    counted = _count(cursor, counted_down=True)
    if counted is None:
        return None
    number, unit = counted
    last = months_later(cursor.today, number) if unit == 30 else cursor.today + number * unit * DAY
    if unit == 30:
        last = min(last.replace(day=1) + (cursor.today.day - 1) * DAY, last_of_month(last))
    if (last - cursor.today).days > _MOST_DAYS + 1:
        raise AskBack("That is more than two months: ask for less at once.")
    return Period(cursor.today, min(last, cursor.today + _MOST_DAYS * DAY), cursor.span_since(start))


def _ask_whether_calendar(cursor: Cursor, start: int) -> None:
    """In the next month: in December, or in 30 days from now."""
    unit = cursor.text_ahead
    cursor.at += 1
    span = cursor.span_since(start)
    days = {"week": 7, "month": 30}[unit]
    choices = instead(cursor.text, span, f"next {unit}", f"within {days} days")
    raise AskBack(f"Is {quoted(cursor.text, span)} next {unit}, or the {days} days from today on?", choices)


def read_from_now(cursor: Cursor) -> Dates | Period | None:
    """A week from Friday, 10 days from now; two weeks from now is that week."""
    start = cursor.at
    counted = _count(cursor)
    if counted is None or not cursor.take("from"):
        return None
    number, unit = counted
    if unit == 7 and cursor.take("now"):
        day = in_reach(cursor.today + number * WEEK, cursor.today)
        return Period(monday_of(day), monday_of(day) + 6 * DAY, cursor.span_since(start))
    beginning = cursor.today if cursor.take("now") else one_day(cursor)
    if beginning is None or unit == 30:
        return None
    return Dates((in_reach(beginning + number * unit * DAY, cursor.today),), cursor.span_since(start))


def read_in_a_while(cursor: Cursor) -> Dates | Period | None:
    """In 10 days: that day. In a few days: the second to the fifth. In two weeks: the week that the day is in."""
    start = cursor.at
    if not cursor.take("in"):
        return None
    if cursor.take_all("a", "few", "days"):
        return Period(cursor.today + 2 * DAY, cursor.today + 5 * DAY, cursor.span_since(start))
    cursor.take("about", "around")
    counted = _count(cursor, counted_down=True)
    if counted is None:
        return None
    number, unit = counted
    if unit == 30:
        month = months_later(cursor.today, min(number, 24))
        day = min(month + (cursor.today.day - 1) * DAY, last_of_month(month))
    else:
        day = cursor.today + number * unit * DAY
    in_reach(day, cursor.today)
    if unit == 1:
        return Dates((day,), cursor.span_since(start))
    return Period(monday_of(day), monday_of(day) + 6 * DAY, cursor.span_since(start))


def _count(cursor: Cursor, *, counted_down: bool = False) -> tuple[int, int] | None:
    """How many of what: (2, 7) for two weeks; months count as 30. `counted_down`: hours are asked about."""
    start = cursor.at
    number = _number(cursor)
    unit = cursor.text_ahead
    if number is None:
        return None
    cursor.at += 1
    if counted_down and unit in MINUTES_IN:
        raise AskBack(
            f"{quoted(cursor.text, cursor.span_since(start))} is counted in hours: name the day and the time."
        )
    for units, days in ((DAY_UNITS, 1), (WEEK_UNITS, 7), (MONTH_UNITS, 30)):
        if unit in units:
            return number, days
    return None


def _number(cursor: Cursor) -> int | None:
    cursor.take("a")
    if cursor.take("couple"):
        cursor.take("of")
        return 2
    if cursor.take("few"):
        return 3
    if cursor.ahead(-1).text == "a":
        return 1
    token = cursor.ahead()
    cursor.at += 1
    number = NUMBERS.get(token.text, TENS.get(token.text))
    return number or (int(token.text) if token.kind == "number" and len(token.text) < 4 else None)


def one_day(cursor: Cursor) -> date | None:
    """A date, or the next day of a name after today."""
    start = cursor.at
    found = read_dates(cursor, ()) or read_weekdays(cursor, ())
    if isinstance(found, Weekdays) and not found.many and len(found.days) == 1:
        if found.days[0] == cursor.today.weekday():
            choices = instead(cursor.text, found.span, "today", written(cursor.today + WEEK, cursor.today))
            raise AskBack(f"{quoted(cursor.text, found.span)} can be today or in a week: which one?", choices)
        return next_on(found.days[0], cursor.today)
    if isinstance(found, Dates) and len(found.dates) == 1:
        return found.dates[0]
    cursor.at = start
    return None
