"""Reads dates: "Fri Dec 4", "19 December 2026", "the 3rd or 4th", "3-8 December", "12/19", "19.12.", "2026-12-19".

`read_dates(cursor)` gives Dates, or a Period for a range, or None where no date begins. Which year or month is meant
where it is not said, `settling` says.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from autosync.time_phrases.asking import AskBack, Span, instead, quoted
from autosync.time_phrases.days import Dates, Period, months_later
from autosync.time_phrases.lexicon import (
    ALSO_VERBS,
    AND,
    MANY_WEEKDAYS,
    MONTHS,
    OR,
    ORDINALS,
    PART_WORDS,
    UNITS,
    WEEKDAYS,
)
from autosync.time_phrases.settling import Said, settled
from autosync.time_phrases.tokens import Cursor

TO = ("-", "to", "through", "thru", "until", "till", "til")
"""What stands between the ends of a range."""

_BEFORE_A_MONTH = frozenset({"in", "of", "early", "mid", "late", "this", "next", "-"})
_BESIDE_A_MONTH = frozenset({"", ",", *AND, *OR})
_HABITS = frozenset({"weekdays", "weekends", *MANY_WEEKDAYS})
_CLOCKS = frozenset({"am", "pm", "a", "p", "ish", "o'clock"})
_A_YEAR = re.compile(r"20[0-9]{2}")

Read = tuple[list[Said], bool]
"""The dates, and whether they are the ends of a range."""


def read_dates(cursor: Cursor, to: tuple[str, ...] = TO) -> Dates | Period | None:
    """The date, the dates or the range of dates that begins here. Raises AskBack where it could be another one.

    `to`: what may stand between the ends of a range.
    """
    start = cursor.at
    read = _read(cursor, to)
    if read is None:
        return None
    said, is_range = read
    after = cursor.at
    if len(said) == 1 and cursor.take(*to):
        last = _read(cursor, ())
        if last is not None and len(last[0]) == 1:
            return settled(cursor, [said[0], last[0][0]], start, is_range=True)
        cursor.at = after
    return settled(cursor, said, start, is_range=is_range)


def month_ahead(cursor: Cursor, by: int = 0) -> int | None:
    """The month that the token names, unless it is a verb there."""
    token = cursor.ahead(by)
    if token.text in ALSO_VERBS:
        before, after = cursor.ahead(by - 1), cursor.ahead(by + 1)
        dated = {"number", "ordinal"} & {before.kind, after.kind}
        alone = before.text in _BESIDE_A_MONTH and after.text in (*_BESIDE_A_MONTH, *PART_WORDS, *_HABITS)
        if not (dated or alone) and before.text not in _BEFORE_A_MONTH:
            return None
    return MONTHS.get(token.text)


def _read(cursor: Cursor, to: tuple[str, ...]) -> Read | None:
    """A date in any form, after the name of its day, if that is said."""
    start = cursor.at
    weekday = _weekday_before(cursor)
    after = cursor.at
    forms: tuple[Callable[[Cursor, tuple[str, ...]], Read | None], ...] = (
        _days_and_month, _month_and_days, _whole, _days_alone,
    )  # fmt: skip
    for form in forms:
        read = form(cursor, to)
        if read is not None:
            said, is_range = read
            if weekday is not None:
                span = (cursor.tokens[start].span[0], said[0].span[1])
                said[0] = replace(said[0], weekday=weekday, span=span)
            return said, is_range
        cursor.at = after
    cursor.at = start
    return None


def _weekday_before(cursor: Cursor) -> int | None:
    start = cursor.at
    cursor.take("this", "next", "the", "coming")
    weekday = WEEKDAYS.get(cursor.text_ahead)
    if weekday is None:
        cursor.at = start
        return None
    cursor.at += 1
    cursor.take(".")
    cursor.take(",")
    return weekday


def _days_and_month(cursor: Cursor, to: tuple[str, ...]) -> Read | None:
    """3 December, 3rd or 4th of December 2026, 3-8 December."""
    start = cursor.at
    cursor.take("the")
    numbers = _day_numbers(cursor, to)
    cursor.take("of")
    month = _month(cursor) if numbers else None
    if numbers is None or month is None:
        return None
    return _of_month(cursor, month, numbers, start)


def _month_and_days(cursor: Cursor, to: tuple[str, ...]) -> Read | None:
    """Dec 3, December 3rd 2026, Dec 3-8, Dec 3 or 4, Dec 3, 4 and 5."""
    start = cursor.at
    month = _month(cursor)
    if month is None:
        return None
    cursor.take("the")
    numbers = _day_numbers(cursor, to)
    if numbers is None:
        return None
    is_hours = cursor.text_ahead == "-" and cursor.ahead(1).kind == "number" and cursor.ahead(2).text in _CLOCKS
    if cursor.text_ahead in _CLOCKS or is_hours:
        words = quoted(cursor.text, cursor.span_since(start))
        raise AskBack(f"Is {words} a day or a time? Write it as December 19, 6-8pm.")
    return _of_month(cursor, month, numbers, start)


def _of_month(cursor: Cursor, month: int, numbers: tuple[list[int], bool], start: int) -> Read:
    year = _year(cursor)
    span = cursor.span_since(start)
    return [Said(year, month, day, span) for day in numbers[0]], numbers[1]


def _whole(cursor: Cursor, _: tuple[str, ...]) -> Read | None:
    """2026-12-19, 12/19, 19.12."""
    token = cursor.ahead()
    if token.kind not in ("iso", "slashed", "dotted"):
        return None
    if token.kind == "slashed" and (month_ahead(cursor, -1) or month_ahead(cursor, 1)):
        choices = instead(cursor.text, token.span, token.text.replace("/", " or "), token.text.replace("/", " to "))
        raise AskBack(f"Are all days of {quoted(cursor.text, token.span)} meant, or some?", choices)
    cursor.at += 1
    numbers = [int(digits) for digits in re.findall("[0-9]+", token.text)]
    if token.kind == "iso":
        return [Said(numbers[0], numbers[1], numbers[2], token.span)], False
    year = None if len(numbers) == 2 else 2000 + numbers[2] % 100
    if token.kind == "dotted":
        return [Said(year, numbers[1], numbers[0], token.span)], False
    return [Said(year, numbers[0], numbers[1], token.span, either_way=True)], False


def _days_alone(cursor: Cursor, to: tuple[str, ...]) -> Read | None:
    """The 19th, the 3rd or 4th, the 3rd to the 8th, the 5th of next month."""
    start = cursor.at
    cursor.take("the")
    of_weekdays = cursor.ahead(1).text in (*WEEKDAYS, "weekend") and cursor.ahead(2).text in ("of", "in")
    numbers = _day_numbers(cursor, to) if cursor.ahead().kind == "ordinal" and not of_weekdays else None
    if numbers is None:
        return None
    year, month = _relative_month(cursor)
    span: Span = cursor.span_since(start)
    return [Said(year, month, day, span) for day in numbers[0]], numbers[1]


def _relative_month(cursor: Cursor) -> tuple[int | None, int | None]:
    start = cursor.at
    cursor.take("of")
    if cursor.take_all("this", "month") or cursor.take_all("the", "month"):
        return cursor.today.year, cursor.today.month
    if cursor.take_all("next", "month"):
        following = months_later(cursor.today, 1)
        return following.year, following.month
    cursor.at = start
    return None, None


def _day_numbers(cursor: Cursor, to: tuple[str, ...]) -> tuple[list[int], bool] | None:
    """3; 3 or 4; 3, 4 and 5; 3-8; and whether it is a range."""
    first = _day_number(cursor)
    if first is None:
        return None
    after = cursor.at
    if cursor.take(*to):
        cursor.take("the")
        last = _day_number(cursor)
        if last is not None and cursor.text_ahead not in _CLOCKS:
            return [first, last], True
        cursor.at = after
        return [first], False
    numbers = [first]
    while (number := _listed(cursor)) is not None:
        numbers.append(number)
    return numbers, False


def _listed(cursor: Cursor) -> int | None:
    """One more day of the month after "or", "and" or a comma; after a comma alone a bare number can be an hour."""
    after = cursor.at
    comma, joined = cursor.take(","), cursor.take(*OR, *AND)
    cursor.take("the")
    number = _day_number(cursor) if comma or joined else None
    sure = joined or cursor.ahead(-1).kind == "ordinal" or cursor.text_ahead in (",", *OR, *AND)
    if number is not None and sure and cursor.text_ahead not in (*_CLOCKS, "-"):
        return number
    cursor.at = after
    return None


def _day_number(cursor: Cursor) -> int | None:
    token = cursor.ahead()
    number = ORDINALS.get(token.text, token.number)
    if number is None or not 1 <= number <= 31 or (token.kind == "number" and len(token.text) > 2):
        return None
    if cursor.ahead(1).text in UNITS:
        return None
    cursor.at += 1
    return number


def _month(cursor: Cursor) -> int | None:
    month = month_ahead(cursor)
    if month is not None:
        cursor.at += 1
        if cursor.text_ahead == "." and cursor.ahead().glued:
            cursor.at += 1
    return month


def _year(cursor: Cursor) -> int | None:
    start = cursor.at
    cursor.take(",")
    if cursor.ahead().kind == "number" and _A_YEAR.fullmatch(cursor.text_ahead):
        cursor.at += 1
        return int(cursor.ahead(-1).text)
    cursor.at = start
    return None
