"""Reads months and parts of them: "January", "next month", "first week of December", "mid-December".

`read_month(cursor)` gives a Period or None. Early is until the 10th, mid the 11th to 20th, late from the 21st, the
first week the 1st to 7th, the end (and the last week) the last seven days.
"""

from __future__ import annotations

from datetime import date

from autosync.time_phrases.asking import AskBack, quoted
from autosync.time_phrases.dates import month_ahead
from autosync.time_phrases.days import DAY, FARTHEST, SOON, Period, last_of_month, months_later
from autosync.time_phrases.lexicon import ORDINALS
from autosync.time_phrases.tokens import Cursor

Share = tuple[int, int | None]
"""The first and the last day of the month (None: its end); a negative first day counts from the end."""

_WHOLE: Share = (1, None)
_SHARES: dict[tuple[str, ...], Share] = {
    ("early", "in"): (1, 10), ("early",): (1, 10), ("beginning", "of"): (1, 10), ("start", "of"): (1, 10),
    ("mid", "-"): (11, 20), ("mid",): (11, 20), ("middle", "of"): (11, 20),
    ("late", "in"): (21, None), ("late",): (21, None), ("end", "of"): (-7, None),
    ("first", "half", "of"): (1, 15), ("second", "half", "of"): (16, None),
    ("rest", "of"): _WHOLE, ("later",): _WHOLE,
}  # fmt: skip


def read_month(cursor: Cursor) -> Period | None:
    """The month, or the part of one, that begins here. Raises AskBack where it is past or could be another one."""
    start = cursor.at
    cursor.take("the")
    share = _share(cursor)
    first = month_begins(cursor, of_all=share is None)
    if first is None:
        cursor.at = start
        return None
    begins, ends = _days_of(first, share or _WHOLE)
    said = quoted(cursor.text, cursor.span_since(start))
    if ends < cursor.today:
        raise AskBack(f"{said} is past: name days from today on.")
    if begins - cursor.today > FARTHEST:
        raise AskBack(f"{said} is more than a year ahead: name nearer days.")
    return Period(max(begins, cursor.today), ends, cursor.span_since(start))


def month_begins(cursor: Cursor, *, of_all: bool = False) -> date | None:
    """Takes a month, "this month" or "next month" (or "the month", unless `of_all`): its first day.

    A month without a year is this one or the next of its name. Raises AskBack where that is not likely.
    """
    start, today = cursor.at, cursor.today
    if cursor.take_all("this", "month") or (not of_all and cursor.take_all("the", "month")):
        return today.replace(day=1)
    if cursor.take_all("next", "month"):
        return months_later(today, 1)
    is_next = cursor.text_ahead == "next"
    cursor.take("this", "next")
    month = month_ahead(cursor)
    if month is None:
        cursor.at = start
        return None
    cursor.at += 1
    year = _year(cursor)
    first = date(year or today.year + (month < today.month), month, 1)
    if year is None and ((is_next and first.year == today.year) or first - today > SOON):
        said = quoted(cursor.text, cursor.span_since(start))
        raise AskBack(f"{said} can be that of more than one year: say it with its year.")
    return first


def _share(cursor: Cursor) -> Share | None:
    for words, share in _SHARES.items():
        if cursor.take_all(*words):
            return share
    start = cursor.at
    token = cursor.ahead()
    number = -1 if token.text == "last" else ORDINALS.get(token.text, token.number if token.kind == "ordinal" else None)
    cursor.at += 1
    if number is not None and number <= 4 and cursor.take("week") and cursor.take("of", "in"):
        return (-7, None) if number == -1 else (7 * number - 6, 7 * number)
    cursor.at = start
    return None


def _days_of(first: date, share: Share) -> tuple[date, date]:
    begin, end = share
    last = last_of_month(first)
    begins = last + (begin + 1) * DAY if begin < 0 else first + (begin - 1) * DAY
    return begins, last if end is None else first + (end - 1) * DAY


def _year(cursor: Cursor) -> int | None:
    start = cursor.at
    cursor.take(",")
    token = cursor.ahead()
    if token.kind == "number" and len(token.text) == 4 and token.text.startswith("20"):
        cursor.at += 1
        return int(token.text)
    cursor.at = start
    return None
