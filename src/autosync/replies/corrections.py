"""Finds where a person takes back what they wrote: in "1, wait no, 2" only the 2 counts.

`corrected(text)` is the part of a marked text that counts, or None if it cannot be told.
"""

import re
from typing import Final

from autosync.replies.clauses import MENTION

_TAKEN_BACK: Final = re.compile(
    r"\b(?:wait no|no wait|wait sorry|no hang on|hang on|hold on|wait wait|no sorry|sorry no(?= (?:O|,))|"
    r"(?:sorry )?i meant(?: to (?:say|type|put|write))?|sorry meant|meant|i mean|oops(?: i meant| i mean| typo| "
    r"sorry| wrong one)?|whoops|typo|scratch that|strike that|"
    r"correction|make (?:that|it)(?= (?:to )?(?:the |be )?O)|changed my mind|change my (?:answer|vote|mind|"
    r"choice|response)(?: to)?|changing my (?:answer|vote|mind|choice|response)(?: to)?|(?:change|switch|move|"
    r"put) (?:me|mine|my vote|us) (?:to|instead to)(?= O)|on F2 thought|on COUNT thought|come to think of it|"
    r"nvm(?= ,? ?O)|ignore that|ignore my last|my bad|no ok|no actually|actually no|wait actually|actually wait|"
    r"disregard|wrong one|edit)\b(?: (?:,|:|-|!|\.|¤|sorry|its|it is|that|is|to|wait|no|it should be|should be|"
    r"actually))*"
)
_WEAK: Final = re.compile(r"\b(?:actually|wait|instead)\b")
_ADDS: Final = re.compile(r"\b(?:too|also|as well|both|add)\b")
_EARLIER: Final = re.compile(
    rf"\b(?:i |we )?(?:had |already |just |previously |first )*(?:said|put|answered|replied|voted|told you|"
    rf"texted|wrote|say|picked|chose)(?: for| yes to| option)? {MENTION}\b(?=.*(?:\b(?:earlier|before|yesterday|"
    rf"first|last time|but|previously)\b|$))(?=.*\bO\d)(?: (?:earlier|before|yesterday|first|originally|"
    rf"previously|last time))*(?: (?:,|but|and) (?:i )?(?:cant|couldnt|that changed|things changed)(?: (?:do|"
    rf"make|it|that|anymore|now|one|any more))*)?"
)
_REPLACED: Final = re.compile(
    r"\b(?:instead of|rather than|not) (O\d+)(?= |$)|\b(?:scratch|cancel|forget|drop|remove|changing|change|"
    r"switch|swap|scrap) (?:my |the |that |from )*(?:earlier |previous |last |first |old |original )?(O\d+|NONE|"
    r"ALL)(?: (?:for me|please|pls|for us))*(?: (?:to|for|with) (?:a |an )?)?"
)


def corrected(text: str) -> str | None:
    """What still counts of a marked text; None if a correction leaves it open."""
    text = _EARLIER.sub("", text)
    text = re.sub(r"^\W*instead of O\d+ ,? ?(?=.*\bO\d)", "", text)
    text = re.sub(r"\b(O\d+)(.*\b)instead of O\d+", r"\1\2", text)
    if re.search(
        rf"^\W*(?:\w+ )?(?:scratch|cancel|forget|drop|remove|changing|change|switch|scrap|"
        rf"swap)\b.*{MENTION}.*{MENTION}",
        text,
    ):
        text = _REPLACED.sub(" ", text)
    parts = _split(text)
    if len(parts) == 1:
        return _without_weak(text)
    before, after = " ".join(parts[:-1]), parts[-1]
    if not _names(after):
        return text if not _names(before) else None
    if _ADDS.search(after) and _names(before):
        return None
    return _without_weak(after)


def _split(text: str) -> list[str]:
    parts, position = [], 0
    for found in _TAKEN_BACK.finditer(text):
        parts.append(text[position : found.start()])
        position = found.end()
    return [*parts, text[position:]]


def _without_weak(text: str) -> str | None:
    """ "actually" may correct or add: "1! Actually 2 also works" adds, "1, actually 2" stays open."""
    found = _WEAK.search(text)
    if not found:
        return text
    before, after = text[: found.start()], text[found.end() :]
    plain = f"{before} {after}".strip()
    if not _names(before) or not _names(after) or _ADDS.search(text):
        return plain
    return plain if found[0] == "actually" and re.search(r"\b(?:is|are|im|can)\s*$", before) else None


def _names(text: str) -> bool:
    return re.search(rf"\b{MENTION}\b", text) is not None
