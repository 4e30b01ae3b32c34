"""Brings the words of a phrase onto the calendar: which hours of which days are asked for.

`entries_of(cursor, words, now)` gives one Entry for each day and hours, without what is left out. Raises AskBack where
the words fit no day, or more than one way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clauses import Clause, DayExpression
from autosync.time_phrases.days import FARTHEST, Dates, Period, Weekdays, written
from autosync.time_phrases.exceptions import Exclusion
from autosync.time_phrases.hours import AnyTime, At, Part, Stretch
from autosync.time_phrases.joining import WAKING, Hours, hours_of
from autosync.time_phrases.placing import Moment, days_of
from autosync.time_phrases.reading import Words
from autosync.time_phrases.sharing import share_periods
from autosync.time_phrases.tokens import Cursor

LONGEST = timedelta(days=62)
"""Over how many days the windows of a phrase may spread."""


@dataclass(frozen=True, slots=True)
class Entry:
    """Hours of a day; None: all of it."""

    day: date
    hours: Hours | None


def entries_of(cursor: Cursor, words: Words, now: Moment) -> list[Entry]:
    """In order of time, each once; either all with hours or all without."""
    share_periods(cursor, words.clauses)
    _ask_for_missing_hours(cursor, words.clauses)
    found: list[Entry] = []
    named: list[tuple[Weekdays, date]] = []
    listed = sum(_is_plain(expression) for clause in words.clauses for expression in clause.days) > 1
    for clause in words.clauses:
        hours = hours_of(cursor, clause.groups) or (None,)
        for expression in _days_said(cursor, clause):
            _check_limits(cursor, clause, expression, hours)
            days = days_of(cursor, expression, hours, now, habit=clause.is_habit, listed=listed)
            if _is_plain(expression):
                named.append((expression.weekdays[0], days[0]))
            entries = [Entry(day, each) for day in days for each in hours]
            _check_still_to_come(cursor, expression, entries, now)
            found += entries
    _check_order(cursor, named)
    found = _without_excluded(cursor, _with_hours_if_any(found), words.exclusions)
    ahead = [entry for entry in dict.fromkeys(found) if not _is_past(entry, now)]
    _check_reach(ahead, now)
    return sorted(ahead, key=lambda entry: (entry.day, (entry.hours or WAKING).order))


def _is_plain(expression: DayExpression) -> bool:
    """Whether it is a weekday that could be this week's or a later one's."""
    return (
        expression.dates is None
        and expression.period is None
        and len(expression.weekdays) == 1
        and not expression.weekdays[0].many
    )


def _days_said(cursor: Cursor, clause: Clause) -> list[DayExpression]:
    if clause.days:
        return clause.days
    last = clause.last_words
    if clause.is_habit:
        return [DayExpression(last.span, weekdays=[Weekdays(tuple(range(7)), last.span, many=True)])]
    said = cursor.text[slice(*last.span)]
    choices = instead(cursor.text, last.span, f"today {said}", f"tomorrow {said}", f"any day {said}")
    raise AskBack(f"On which day is {quoted(cursor.text, last.span)} meant?", choices)


def _ask_for_missing_hours(cursor: Cursor, clauses: Sequence[Clause]) -> None:
    """Friday after 6 or Saturday: at any time on Saturday, or after 6 too?"""
    for before, clause in pairwise(clauses):
        habits = all(day.weekdays and day.weekdays[0].many for day in clause.days)
        if before.groups and not clause.groups and not habits:
            hours = cursor.text[before.groups[0][0].span[0] : before.last_words.span[1]]
            days = (clause.days[0].span[0], clause.days[-1].span[1])
            said = cursor.text[slice(*days)]
            choices = instead(cursor.text, days, f"{said} {hours}", f"any time {said}")
            raise AskBack(f"At which time would {quoted(cursor.text, days)} do?", choices)


def _check_limits(cursor: Cursor, clause: Clause, expression: DayExpression, hours: Sequence[Hours | None]) -> None:
    """Before Friday at 6; next week at 7, which are seven times."""
    period = expression.period
    if period is None or not clause.groups:
        return
    words = [each for group in clause.groups for each in group]
    fixed = any(isinstance(each, At) or (isinstance(each, Stretch) and not each.window) for each in words)
    vague = any(isinstance(each, Part) and not each.many for each in words)
    if (period.limit and fixed) or (period.open_ended and vague):
        raise AskBack("Do the hours belong to the last day or to each day? Name each day with its hours.")
    if fixed and not expression.weekdays and (period.last - period.first).days > 6:
        raise AskBack(f"On which day of {quoted(cursor.text, period.span)} is that meant?")


def _check_still_to_come(cursor: Cursor, expression: DayExpression, entries: list[Entry], now: Moment) -> None:
    """Each day that is named must have some of its hours left; of periods and habits one day is enough."""
    ahead = {entry.day for entry in entries if not _is_past(entry, now)}
    lost = {entry.day for entry in entries} - ahead
    if lost and (expression.dates is not None or not ahead):
        said = quoted(cursor.text, expression.span)
        raise AskBack(f"What {said} asks for is past: name a time that is still to come.")


def _is_past(entry: Entry, now: Moment) -> bool:
    if entry.hours is None:
        return entry.day < now.today
    last = entry.hours.begins if entry.hours.ends is None else entry.hours.ends - 1
    return (entry.day - now.today).days * 24 * 60 + last < now.minute


def _check_order(cursor: Cursor, named: list[tuple[Weekdays, date]]) -> None:
    """Said on a Wednesday, the Thursday of "Monday or Thursday" can be tomorrow or the one after that Monday."""
    for (_, before), (words, day) in pairwise(named):
        if day < before:
            later = day + timedelta(weeks=1)
            names = [written(each, cursor.today) for each in (day, later)]
            said = quoted(cursor.text, words.span)
            raise AskBack(f"Is {said} {names[0]} or {names[1]}?", instead(cursor.text, words.span, *names))


def _with_hours_if_any(entries: list[Entry]) -> list[Entry]:
    """Where only some days have hours, the others are meant while people are awake."""
    if all(entry.hours is None for entry in entries):
        return entries
    return [entry if entry.hours is not None else replace(entry, hours=WAKING) for entry in entries]


def _without_excluded(cursor: Cursor, entries: list[Entry], exclusions: Sequence[Exclusion]) -> list[Entry]:
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


def _check_reach(entries: list[Entry], now: Moment) -> None:
    if not entries:
        raise AskBack("What is asked for is past: name a time that is still to come.")
    first, last = min(entry.day for entry in entries), max(entry.day for entry in entries)
    if last - first >= LONGEST:
        raise AskBack("That spreads over more than two months: ask for less at once.")
    if last - now.today > FARTHEST:
        raise AskBack(f"{written(last, now.today)} is more than a year ahead: name nearer days.")


def only_any_time(clauses: Sequence[Clause]) -> bool:
    """Whether nothing is said but that any time would do."""
    return all(
        not clause.days and all(isinstance(words, AnyTime) for group in clause.groups for words in group)
        for clause in clauses
    )
