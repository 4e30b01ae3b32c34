"""Brings the words of a phrase onto the calendar: which hours of which days are asked for.

`entries_of(cursor, words, now)` gives one Entry for each day and hours, without what is left out. Raises AskBack where
the words fit no day, or more than one way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clauses import Clause
from autosync.time_phrases.days import FARTHEST, Weekdays, written
from autosync.time_phrases.doubts import (
    ask_for_missing_hours,
    check_hyphenated,
    check_limits,
    check_midnight,
    check_order,
)
from autosync.time_phrases.entries import Entry, with_hours_if_any, without_excluded
from autosync.time_phrases.expressions import DayExpression
from autosync.time_phrases.hours import AnyTime, At
from autosync.time_phrases.joining import WAKING, hours_of
from autosync.time_phrases.placing import Moment, days_of
from autosync.time_phrases.reading import Words
from autosync.time_phrases.sharing import share_periods
from autosync.time_phrases.tokens import Cursor

LONGEST = timedelta(days=62)
"""Over how many days the windows of a phrase may spread."""


def entries_of(cursor: Cursor, words: Words, now: Moment) -> list[Entry]:
    """In order of time, each once; either all with hours or all without."""
    share_periods(cursor, words.clauses)
    ask_for_missing_hours(cursor, words.clauses)
    found: list[Entry] = []
    named: list[tuple[Weekdays | None, date]] = []
    listed = sum(expression.is_plain for clause in words.clauses for expression in clause.days) > 1
    for clause in words.clauses:
        check_hyphenated(cursor, clause)
        for expression in clause.days:
            if any(isinstance(each, At) and each.clock.midnight for group in clause.groups for each in group):
                days = days_of(cursor, expression, (None,), now, habit=False, listed=listed)
                check_midnight(cursor, clause, days)
        hours = hours_of(cursor, clause.groups) or (None,)
        for expression in _days_said(cursor, clause):
            check_limits(cursor, clause, expression)
            days = days_of(cursor, expression, hours, now, habit=clause.is_habit, listed=listed)
            if expression.is_plain or expression.dates is not None or expression.period is not None:
                named.append((expression.weekdays[0] if expression.is_plain else None, days[0]))
            entries = [Entry(day, each) for day in days for each in hours]
            _check_still_to_come(cursor, expression, entries, now)
            found += entries
    check_order(cursor, named)
    found = without_excluded(cursor, with_hours_if_any(found), words.exclusions)
    ahead = [entry for entry in dict.fromkeys(found) if not _is_past(entry, now)]
    _check_reach(ahead, now)
    return sorted(ahead, key=lambda entry: (entry.day, (entry.hours or WAKING).order))


def _days_said(cursor: Cursor, clause: Clause) -> list[DayExpression]:
    if clause.days:
        return clause.days
    last = clause.last_words
    if clause.is_habit or all(isinstance(words, AnyTime) for group in clause.groups for words in group):
        return [DayExpression(last.span, weekdays=[Weekdays(tuple(range(7)), last.span, many=True)])]
    choices = instead(cursor.text, (last.span[1], last.span[1]), "today", "tomorrow", "any day")
    raise AskBack(f"On which day is {quoted(cursor.text, last.span)} meant?", choices)


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
    # A beginning must be ahead; of a window, some of it.
    last = (entry.hours.begins if entry.hours.ends is None else entry.hours.ends) - 1
    return (entry.day - now.today).days * 24 * 60 + last < now.minute


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
        not clause.days
        and all(isinstance(words, AnyTime) and not words.without for group in clause.groups for words in group)
        for clause in clauses
    )
