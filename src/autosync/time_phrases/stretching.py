"""Which half of the day the ends of "10-1pm", "6-8", "from 9 to 5" are in.

`ends_of` gives minutes since the day's midnight, the end maybe beyond the next one. What is said of one end tells the
other; where two readings are left, it raises AskBack.
"""

from __future__ import annotations

from autosync.time_phrases.asking import AskBack, instead, quoted
from autosync.time_phrases.clocks import HALF_A_DAY, MIDNIGHT, Clock, ask_which_half, minutes_of
from autosync.time_phrases.hours import Part, Stretch
from autosync.time_phrases.tokens import Cursor

_SMALL_HOURS = 4 * 60


def ends_of(cursor: Cursor, words: Stretch, part: Part | None) -> tuple[int, int]:
    """When it begins and ends. `part`: the part of the day that is said beside it."""
    begins = _begin(cursor, words, part)
    lasts = _lasts(cursor, words, begins)
    if part is not None and not part.belt[0] <= begins < part.belt[1]:
        raise AskBack(f"{quoted(cursor.text, words.span)} is not in the {part.name}: which one is meant?")
    return begins, begins + lasts


def _begin(cursor: Cursor, words: Stretch, part: Part | None) -> int:
    first, last = words.first, words.last
    if first.midnight:
        raise AskBack("Midnight begins and ends a day: write it with its date, as 2026-12-19 00:00.")
    if first.known:
        return first.minutes
    if part is not None:
        fitting = [way for way in (first.early, first.late) if part.belt[0] <= way < part.belt[1]]
        if len(fitting) == 1:
            return fitting[0]
    if not last.known:
        return first.early if _would_last_all_night(first, last) else minutes_of(cursor, first)
    return _begin_before(cursor, words)


def _would_last_all_night(first: Clock, last: Clock) -> bool:
    """Whether "9-5" would end after 4 in the morning, if it began in the evening."""
    return _SMALL_HOURS < last.early < first.early and first.minutes < HALF_A_DAY and first.minutes >= 8 * 60


def _begin_before(cursor: Cursor, words: Stretch) -> int:
    """The bare beginning of what has an end that is known."""
    first, last = words.first, words.last
    said = cursor.text[last.span[0] : last.span[1]].lower()
    if last.full and not last.midnight:
        if first.minutes < 8 * 60:
            ask_which_half(cursor, first)
        return first.minutes
    if last.minutes % HALF_A_DAY == 0 and said[0].isdigit() and not last.full:
        _ask_which_twelve(cursor, last)
    if last.midnight:
        return first.late
    return min((first.early, first.late), key=lambda begins: (last.minutes - begins - 1) % MIDNIGHT)


def _ask_which_twelve(cursor: Cursor, last: Clock) -> None:
    question = f"Is {quoted(cursor.text, last.span)} noon or midnight?"
    raise AskBack(question, instead(cursor.text, last.span, "noon", "midnight"))


def _lasts(cursor: Cursor, words: Stretch, begins: int) -> int:
    """Its minutes: to the next such time, at most half a day on, unless both ends are known and on one day."""
    first, last = words.first, words.last
    said = cursor.text[last.span[0] : last.span[1]]
    if last.minutes % HALF_A_DAY == 0 and said[0].isdigit() and not last.full:
        half = (last.minutes - begins) % MIDNIGHT
        if half > HALF_A_DAY:  # 10am-12am is more likely a slip
            _ask_which_twelve(cursor, last)
    if last.midnight:
        return MIDNIGHT - begins
    if last.known or (first.full and ":" in said):
        lasts = (last.minutes - begins) % MIDNIGHT
        overnight = last.minutes <= begins
    else:
        lasts = min((last.early - begins - 1) % MIDNIGHT, (last.late - begins - 1) % MIDNIGHT) + 1
        overnight = False
    whole_day = first.known and last.known and not overnight
    if lasts == 0 or (lasts >= HALF_A_DAY and not whole_day):
        raise AskBack(f"When does {quoted(cursor.text, words.span)} begin and end? Write it as 6pm to 8pm.")
    return lasts
