"""Reads how long it takes: "for 2 hours", "90 min", "1h30", "an hour and a half", "1.5 hours".

`read_duration(cursor)` gives a timedelta or None. Days are no duration here.
"""

from __future__ import annotations

from datetime import timedelta

from autosync.time_phrases.asking import AskBack, quoted
from autosync.time_phrases.lexicon import MINUTES_IN, NUMBERS, TENS
from autosync.time_phrases.tokens import Cursor

_SHORTEST, _LONGEST = 5, 12 * 60


def read_duration(cursor: Cursor) -> timedelta | None:
    """The duration that begins here. Raises AskBack for one that no meeting has."""
    start = cursor.at
    cursor.take("for", "lasting", "takes", "taking")
    cursor.take("about", "around")
    minutes = _half_an_hour(cursor) or _counted(cursor)
    if minutes is None:
        cursor.at = start
        return None
    cursor.take("long")
    if not _SHORTEST <= minutes <= _LONGEST or minutes != int(minutes):
        said = quoted(cursor.text, cursor.span_since(start))
        raise AskBack(f"{said} is no length of a meeting: say whole minutes or hours, from 5 minutes to 12 hours.")
    return timedelta(minutes=int(minutes))


def _half_an_hour(cursor: Cursor) -> float | None:
    start = cursor.at
    cursor.take("a")
    if cursor.take("half"):
        cursor.take("-")
        cursor.take("an", "a")
        if cursor.take("hour"):
            return 30
    cursor.at = start
    return None


def _counted(cursor: Cursor) -> float | None:
    """2 hours, 1 hour 30 minutes, 1h30, an hour and a half."""
    number = 2 if cursor.take_all("a", "couple", "of") or cursor.take_all("a", "couple") else _number(cursor)
    cursor.take("-")
    unit = MINUTES_IN.get(cursor.text_ahead)
    if number is None or unit is None:
        return None
    cursor.at += 1
    minutes = number * unit
    return minutes if unit == 1 else minutes + _rest(cursor)


def _rest(cursor: Cursor) -> float:
    """What follows whole hours."""
    start = cursor.at
    token = cursor.ahead()
    if token.kind == "number" and token.glued and len(token.text) == 2:
        cursor.at += 1
        cursor.take("m", "min")
        return int(token.text)
    if cursor.take_all("and", "a", "half"):
        return 30
    cursor.take("and")
    number = _number(cursor)
    if number is not None and MINUTES_IN.get(cursor.text_ahead) == 1:
        cursor.at += 1
        return number
    cursor.at = start
    return 0


def _number(cursor: Cursor) -> float | None:
    token = cursor.ahead()
    cursor.at += 1
    if token.kind == "decimal" or (token.kind == "clock" and "." in token.text):
        return float(token.text) if len(token.text) < 6 else None
    if token.kind == "number":
        return float(token.text) if len(token.text) < 4 else None
    word = {"a": 1, "an": 1, **NUMBERS, **TENS}.get(token.text)
    if word and cursor.take_all("and", "a", "half"):
        return word + 0.5
    if word and word >= 20 and cursor.ahead().text in NUMBERS:
        cursor.at += 1
        word += NUMBERS[cursor.ahead(-1).text]
    return word
