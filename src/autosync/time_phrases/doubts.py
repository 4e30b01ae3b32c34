"""What is asked back although each word is understood: hours that are missing, days that are out of order.

Each check raises AskBack where a person could mean two things, and gives nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from itertools import pairwise

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clauses import Clause
from autosync.time_phrases.days import DAY, Period, Weekdays, exists, next_on, written
from autosync.time_phrases.expressions import DayExpression
from autosync.time_phrases.hours import At, HourWords, Part, Stretch
from autosync.time_phrases.lexicon import PART_WORDS
from autosync.time_phrases.tokens import Cursor

_HYPHENATED = re.compile(r"([0-9]{1,2})-([0-9]{1,2})")
_NEAR = timedelta(days=60)


def ask_for_missing_hours(cursor: Cursor, clauses: Sequence[Clause]) -> None:
    """Friday after 6 or Saturday: at any time on Saturday, or after 6 too?"""
    for before, clause in pairwise(clauses):
        habits = all(day.weekdays and day.weekdays[0].many for day in clause.days)
        if before.groups and not clause.groups and not habits:
            hours = cursor.text[before.groups[0][0].span[0] : before.last_words.span[1]]
            days = (clause.days[0].span[0], clause.days[-1].span[1])
            said = cursor.text[slice(*days)]
            choices = instead(cursor.text, days, f"{said} {hours}", f"{said} any time")
            raise AskBack(f"At which time would {quoted(cursor.text, days)} do?", choices)


def check_limits(cursor: Cursor, clause: Clause, expression: DayExpression) -> None:
    """Before Friday at 6; the Friday before the 24th; next week at 7, which are seven times."""
    period = expression.period
    if period is None:
        return
    named = [words for words in expression.weekdays if not words.many]
    if period.open_ended and named and not expression.period_came_first:
        said, day = quoted(cursor.text, expression.span), named[0].span
        choices = instead(cursor.text, day, f"any {cursor.text[slice(*day)].lower().removeprefix('the ')}")
        raise AskBack(f"Which day is {said}: any, or the one that is nearest?", choices)
    words = [each for group in clause.groups for each in group]
    fixed = any(isinstance(each, At) or (isinstance(each, Stretch) and not each.window) for each in words)
    vague = any(isinstance(each, Part) and not each.many for each in words)
    if (period.limit and fixed) or (period.open_ended and vague):
        said = quoted(cursor.text, (min(period.span[0], words[0].span[0]), max(period.span[1], words[-1].span[1])))
        question = f"Do the hours in {said} belong to the last day or to each day? Name each day with its hours."
        raise AskBack(question, _of_last_or_each(cursor, period, words[0]) if vague else ())
    if fixed and not expression.weekdays and (period.last - period.first).days > 6:
        raise AskBack(f"On which day of {quoted(cursor.text, period.span)} is that meant?")


def _of_last_or_each(cursor: Cursor, period: Period, part: HourWords) -> tuple[str, ...]:
    """By Friday evening: until the end of Friday's, or any evening until then."""
    limit, said = cursor.text[slice(*period.span)], cursor.text[slice(*part.span)]
    word, _, day = limit.partition(" ")
    together = not cursor.text[period.span[1] : part.span[0]].strip()
    if word.lower() != "by" or not together or f"{said.lower()}s" not in PART_WORDS:
        return ()
    return instead(cursor.text, (period.span[0], part.span[1]), f"{day} {said}", f"{said}s {limit}")


def check_midnight(cursor: Cursor, clause: Clause, days: Sequence[date]) -> None:
    """Friday at midnight: where Friday begins, or where it ends?"""
    words = [each for group in clause.groups for each in group]
    if len(words) != 1 or not isinstance(words[0], At) or not words[0].clock.midnight or len(set(days)) != 1:
        return
    spans = [words[0].span, *(expression.span for expression in clause.days)]
    span = (min(begins for begins, _ in spans), max(ends for _, ends in spans))
    ahead = [day for day in (days[0], days[0] + DAY) if day > cursor.today]
    choices = instead(cursor.text, span, *(f"{written(day, cursor.today)}, 0:00" for day in ahead))
    raise AskBack(f"Does {quoted(cursor.text, span)} begin that day, or end it?", choices)


def check_order(cursor: Cursor, named: list[tuple[Weekdays | None, date]]) -> None:
    """Said on a Wednesday, the Thursday of "Monday or Thursday" can be tomorrow or the one after that Monday.

    `named`: the first day of what is said, one after the other, with its words if they are a weekday only.
    """
    for (_, before), (words, day) in pairwise(named):
        if words is not None and day < before:
            later = next_on(day.weekday(), before)
            names = [written(each, cursor.today) for each in (day, later)]
            said = quoted(cursor.text, words.span)
            raise AskBack(f"Is {said} {names[0]} or {names[1]}?", instead(cursor.text, words.span, *names))


def check_hyphenated(cursor: Cursor, clause: Clause) -> None:
    """Saturday 12-19: from noon on, or the 19th of December, which is a Saturday?"""
    for words in (words for group in clause.groups for words in group):
        match = _HYPHENATED.fullmatch(cursor.text[slice(*words.span)])
        if match is None or not isinstance(words, Stretch):
            continue
        for day in _days_of(int(match[1]), int(match[2]), cursor.today):
            if any(day.weekday() in each.days for days in clause.days if days.dates is None for each in days.weekdays):
                said = quoted(cursor.text, words.span)
                names = (written(day, cursor.today, weekday=False), f"{match[1]}:00 to {match[2]}:00")
                question = f"Is {said} {names[0]}, or the hours from {match[1]} to {match[2]}?"
                raise AskBack(question, instead(cursor.text, words.span, *names))


def _days_of(a: int, b: int, today: date) -> list[date]:
    """The dates that are near and could be written as a-b."""
    ways = [(year, *way) for year in (today.year, today.year + 1) for way in ((a, b), (b, a))]
    days = [date(*way) for way in ways if exists(*way)]
    return [day for day in days if today <= day < today + _NEAR]
