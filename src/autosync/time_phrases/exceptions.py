"""Reads what a phrase leaves out: "except Thursday or Friday", "not mornings", "but not Monday evening".

`read_exclusion(cursor)` gives an Exclusion, or None where none begins. Where it could end in more than one place, it
raises AskBack.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from autosync.time_phrases.asking import AskBack, Span, quoted
from autosync.time_phrases.clocks import MIDNIGHT
from autosync.time_phrases.dates import read_dates
from autosync.time_phrases.days import DayWords
from autosync.time_phrases.hours import Part, Stretch, read_hours
from autosync.time_phrases.lexicon import AND, EXCEPT, OR
from autosync.time_phrases.periods import read_period
from autosync.time_phrases.stretching import ends_of
from autosync.time_phrases.tokens import Cursor
from autosync.time_phrases.weekdays import read_weekdays, read_weekend_of

_PHRASES = (("other", "than"), ("apart", "from"), ("aside", "from"))


@dataclass(slots=True)
class Exclusion:
    """Days that would not do, or minutes of them, or of any day."""

    span: Span
    days: list[DayWords] = field(default_factory=list)
    hours: tuple[int, int] | None = None


def read_days(cursor: Cursor) -> DayWords | None:
    """The words about days that begin here, of whatever kind."""
    return read_weekend_of(cursor) or read_dates(cursor) or read_period(cursor) or read_weekdays(cursor)


def read_exclusion(cursor: Cursor) -> Exclusion | None:
    """What is left out, from the word that says so to the end of the list of days, and the part of the day, if said."""
    start = cursor.at
    if not (any(cursor.take_all(*words) for words in _PHRASES) or cursor.take(*EXCEPT)):
        return None
    days = _listed_days(cursor, start)
    hours = _hours(cursor, start, of_days=bool(days))
    span = cursor.span_since(start)
    if not days and hours is None:
        raise AskBack(f"Which days does {quoted(cursor.text, span)} leave out? Say it like except Thursday.")
    return Exclusion(span, days, hours)


def _listed_days(cursor: Cursor, start: int) -> list[DayWords]:
    """Days with or, and, or commas between them; after a comma alone the exception may have ended."""
    days: list[DayWords] = []
    after, join, commas_only = cursor.at, "", False
    while True:
        while cursor.take("for", "on", "the"):
            pass
        found = read_days(cursor)
        if found is None:
            cursor.at = after
            break
        days.append(found)
        after = cursor.at
        commas_only = join == "," or (commas_only and join != "or")
        join = _join(cursor)
        if not join:
            break
    if commas_only:
        said = quoted(cursor.text, cursor.span_since(start))
        raise AskBack(f"Which of the days in {said} would do? Join those that would not with or.")
    return days


def _join(cursor: Cursor) -> str:
    comma = cursor.take(",")
    return "or" if cursor.take(*OR, *AND, "nor") else "," * comma


def _minutes_out(part: Part) -> tuple[int, int]:
    """Not before work is at no time before it."""
    begins, ends = part.hours
    if part.name.startswith("before"):
        return 0, ends
    return begins, MIDNIGHT if part.name.startswith("after ") else ends


def _hours(cursor: Cursor, start: int, *, of_days: bool) -> tuple[int, int] | None:
    """The evening of "not Monday evening"; "except Monday after 6" could mean more than one thing."""
    after = cursor.at
    while cursor.take("in", "the", "for", "at"):
        pass
    hours = read_hours(cursor)
    if hours is None:
        cursor.at = after
        return None
    if isinstance(hours, Part) and not (of_days and hours.many):
        return _minutes_out(hours)
    if isinstance(hours, Stretch) and not of_days:
        return ends_of(cursor, hours, None)
    said = quoted(cursor.text, cursor.span_since(start))
    raise AskBack(f"Are the hours in {said} those that would do, or would not? Say the hours before the exception.")
