"""Reads what a phrase says about the hours: "evenings", "after 6", "6-8pm", "between 2 and 4", "at 7", "from noon".

`read_hours(cursor)` gives one HourWords or None; what several of them mean together, `joining` says.
"""

from __future__ import annotations

from dataclasses import dataclass

from autosync.time_phrases.asking import AskBack, Span, quoted
from autosync.time_phrases.clocks import Clock, read_clock
from autosync.time_phrases.dates import TO
from autosync.time_phrases.lexicon import (
    BELTS,
    EDGES,
    EXCEPT,
    MANY_WEEKDAYS,
    NUMBERS,
    PART_PHRASES,
    PART_WORDS,
    PARTS,
    WEEKDAYS,
)
from autosync.time_phrases.tokens import Cursor

_AT = ("at", "@", "around", "about", "approx", "approximately", "roughly", "~", "circa", "starting", "beginning")
_ANY_TIME = (("anytime",), ("any", "time"), ("at", "any", "time"), ("whenever",), ("all", "day"))
_AFTER = ("after", "from", "past")
_BEFORE_A_HALF = frozenset({*WEEKDAYS, *MANY_WEEKDAYS, "today", "tomorrow", "weekday", "weekdays", "weekend", "the"})
_BEFORE = ("before", "by", "until", "till", "til")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the day, by its name in the lexicon. `many`: said as a habit, "evenings"."""

    name: str
    span: Span
    many: bool = False

    @property
    def hours(self) -> tuple[int, int]:
        """Its first and last minute of the day."""
        return PARTS[self.name]

    @property
    def belt(self) -> tuple[int, int]:
        """Within which minutes a clock time beside it may lie."""
        return BELTS[self.name.split()[-1]]


@dataclass(frozen=True, slots=True)
class At:
    """A beginning."""

    clock: Clock
    span: Span


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one clock time to another. `window`: said as "between", so that anything inside would do."""

    first: Clock
    last: Clock
    span: Span
    window: bool = False


@dataclass(frozen=True, slots=True)
class After:
    """That time or later. `limit`: said as what would not do, "not before 6"."""

    clock: Clock
    span: Span
    limit: bool = False


@dataclass(frozen=True, slots=True)
class Before:
    """That time or earlier. `limit`: said as what would not do, "not after 6"."""

    clock: Clock
    span: Span
    limit: bool = False


@dataclass(frozen=True, slots=True)
class AnyTime:
    """No hours are asked for, and that is said. `without`: but for these."""

    span: Span
    without: tuple[Stretch, ...] = ()


HourWords = Part | At | Stretch | After | Before | AnyTime


def read_hours(cursor: Cursor) -> HourWords | None:
    """The words about hours that begin here. Raises AskBack for a time that no clock shows."""
    start = cursor.at
    for form in (_any_time, _part, _negated, _between, _after, _before, _at):
        found = form(cursor, start)
        if found is not None:
            return found
        cursor.at = start
    return None


def _any_time(cursor: Cursor, start: int) -> AnyTime | None:
    whole = cursor.text_ahead == "all" and cursor.ahead(1).text in ("weekend", "this", "next")
    cursor.at += whole
    if not whole and not any(cursor.take_all(*words) for words in _ANY_TIME):
        return None
    without: list[Stretch] = []
    after = cursor.at
    while cursor.take(*(("or",) if without else EXCEPT)):
        found = _between(cursor, cursor.at) if cursor.text_ahead == "between" else None
        if found is None:
            break
        without.append(found)
        after = cursor.at
    cursor.at = after
    return AnyTime(cursor.span_since(start), tuple(without))


def _part(cursor: Cursor, start: int) -> Part | None:
    """Evenings, late afternoon, any morning, after work."""
    for phrase in PART_PHRASES:
        if cursor.take_all(*phrase.split()):
            return Part(phrase, cursor.span_since(start))
    if cursor.ahead().text in ("am", "pm"):
        return _half_alone(cursor, start)
    any_of_them = cursor.take("any", "an", "a", "some", "one")
    edge = EDGES.get(cursor.text_ahead, "")
    cursor.at += bool(edge)
    if edge:
        cursor.take("-")
    word = cursor.text_ahead
    name = f"{edge} {PART_WORDS.get(word, '')}".strip()
    if name not in PARTS:
        return None
    cursor.at += 1
    if name in ("lunch", "dinner", "brunch", "breakfast"):
        cursor.take("time", "hour")
    return Part(name, cursor.span_since(start), many=any_of_them or word.endswith("s"))


def _half_alone(cursor: Cursor, start: int) -> Part | None:
    """The am of "Friday am" is its morning, and pm the afternoon."""
    before = cursor.ahead(-1)
    if start == 0 or (before.text not in _BEFORE_A_HALF and before.kind not in ("ordinal", "dotted", "slashed", "iso")):
        return None
    cursor.at += 1
    return Part({"am": "morning", "pm": "afternoon"}[cursor.ahead(-1).text], cursor.span_since(start))


def _negated(cursor: Cursor, start: int) -> After | Before | None:
    """Not before 10, no later than 8pm, except after 9."""
    if not cursor.take(*EXCEPT):
        return None
    later = cursor.take("before", "until", "till") or cursor.take_all("earlier", "than")
    earlier = not later and (cursor.take("after", "past") or cursor.take_all("later", "than"))
    clock = read_clock(cursor) if later or earlier else None
    if clock is None or (cursor.tokens[start].text not in ("not", "no") and cursor.text_ahead in ("on", *WEEKDAYS)):
        return None
    span = cursor.span_since(start)
    return After(clock, span, limit=True) if later else Before(clock, span, limit=True)


def _between(cursor: Cursor, start: int) -> Stretch | None:
    """Between 2 and 4, from 6 to 8pm, 6-8pm."""
    window = cursor.take("between")
    if not window:
        cursor.take("from", *_AT)
    introduced, word = cursor.ahead(-1).text if cursor.at > start else "", cursor.ahead()
    first = read_clock(cursor)
    if first is None or not (cursor.take(*TO) or (window and cursor.take("and", "&"))):
        return None
    minutes_to = cursor.ahead(-1).text == "to" and first.naked and (introduced == "at" or word.text in NUMBERS)
    last = read_clock(cursor)
    if last is None:
        return None
    span = cursor.span_since(start)
    if minutes_to and introduced not in ("between", "from"):
        said = quoted(cursor.text, span)
        raise AskBack(f"Is {said} a time shortly before the hour, or from one hour to another? Write it as 5pm-7pm.")
    return Stretch(first, last, span, window)


def _after(cursor: Cursor, start: int) -> After | None:
    """After 6, from noon on, 6pm or later, 7pm+."""
    introduced = cursor.take(*_AFTER)
    if introduced:
        cursor.take("at", "from", "about", "around")
    clock = read_clock(cursor)
    if clock is None:
        return None
    later = (
        cursor.take_all("or", "later") or cursor.take_all("and", "later") or cursor.take_all("or", "after")
        or cursor.take("onwards", "onward") or (introduced and cursor.take("on")) or _plus(cursor)
    )  # fmt: skip
    return After(clock, cursor.span_since(start)) if introduced or later else None


def _plus(cursor: Cursor) -> bool:
    return cursor.ahead().glued and cursor.ahead(1).kind not in ("number", "clock") and cursor.take("+")


def _before(cursor: Cursor, start: int) -> Before | None:
    introduced = cursor.take(*_BEFORE) or cursor.take_all("up", "to")
    clock = read_clock(cursor)
    if clock is None:
        return None
    earlier = cursor.take_all("or", "earlier") or cursor.take_all("or", "before")
    return Before(clock, cursor.span_since(start)) if introduced or earlier else None


def _at(cursor: Cursor, start: int) -> At | None:
    """At 7, 7pm, about 5; a bare number stays naked."""
    introduced = cursor.take("at", "@")
    while cursor.take(*_AT):
        introduced = True
    is_word = cursor.ahead().kind == "word"
    clock = read_clock(cursor)
    if clock is None or (is_word and clock.naked and not introduced):
        return None  # the one of "one evening"
    if introduced:
        clock = Clock(clock.minutes, clock.span, clock.known, clock.midnight, naked=False, full=clock.full)
    return At(clock, cursor.span_since(start))
