"""Says which known word somebody may have meant: "tuseday" looks like "tuesday".

`looks_like(word)` only suggests, nothing is mended; of two words as near it suggests none.
"""

from __future__ import annotations

import re
from functools import lru_cache

from autosync.time_phrases.asking import Span
from autosync.time_phrases.lexicon import MANY_WEEKDAYS, MONTHS, PART_WORDS, WEEKDAYS

_SHORTEST, _LONGEST = 5, 12
_OTHERS = (
    "today",
    "tomorrow",
    "tonight",
    "weekend",
    "weekends",
    "weekday",
    "weekdays",
    "except",
    "between",
    "midnight",
)
_SLIPS = {
    "wensday": "Wednesday", "wendsday": "Wednesday", "wensdays": "Wednesdays", "nxt": "next", "2moro": "tomorrow",
    "2morrow": "tomorrow", "2mrw": "tomorrow", "tomoro": "tomorrow", "2nite": "tonight", "nite": "night",
    "wknd": "weekend", "wkend": "weekend", "mornin": "morning", "thurday": "Thursday",
}  # fmt: skip
_SLIP = re.compile(rf"\b({'|'.join(_SLIPS)})\b", re.IGNORECASE)
_KNOWN = tuple(sorted(word for word in {*WEEKDAYS, *MANY_WEEKDAYS, *MONTHS, *PART_WORDS, *_OTHERS} if len(word) >= 5))


def slip_in(text: str) -> tuple[Span, str] | None:
    """Where the first common slip is, and what is meant."""
    found = _SLIP.search(text)
    return None if found is None else (found.span(), _SLIPS[found.group().lower()])


@lru_cache(maxsize=1_024)
def looks_like(word: str) -> str | None:
    """The one known word that is nearest, at most two slips of the finger away; None if there is none, or two."""
    if not _SHORTEST <= len(word) <= _LONGEST:
        return None
    distances = sorted((_slips(word, known), known) for known in _KNOWN)
    (nearest, found), (second, _) = distances[:2]
    return _as_written(found) if 0 < nearest <= min(2, len(word) // 4) and nearest < second else None


def _as_written(word: str) -> str:
    return word.capitalize() if word in WEEKDAYS or word in MANY_WEEKDAYS or word in MONTHS else word


def _slips(a: str, b: str) -> int:
    """How many letters were left out, added, changed or swapped with their neighbour."""
    if abs(len(a) - len(b)) > 2:
        return 3
    before_last: list[int] = []
    last = list(range(len(b) + 1))
    for i, letter in enumerate(a, start=1):
        row = [i]
        for j, other in enumerate(b, start=1):
            slips = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == b[j - 2] and a[i - 2] == other:
                slips = min(slips, before_last[j - 2] + 1)
            row.append(slips)
        before_last, last = last, row
    return last[-1]
