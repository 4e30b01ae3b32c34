"""Reads stretches of days: weeks, months, "within 10 days", "in two weeks", "until Friday", "between Dec 3 and Dec 8".

`read_period(cursor)` gives a Period (or Dates, where the words name one day) or None. What has no last day lasts four
weeks.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.counting import one_day, read_from_now, read_in_a_while, read_next_few, read_soon
from autosync.time_phrases.dates import TO, read_dates
from autosync.time_phrases.days import (
    DAY,
    HABIT,
    WEEK,
    DayWords,
    Period,
    Weekdays,
    last_of_month,
    monday_of,
)
from autosync.time_phrases.lexicon import SATURDAY
from autosync.time_phrases.months import month_begins, read_month
from autosync.time_phrases.tokens import Cursor
from autosync.time_phrases.weekdays import read_weekdays
from autosync.time_phrases.weeks import read_week


def read_period(cursor: Cursor) -> DayWords | None:
    """The stretch that begins here. Raises AskBack where it is past, too long, or could be another one."""
    start = cursor.at
    for form in (
        read_soon,
        read_next_few,
        read_from_now,
        read_in_a_while,
        _ends_named,
        _until,
        _from,
        read_month,
        read_week,
    ):
        found = form(cursor)
        if found is not None:
            return found
        cursor.at = start
    return None


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
    said = cursor.text[slice(*cursor.span_since(start))]
    brief = not inclusive and (stretch[1] - stretch[0]).days < 7 and not any(map(str.isdigit, said))
    if brief and first.weekday() == 0:  # after the weekend
        return Period(first, first + 6 * DAY, cursor.span_since(start))
    return Period(first, first + (6 * DAY if brief else HABIT), cursor.span_since(start), limit=True, open_ended=True)


def _stretch(cursor: Cursor) -> tuple[date, date] | None:
    """The first and the last day of a day, week or month."""
    period = read_week(cursor) or _month_not_date(cursor)
    if period is not None:
        return period.first, period.last
    if cursor.take_all("this", "weekend") or cursor.take_all("the", "weekend"):
        saturday = monday_of(cursor.today) + SATURDAY * DAY
        return saturday, saturday + DAY
    day = one_day(cursor)
    return None if day is None else (day, day)


def _month_not_date(cursor: Cursor) -> Period | None:
    """A month, unless a date begins with it."""
    start = cursor.at
    if read_dates(cursor, ()) is not None:
        cursor.at = start
        return None
    return read_month(cursor)
