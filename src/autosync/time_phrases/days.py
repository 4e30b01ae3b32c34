"""What a phrase says about days: dates, stretches of dates, weekdays; and how dates are written back.

Values and arithmetic of the calendar, without clocks. Weeks begin on Monday.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from autosync.time_phrases.asking import AskBack, Span
from autosync.time_phrases.lexicon import MONTH_NAMES, WEEKDAY_NAMES

DAY: Final = timedelta(days=1)
WEEK: Final = timedelta(weeks=1)
FARTHEST: Final = timedelta(days=366)
"""How far ahead a day may be."""
SOON: Final = timedelta(days=300)
"""A date without a year is the next one, if it comes within this; else it is more likely a slip."""
HABIT: Final = timedelta(days=27)
"""How long, after today, a habit without a period is meant: "weekend mornings" are those of four weeks."""


@dataclass(frozen=True, slots=True)
class Dates:
    """Days that are named one by one."""

    dates: tuple[date, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Period:
    """All days from the first to the last.

    `limit`: named by its ends, so that a time beside it can be that of an end. `open_ended`: by one of them only.
    """

    first: date
    last: date
    span: Span
    limit: bool = False
    open_ended: bool = False

    def meets(self, other: Period) -> bool:
        """Whether they share a day."""
        return self.first <= other.last and other.first <= self.last


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days by their names, in order. `many`: any of them; `run`: one after the other; `own`: after "this"."""

    days: tuple[int, ...]
    span: Span
    many: bool = False
    run: bool = False
    own: bool = False

    @property
    def is_weekend(self) -> bool:
        """Whether it is Saturday and Sunday."""
        return self.run and self.days == (5, 6)


DayWords = Dates | Period | Weekdays


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - day.weekday() * DAY


def next_on(weekday: int, earliest: date) -> date:
    """The first such weekday, `earliest` itself included."""
    return earliest + (weekday - earliest.weekday()) % 7 * DAY


def last_of_month(day: date) -> date:
    """The last day of its month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_later(day: date, months: int) -> date:
    """The first day of the month that is so many months after the day's."""
    years, month = divmod(day.month - 1 + months, 12)
    return date(day.year + years, month + 1, 1)


def exists(year: int, month: int, day: int) -> bool:
    """Whether the calendar has this date."""
    return 1 <= month <= 12 and 1 <= day <= monthrange(year, month)[1]


def written(day: date, today: date, *, weekday: bool = True) -> str:
    """As "Friday, December 4", with the year if it is not this one."""
    year = "" if day.year == today.year else f", {day.year}"
    name = f"{WEEKDAY_NAMES[day.weekday()]}, " if weekday else ""
    return f"{name}{MONTH_NAMES[day.month - 1]} {day.day}{year}"


def in_reach(day: date, today: date) -> date:
    """The day itself. Raises AskBack if it is past or more than a year ahead."""
    if day < today:
        raise AskBack(f"{written(day, today)} is past: name a day from today on.")
    if day - today > FARTHEST:
        raise AskBack(f"{written(day, today)} is more than a year ahead: name a nearer day.")
    return day
