"""Which days of the calendar are meant: the next Friday, all evenings of next week, four weeks of weekends.

`days_of(expression, ...)` gives dates from today on. A weekday is the next of its name, today only if its hours are
still to come; where today could be meant and could not, it raises AskBack.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.days import DAY, HABIT, WEEK, Weekdays, next_on, written
from autosync.time_phrases.expressions import DayExpression
from autosync.time_phrases.joining import Hours
from autosync.time_phrases.tokens import Cursor


@dataclass(frozen=True, slots=True)
class Moment:
    """Now, on the clocks of the zone: minutes since the day's midnight."""

    today: date
    minute: float


def days_of(
    cursor: Cursor, expression: DayExpression, hours: Sequence[Hours | None], now: Moment, *, habit: bool, listed: bool
) -> tuple[date, ...]:
    """The days, in order. `habit`: the hours are said as one, "evenings"; `listed`: other weekdays are named too."""
    weekdays = expression.weekdays
    if expression.dates is not None:
        found = expression.dates.dates
    elif expression.period is not None:
        period = expression.period
        found = tuple(period.first + n * DAY for n in range((period.last - period.first).days + 1))
    elif any(words.many for words in weekdays) or (habit and not listed and _can_be_habit(weekdays)):
        found = tuple(now.today + n * DAY for n in range((HABIT + DAY) // DAY))
    else:
        widest = max(weekdays, key=lambda words: len(words.days))
        found = _next_ones(cursor, widest, hours, now, listed=listed)
    return _that_are(cursor, expression, found)


def _can_be_habit(weekdays: Sequence[Weekdays]) -> bool:
    """Whether with evenings they are any of their name: "Friday evenings", but not "this Friday" or "Mon-Wed"."""
    return all(not words.own and (words.is_weekend or not words.run) for words in weekdays)


def _that_are(cursor: Cursor, expression: DayExpression, days: tuple[date, ...]) -> tuple[date, ...]:
    """Those of the days that are in the period and have the names that are said as well."""
    period = expression.period
    found = tuple(
        day
        for day in days
        if all(day.weekday() in words.days for words in expression.weekdays)
        and (period is None or period.first <= day <= period.last)
    )
    if not found:
        said = quoted(cursor.text, expression.span)
        raise AskBack(f"No day that is still to come is {said}: which day is meant?")
    return found


def _next_ones(
    cursor: Cursor, words: Weekdays, hours: Sequence[Hours | None], now: Moment, *, listed: bool
) -> tuple[date, ...]:
    """The next day of the name, or the next days from the first to the last."""
    first = next_on(words.days[0], now.today)
    begun = now.today.weekday() in words.days and first != now.today
    if begun and words.own:
        first -= WEEK
    elif begun and (words.is_weekend or now.today.weekday() != words.days[-1]):
        _ask_which(cursor, words, first - WEEK, first)
    if first == now.today and not words.is_weekend:
        still = _still_to_come(hours, now)
        if still is None or (still and listed):
            _ask_which(cursor, words, first, first + WEEK)
        if not still:
            first += WEEK
    days = tuple(first + n * DAY for n in range(len(words.days)))
    return tuple(day for day in days if day >= now.today)


def _still_to_come(hours: Sequence[Hours | None], now: Moment) -> bool | None:
    """Whether all of the hours are, today; None if only a part of them."""
    if None in hours:
        return None
    known = [each for each in hours if each is not None]
    if all(each.begins > now.minute for each in known):
        return True
    return False if all((each.ends or each.begins) <= now.minute for each in known) else None


def _ask_which(cursor: Cursor, words: Weekdays, one: date, other: date) -> None:
    names = [_written(words, first, cursor.today) for first in (one, other)]
    said = quoted(cursor.text, words.span)
    raise AskBack(f"Is {said} {names[0]} or {names[1]}?", instead(cursor.text, words.span, *names))


def _written(words: Weekdays, first: date, today: date) -> str:
    begins = max(first, today)
    last = first + (len(words.days) - 1) * DAY
    name = "today" if begins == today else written(begins, today)
    return name if last <= begins else f"{written(begins, today)} to {written(last, today)}"
