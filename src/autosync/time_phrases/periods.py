"""Reads stretches of days: weeks, months, "within 10 days", "in two weeks", "until Friday", "between Dec 3 and Dec 8".

`read_period(cursor)` gives a Period (or Dates, where the words name one day) or None. What has no last day lasts four
weeks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.dates import TO, read_dates
from autosync.time_phrases.days import (
    DAY,
    HABIT,
    WEEK,
    Dates,
    DayWords,
    Period,
    Weekdays,
    in_reach,
    last_of_month,
    monday_of,
    months_later,
    next_on,
)
from autosync.time_phrases.lexicon import DAY_UNITS, MINUTES_IN, MONTH_UNITS, NUMBERS, SATURDAY, TENS, WEEK_UNITS
from autosync.time_phrases.months import month_begins, read_month
from autosync.time_phrases.tokens import Cursor
from autosync.time_phrases.weekdays import read_weekdays
from autosync.time_phrases.weeks import read_week

_MOST_DAYS = 61


def read_period(cursor: Cursor) -> DayWords | None:
    """The stretch that begins here. Raises AskBack where it is past, too long, or could be another one."""
    start = cursor.at
    for form in (_soon, _next_few, _from_now, _in_a_while, _ends_named, _until, _from, read_month, read_week):
        found = form(cursor)
        if found is not None:
            return found
        cursor.at = start
    return None


def _soon(cursor: Cursor) -> Period | None:
    start = cursor.at
    if cursor.take("asap") or cursor.take_all("as", "soon", "as", "possible"):
        return Period(cursor.today, cursor.today + 6 * DAY, cursor.span_since(start))
    return None


def _next_few(cursor: Cursor) -> Period | None:
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


def _from_now(cursor: Cursor) -> Dates | None:
    """A week from Friday, 10 days from now."""
    start = cursor.at
    counted = _count(cursor)
    if counted is None or not cursor.take("from"):
        return None
    number, unit = counted
    beginning = cursor.today if cursor.take("now") else _one_day(cursor)
    if beginning is None or unit == 30:
        return None
    return Dates((in_reach(beginning + number * unit * DAY, cursor.today),), cursor.span_since(start))


def _in_a_while(cursor: Cursor) -> Dates | Period | None:
    """In 10 days: that day. In two weeks, in a month: the week that the day is in."""
    start = cursor.at
    if not cursor.take("in"):
        return None
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


def _ends_named(cursor: Cursor) -> Period | Weekdays | None:
    """Between Dec 3 and Dec 8, from Monday to Wednesday."""
    start = cursor.at
    if not cursor.take("between", "from"):
        return None
    between = cursor.ahead(-1).text == "between"
    to = ("and", "&") if between else TO
    found = read_dates(cursor, to)
    if isinstance(found, Period):
        return Period(found.first, found.last, cursor.span_since(start), limit=not between)
    weekdays = read_weekdays(cursor, to) if found is None else None
    if isinstance(weekdays, Weekdays) and weekdays.run and len(weekdays.days) > 1:
        return replace(weekdays, span=cursor.span_since(start))
    return None


def _until(cursor: Cursor) -> Period | None:
    """Before Friday, by December 10, until the end of next week."""
    start = cursor.at
    if not (cursor.take("before", "by", "until", "till", "til", "through") or cursor.take_all("up", "to")):
        return None
    word = cursor.ahead(-1).text
    inclusive = word != "before"
    last = _end_of(cursor)
    if last is None:
        stretch = _stretch(cursor)
        if stretch is not None and word in ("by", "until", "till", "til") and stretch[0] != stretch[1]:
            said = quoted(cursor.text, cursor.span_since(start))
            raise AskBack(f"{said} can mean its beginning or its end: name the last day.")
        if stretch is None:
            return None
        last = stretch[1] if inclusive else stretch[0] - DAY
    if last < cursor.today:
        raise AskBack(f"{quoted(cursor.text, cursor.span_since(start))} leaves no day from today on.")
    return Period(cursor.today, last, cursor.span_since(start), limit=True, open_ended=True)


def _end_of(cursor: Cursor) -> date | None:
    """The end of the week (its Friday) or month."""
    start = cursor.at
    cursor.take("the")
    if cursor.take_all("end", "of"):
        for words, weeks in ((("the", "week"), 0), (("this", "week"), 0), (("next", "week"), 1)):
            if cursor.take_all(*words):
                return monday_of(cursor.today) + weeks * WEEK + 4 * DAY
        first = month_begins(cursor)
        if first is not None:
            return last_of_month(first)
    cursor.at = start
    return None


def _from(cursor: Cursor) -> Period | None:
    """After Friday, from December 3 on, starting Monday: four weeks."""
    start = cursor.at
    if not cursor.take("after", "from", "starting", "beginning"):
        return None
    word = cursor.ahead(-1)
    inclusive = word.text != "after"
    cursor.take("on", "from")
    stretch = _stretch(cursor)
    if stretch is None:
        return None
    if word.text == "beginning" and stretch[0] != stretch[1]:
        choices = instead(cursor.text, word.span, "beginning of", "from")
        raise AskBack("Is only its beginning meant, or the time from then on?", choices)
    cursor.take("on", "onward", "onwards", "forward")
    first = stretch[0] if inclusive else stretch[1] + DAY
    return Period(first, first + HABIT, cursor.span_since(start), limit=True, open_ended=True)


def _stretch(cursor: Cursor) -> tuple[date, date] | None:
    """The first and the last day of a day, week or month."""
    period = read_week(cursor) or _month_not_date(cursor)
    if period is not None:
        return period.first, period.last
    if cursor.take_all("this", "weekend") or cursor.take_all("the", "weekend"):
        saturday = monday_of(cursor.today) + SATURDAY * DAY
        return saturday, saturday + DAY
    day = _one_day(cursor)
    return None if day is None else (day, day)


def _month_not_date(cursor: Cursor) -> Period | None:
    """A month, unless a date begins with it."""
    start = cursor.at
    if read_dates(cursor, ()) is not None:
        cursor.at = start
        return None
    return read_month(cursor)


def _one_day(cursor: Cursor) -> date | None:
    """A date, or the next day of a name after today."""
    start = cursor.at
    found = read_dates(cursor, ()) or read_weekdays(cursor, ())
    if isinstance(found, Weekdays) and not found.many and len(found.days) == 1:
        if found.days[0] == cursor.today.weekday():
            raise AskBack(f"{quoted(cursor.text, found.span)} can be today or in a week: say it with the date.")
        return next_on(found.days[0], cursor.today)
    if isinstance(found, Dates) and len(found.dates) == 1:
        return found.dates[0]
    cursor.at = start
    return None
