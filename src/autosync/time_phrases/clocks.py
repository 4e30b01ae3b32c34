"""Reads clock times: "6", "6pm", "18:00", "7.30", "half past six", "noon", "5ish"; and settles which half of the day.

`read_clock(cursor)` gives a Clock or None; `minutes_of` says which minute of the day it is. A bare hour from 12 to 7 is
after noon; a bare 8 to 11 is asked about, unless a part of the day beside it says which.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from autosync.time_phrases.asking import AskBack, Span, instead, quoted
from autosync.time_phrases.dates import month_ahead
from autosync.time_phrases.lexicon import NUMBERS, TENS, UNITS, WEEKDAYS
from autosync.time_phrases.tokens import Cursor, Token

HALF_A_DAY: Final = 12 * 60
MIDNIGHT: Final = 24 * 60

_HOURS = frozenset({"h", "hr", "hrs", "hours"})
_O_CLOCK = (("o'clock",), ("o", "clock"), ("oclock",))


@dataclass(frozen=True, slots=True)
class Clock:
    """`minutes` of the day as said. `known`: which half of the day is said too; else it is less than 13:00.

    `midnight`: 0:00 by name or as 12am, which people say of the beginning and of the end of a day. `naked`: a bare
    number, that could be something else. `full`: written with four digits or more than 12 hours.
    """

    minutes: int
    span: Span
    known: bool = False
    midnight: bool = False
    naked: bool = False
    full: bool = False

    @property
    def early(self) -> int:
        """If it is before noon."""
        return self.minutes % HALF_A_DAY

    @property
    def late(self) -> int:
        """If it is after noon."""
        return self.early + HALF_A_DAY


def read_clock(cursor: Cursor) -> Clock | None:
    """The time of day that begins here. Raises AskBack for one that no clock shows."""
    start = cursor.at
    for form in (_by_name, _in_words, _in_digits):
        found = form(cursor)
        if found is not None:
            return found
        cursor.at = start
    return None


def minutes_of(cursor: Cursor, clock: Clock) -> int:
    """Minutes since the day's midnight, where nothing beside the clock says which half of the day. Raises AskBack."""
    if clock.known:
        return clock.minutes
    if 8 * 60 <= clock.minutes < HALF_A_DAY:
        ask_which_half(cursor, clock)
    return clock.late


def ask_which_half(cursor: Cursor, clock: Clock) -> None:
    """Raises AskBack with both."""
    shown = clock_written(clock.early).removesuffix(" AM")
    question = f"Is {quoted(cursor.text, clock.span)} in the morning or in the evening?"
    raise AskBack(question, instead(cursor.text, clock.span, f"{shown}am", f"{shown}pm"))


def clock_written(minutes: int) -> str:
    """As "6:30 PM", "noon", "midnight"; of minutes since a midnight, maybe of the day before."""
    hour, minute = divmod(minutes % MIDNIGHT, 60)
    if minute == 0 and hour in (0, 12):
        return "noon" if hour else "midnight"
    shown = f"{(hour - 1) % 12 + 1}:{minute:02}" if minute else f"{(hour - 1) % 12 + 1}"
    return f"{shown} {'PM' if hour >= 12 else 'AM'}"


def _by_name(cursor: Cursor) -> Clock | None:
    start = cursor.at
    cursor.take("12")
    if cursor.take("noon", "midday"):
        return Clock(HALF_A_DAY, cursor.span_since(start), known=True)
    if cursor.take("midnight"):
        return Clock(0, cursor.span_since(start), known=True, midnight=True)
    return None


def _in_words(cursor: Cursor) -> Clock | None:
    """Half past six, quarter to 7."""
    start = cursor.at
    cursor.take("a")
    share = {"half": 30, "quarter": 15}.get(cursor.text_ahead)
    if share is None:
        return None
    cursor.at += 1
    if not cursor.take("past", "after", "to", "of", "before"):
        return None
    to = cursor.ahead(-1).text in ("to", "of", "before")
    if share == 30 and to:
        return None
    hour = _hour(cursor)
    if hour is None or not 1 <= hour <= 12:
        return None
    minutes = (hour * 60 - share if to else hour * 60 + share) % HALF_A_DAY
    return _with_half(cursor, minutes if minutes >= 60 else minutes + HALF_A_DAY, start)


def _in_digits(cursor: Cursor) -> Clock | None:
    start = cursor.at
    token = cursor.ahead()
    if token.kind == "clock":
        cursor.at += 1
        return _with_half(cursor, _of_digits(cursor, token, start), start)
    if token.kind == "number" and len(token.text) in (3, 4):
        return _without_colon(cursor, token)
    hour = _hour(cursor)
    if hour is None or _counts_something(cursor):
        return None
    minute = TENS.get(cursor.text_ahead, 0) if token.kind == "word" else 0
    cursor.at += minute in (15, 30)
    return _with_half(cursor, _checked(cursor, hour, minute if minute in (15, 30) else 0, start), start)


def _hour(cursor: Cursor) -> int | None:
    token = cursor.ahead()
    cursor.at += 1
    if token.text in NUMBERS:
        return NUMBERS[token.text]
    return token.number if token.kind == "number" and len(token.text) <= 2 else None


def _counts_something(cursor: Cursor) -> bool:
    """Whether the number just read is one of hours, days, or December."""
    unit = cursor.ahead()
    if unit.text in _HOURS and unit.glued and cursor.ahead(-2).text in ("at", "@"):
        return False
    return unit.text in UNITS or (cursor.text_ahead == "of") or month_ahead(cursor) is not None


def _without_colon(cursor: Cursor, token: Token) -> Clock | None:
    """1830, 630pm; not the year 2026."""
    start = cursor.at
    cursor.at += 1
    minutes = _checked(cursor, int(token.text[:-2]), int(token.text[-2:]), start)
    if cursor.text_ahead in ("am", "pm"):
        return _with_half(cursor, minutes, start)
    year_like = token.text.startswith("20") and cursor.ahead(-2).text not in (
        "at",
        "from",
        "after",
        "until",
        "till",
        "-",
    )
    if len(token.text) == 4 and not year_like:
        return _with_half(cursor, minutes, start)
    return None


def _of_digits(cursor: Cursor, token: Token, start: int) -> int:
    hour, minute = re.split("[:.]", token.text)
    return _checked(cursor, int(hour), int(minute), start)


def _checked(cursor: Cursor, hour: int, minute: int, start: int) -> int:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        span = cursor.span_since(start)
        is_day = (
            cursor.tokens[start - 1].text in WEEKDAYS and 25 <= hour <= 31 and cursor.text[slice(*span)] == str(hour)
        )
        choices = instead(cursor.text, span, f"{hour}{'st' if hour == 31 else 'th'}") if is_day else ()
        raise AskBack(f"No clock shows {quoted(cursor.text, span)}: write a time as 18:00 or 6pm.", choices)
    return hour * 60 + minute


def _with_half(cursor: Cursor, minutes: int, start: int) -> Clock:
    """Takes am or pm, o'clock and -ish."""
    first = cursor.tokens[start]
    bare = cursor.at == start + 1 and (first.kind == "word" or (first.kind == "number" and len(first.text) <= 2))
    four_digits = first.kind in ("clock", "number") and len(first.text) > 3 and first.text.startswith("0")
    full = four_digits or minutes >= 13 * 60
    o_clock = any(cursor.take_all(*words) for words in _O_CLOCK) or _take_hours(cursor)
    half = _half(cursor)
    approximate = cursor.take("ish") or cursor.take_all("-", "ish")
    half = half or (_half(cursor) if approximate else "")
    span = cursor.span_since(start)
    if half:
        if minutes >= 13 * 60 or minutes < 60:
            raise AskBack(f"No clock shows {quoted(cursor.text, span)}: write a time as 18:00 or 6pm.")
        minutes = minutes % HALF_A_DAY + HALF_A_DAY * (half == "pm")
        return Clock(minutes, span, known=True, midnight=minutes == 0)
    _no_dotted_date(cursor, start)
    naked = bare and not (o_clock or approximate)
    known, midnight = full or minutes < 60, minutes == MIDNIGHT
    return Clock(minutes % MIDNIGHT, span, known=known, midnight=midnight, naked=naked, full=full)


def _take_hours(cursor: Cursor) -> bool:
    """The h of 18:00h, or of "at 18h"."""
    return cursor.ahead(-1).kind in ("clock", "number") and cursor.take(*_HOURS)


def _half(cursor: Cursor) -> str:
    glued = cursor.ahead().glued
    if cursor.take("am", "pm") or (glued and cursor.take("a", "p")):
        return cursor.ahead(-1).text[0] + "m"
    return ""


def _no_dotted_date(cursor: Cursor, start: int) -> None:
    """Raises AskBack for 19.12, which is a day or a time."""
    token, before = cursor.tokens[start], cursor.tokens[start - 1].text if start else ""
    if token.kind != "clock" or "." not in token.text or before in ("at", "@"):
        return
    a, b = (int(digits) for digits in token.text.split("."))
    # A month comes first only in a slip; odd minutes are one more sign of it.
    if (1 <= a <= 31 and 1 <= b <= 12) or (1 <= a <= 12 and 1 <= b <= 31 and b % 5):
        words = quoted(cursor.text, token.span)
        day = f"{token.text}." if b <= 12 else token.text.replace(".", "/")
        choices = instead(cursor.text, token.span, day, "at " + token.text.replace(".", ":"))
        raise AskBack(f"{words} can be a day or a time: which one?", choices)
