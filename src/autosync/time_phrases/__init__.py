"""Reads what an organizer types about time: "next week evenings", "Tue or Wed after 6", "Dec 19 at 18:00".

`read_phrase(text, now=…, zone=…)` gives Asked (windows), Exact (one time) or Unclear (a question). It never guesses: a
word that it does not know, and words that have two plausible readings, make a phrase unclear. English only.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from autosync.model import Unusable
from autosync.option_times import read_option
from autosync.time_phrases.answering import answer, exact, typed
from autosync.time_phrases.answers import Asked, Exact, Unclear
from autosync.time_phrases.asking import AskBack
from autosync.time_phrases.instants import read_stamps
from autosync.time_phrases.reading import read_words
from autosync.time_phrases.tokens import Cursor, plain

__all__ = ["Asked", "Exact", "Unclear", "read_phrase"]

LONGEST: Final = 200
"""Characters of a phrase."""


def read_phrase(
    text: str, *, now: datetime, zone: ZoneInfo, lasting: timedelta | None = None
) -> Asked | Exact | Unclear:
    """What the phrase asks for, on the clocks of `zone`, as said at `now` (aware). Never raises, whatever the text.

    `lasting`: how long the meeting takes, as far as the caller knows. It is needed where a phrase names more than one
    beginning ("Tue or Wed at 7pm"): its windows are then just so long.
    """
    if len(text) > LONGEST:
        return Unclear(f"That is too long: say it in at most {LONGEST} characters, like Friday evening.")
    settled = plain(text)
    cursor = Cursor(settled, now.astimezone(zone).date())
    try:
        written = _written_out(settled, zone)
        if written is not None:
            return exact(*written, now=now, zone=zone)
        return answer(cursor, read_words(cursor), now=now.astimezone(UTC), zone=zone, lasting=lasting)
    except AskBack as asked:
        return Unclear(asked.question, tuple(choice for choice in asked.choices if len(choice) <= LONGEST))


def _written_out(text: str, zone: ZoneInfo) -> tuple[datetime, datetime | None] | None:
    """A time as options are typed, 2026-12-19 18:00 to 20:00, or with its offset."""
    stamps = read_stamps(text)
    if stamps is not None:
        return stamps
    try:
        begins, ends = read_option(text, zone)
    except Unusable:
        return None
    return typed(begins, ends, zone) if ends is None or ends > begins else None
