"""Reads weeks: "this week", "next week", "the week after next", "early next week", "the week of December 14".

`read_week(cursor)` gives a Period or None. Early is Monday and Tuesday, mid is Tuesday to Thursday, late is Thursday
and Friday.
"""

from __future__ import annotations

from datetime import date

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.dates import read_dates
from autosync.time_phrases.days import DAY, WEEK, Dates, Period, monday_of, written
from autosync.time_phrases.lexicon import SUNDAY, WEEK_UNITS
from autosync.time_phrases.tokens import Cursor

_SHARES = {
    ("early",): (0, 1), ("beginning", "of"): (0, 1), ("start", "of"): (0, 1),
    ("mid", "-"): (1, 3), ("mid",): (1, 3), ("middle", "of"): (1, 3), ("late",): (3, 4),
}  # fmt: skip
"""Which days of the week, Monday being 0."""


def read_week(cursor: Cursor) -> Period | None:
    """The week, or the part of one, that begins here. Raises AskBack where it is past or could be another one."""
    start = cursor.at
    both = _both_weeks(cursor, start)
    if both is not None:
        return both
    cursor.take("the")
    share = next((days for words, days in _SHARES.items() if cursor.take_all(*words)), None)
    words = "" if share else _open_share(cursor)
    monday = _monday(cursor, start, of_part=bool(share or words))
    if monday is None:
        cursor.at = start
        return None
    first, last = share or (0, 6)
    if words == "end":
        _ask_which_end(cursor, monday, start)
    if words == "later":
        first = 3 if monday > cursor.today else cursor.today.weekday() + 1
        last = 4 if monday > cursor.today else 6
    begins, ends = max(monday + first * DAY, cursor.today), monday + last * DAY
    if ends < begins:
        raise AskBack(f"{quoted(cursor.text, cursor.span_since(start))} is past: name days from today on.")
    return Period(begins, ends, cursor.span_since(start))


def _both_weeks(cursor: Cursor, start: int) -> Period | None:
    """This or next week, this week or next."""
    short = cursor.take_all("this", "or", "next", "week")
    if short or (cursor.take_all("this", "week", "or", "next") and cursor.ahead().kind != "word"):
        if cursor.today.weekday() != SUNDAY:
            return Period(cursor.today, monday_of(cursor.today) + WEEK + SUNDAY * DAY, cursor.span_since(start))
        raise AskBack(
            "This week ends today: which days are meant?", instead(cursor.text, cursor.span_since(start), "next week")
        )
    cursor.at = start
    return None


def _open_share(cursor: Cursor) -> str:
    if cursor.take_all("rest", "of") or cursor.take_all("remainder", "of"):
        return "rest"
    if cursor.take_all("end", "of"):
        return "end"
    return "later" if cursor.take("later") else ""


def _monday(cursor: Cursor, start: int, *, of_part: bool) -> date | None:
    """The Monday of the week that the next words name; "the week" is this one in "the rest of the week"."""
    this = monday_of(cursor.today)
    cursor.take("the")
    if cursor.take_all("week", "after", "next"):
        return this + 2 * WEEK
    if cursor.take_all("week", "of") or cursor.take_all("week", "from"):
        return _week_of(cursor)
    if _ahead(cursor, "coming") or _ahead(cursor, "this", "coming") or _ahead(cursor, "following"):
        raise AskBack(
            f"{quoted(cursor.text, cursor.span_since(start))} can be more than one week: which days are meant?",
            instead(cursor.text, cursor.span_since(start), "this week", "next week"),
        )
    if _ahead(cursor, "next"):
        return this + WEEK
    if _ahead(cursor, "this") or (of_part and cursor.take(*WEEK_UNITS)):
        if cursor.today.weekday() == SUNDAY:
            choices = instead(cursor.text, cursor.span_since(start), "today", "next week")
            raise AskBack("This week ends today: is it today or next week that is meant?", choices)
        return this
    return None


def _ahead(cursor: Cursor, *words: str) -> bool:
    """Takes the words if "week" follows them."""
    return any(cursor.take_all(*words, week) for week in ("week", "wk"))


def _week_of(cursor: Cursor) -> date | None:
    inside = read_dates(cursor)
    if isinstance(inside, Dates) and len(inside.dates) == 1:
        return monday_of(inside.dates[0])
    return None


def _ask_which_end(cursor: Cursor, monday: date, start: int) -> None:
    span = cursor.span_since(start)
    before = f"{written(monday + 3 * DAY, cursor.today)} or {written(monday + 4 * DAY, cursor.today)}"
    weekend = f"{written(monday + 5 * DAY, cursor.today)} or {written(monday + 6 * DAY, cursor.today)}"
    choices = instead(cursor.text, span, before, weekend) if monday + 3 * DAY > cursor.today else ()
    raise AskBack(f"{quoted(cursor.text, span)} can be before its weekend or the weekend: name the days.", choices)
