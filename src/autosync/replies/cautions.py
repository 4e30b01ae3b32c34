"""What a vote or a refusal must pass at last: ways to say the opposite, whatever the grammar made of them.

`contradicts` looks at the words as they were written. It never makes a reading, it only takes one back.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final

_NOBODY: Final = re.compile(r"\b(?:none|neither|nobody|no ?one|not one|not any|not all) of (?:us|my|our|the)\b")
_REFUSED: Final = re.compile(
    r"\b([123]) ?[:=-] ?(?:no|nope|nah|cant|can't)\b(?! (?:problem|prob|probs|worries|issue|issues|conflict|conflicts))"
)
_EITHER_WAY: Final = re.compile(r"\b[123] ?\.\.+ ?no,? [123]\b")
"""“1.. no 2” corrects itself, or refuses 2."""
_YES: Final = re.compile(r"\b[123] ?[:=-]? ?(?:y|yes|yep|ok)\b(?!.*\b(?:none|nvm|actually|scratch)\b)")
_FREE: Final = re.compile(
    r"\bnothing (?:on|in) (?:my|the|our) (?:calendar|schedule|agenda|diary|planner|books|plate)\b"
)
_BUSY_NOW: Final = re.compile(r"\b(?:slammed|swamped|busy|driving|working|at work)\b")
_LATER: Final = re.compile(r"\b(?:text|txt|msg|message|call|hit|ping|tell|let) (?:u|you|ya|yall|y'all)\b")
_PLAIN_REFUSAL: Final = re.compile(r"\b(?:no|nope|nah|none|neither|can'?t|cannot|won'?t|unable|out)\b")
_ZERO: Final = re.compile(r"\W*0\W*")
"""None of them, or a slip beside 1 or 9: no option has this number."""
_NOT_THIS: Final = re.compile(
    r"\b(?:can'?t|cannot|couldn'?t|won'?t) (?:do|make) (?:option |number |no\.? ?|# ?)?([2-9])(?=\W*(?:sorry\W*)?$)"
)


def contradicts(text: str, options: Collection[int], option_count: int) -> bool:
    """Whether `text`, lower case, takes back what was read: a vote for these options; without any, a refusal.

    A refusal of a number that none of the `option_count` options has refuses nothing that was asked.
    """
    if options:
        refused = {int(match[1]) for match in _REFUSED.finditer(text)}
        return bool(_NOBODY.search(text) or _EITHER_WAY.search(text)) or not refused.isdisjoint(options)
    not_this = _NOT_THIS.search(text)
    if not_this and int(not_this[1]) > option_count:
        return True
    if _FREE.search(text) or _YES.search(text) or _ZERO.fullmatch(text):
        return True
    return bool(_BUSY_NOW.search(text) and _LATER.search(text) and not _PLAIN_REFUSAL.search(text))
