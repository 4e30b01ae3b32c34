"""Marks the options that a text names: `marked("1 and the last one work", 3)` is "O13 work".

Placeholders besides those of `masks.py` and `counts.py`: O12 (options 1 and 2), ALL, ANY (all, but "not any" is none),
NONE, REST (those not named yet). What is said about them is judged in `stances.py`.
"""

import re
from typing import Final

from autosync.replies.counts import without_counts, without_idioms
from autosync.replies.masks import worded
from autosync.replies.naming import NAMING
from autosync.replies.rules import rewritten

_FRACTION: Final = re.compile(r"^(\W*(?:(?:ok|hi|hey|hello|maybe) )*)[1-3] / [1-3](?=\W*$)")
"""“1/2” and nothing else: a half, a day in January, or both?"""
_STRONG: Final = re.compile(r"#(LAST2|LAST|MID|\d+)")
_WEAK: Final = re.compile(r"(?<!\S)\d+(?!\S)")
_LINK: Final = (
    r"(?:(?:,|and|&|or|/|\+|n|plus|y|e|und|et|o|then|also|as well as|along with|either|and on|or on|and for|or for|"
    r"and to|or to|and with) )*"
)
_LOOSE_LINK: Final = r"(?:[.;|¤,)(!-] )+"
"""What stands between options in a list that is not one sentence: "1. 3." or one on each line."""


def marked(plain: str, option_count: int) -> str:
    """The words of a plain text with the options that it names as placeholders."""
    text = _with_numbers_of_all(without_idioms(worded(plain)), option_count)
    for stage in NAMING:
        text = rewritten(text, stage)
    text = _STRONG.sub(lambda found: _named(found[1], option_count), text)
    text = without_counts(_with_letters(text))
    text = _FRACTION.sub(r"\1 STRAY", text)
    text = _with_runs(text, option_count)
    text = _with_lists(re.sub(r" +", " ", text))
    text = _ONLY_NOT.sub(r"ALL but \1", text)
    return _with_quantifiers(_with_exceptions(text, option_count), option_count)


def _named(number: str, option_count: int) -> str:
    """The placeholder of a number or place that is surely meant as an option."""
    last, middle = str(option_count) if option_count > 1 else "", "2" if option_count == 3 else ""
    last_two = {3: "23", 2: "12"}.get(option_count, "")
    return _option({"LAST": last, "LAST2": last_two, "MID": middle}.get(number, number), option_count)


def _option(digits: str, option_count: int) -> str:
    within = digits and all(1 <= int(digit) <= option_count for digit in digits) and len(set(digits)) == len(digits)
    return "O" + "".join(sorted(digits)) if within else "STRAY"


def _with_runs(text: str, option_count: int) -> str:
    """Weak numbers as options; "12" is 1 and 2 only as the one number of a text, and not in "12 works" (noon)."""
    text = re.sub(r"^0$|\b0(?= (?:works?|for me)\b)", "NONE", text)
    numbers = _WEAK.findall(text)
    runs = [number for number in numbers if len(number) > 1]
    noon = re.search(r"\b12 (?:works|is|at)\b|\b(?:is|at) 12\b", text) is not None
    beside = [number for number in numbers if number not in runs]
    alone = (
        len(runs) == 1
        and not noon
        and not (set("".join(beside)) & set(runs[0]))
        and not re.search(r"\b\d\d+ (?:and |, |or |& )?\d|\d (?:and |, |or |& )?\d\d", text)
    )
    return _WEAK.sub(lambda found: _option(found[0], option_count) if alone or len(found[0]) == 1 else "STRAY", text)


_LETTERS: Final = re.compile(r"(?:(?:O)?\d+ (?:[:)-] )?[ynx](?: [,.;|]+)? ?){2,}")


def _with_letters(text: str) -> str:
    """ "1 y 2 n 3 y" answers yes and no, while "1 y 2" and "1 n 2" say and."""
    if not _LETTERS.fullmatch(text.strip()):
        return text
    return re.sub(r"\bn\b|\bx\b", "no", re.sub(r"\by\b", "yes", text))


_RANGE: Final = re.compile(r"\bO([123]) (-|to|thru|through) O([123])\b(?! -)")
_OWN_CLAUSE: Final = r"(?:is|isnt|doesnt|wont|i|im|ive|we|were|has|would|not|no|nope|clashes|conflicts)\b"
_PAIR: Final = re.compile(rf"\bO(\d+) ({_LINK})O(\d+)\b(?!(?<=, O\d) {_OWN_CLAUSE})")
_REFUSED_LIST: Final = re.compile(
    r"\bO(\d+) , O(\d+)(?= (?:(?:both|all|also|are|is|r|just|sadly|unfortunately) )*(?:booked|out|no|not|nope|"
    r"bad|dont|doesnt|"
    r"cant|wont|arent|isnt|clash|conflict|unavailable|full|taken|busy)\b)"
)
_LOOSE_PAIR: Final = re.compile(
    rf"(?<!not )(?<!no )(?<!nope )(?<!cant do )(?<!cant make )\bO(\d+) ({_LOOSE_LINK})O(\d+)\b(?= ?(?:$|[.;|¤!)] "
    rf"?(?:$|[^:=-]))| thanks| thx| please| pls)"
)


def _with_numbers_of_all(text: str, option_count: int) -> str:
    """ "all 3" with three options is all of them; with two it names something else."""

    def checked(found: re.Match[str]) -> str:
        if int(found[2]) != option_count:
            return f"{found[1]} STRAY"
        return (
            found[1]
            if found[1] == "all"
            else re.sub(r"(?: of)?(?: (?:the|these|those|los))*$", "", found[1]) + " of them"
        )

    return _ALL_OF_NUMBER.sub(checked, text)


_ALL_OF_NUMBER: Final = re.compile(
    r"\b((?:all|any of|all of|none of|either of|neither of|not one of|each of|every one of|todos|any one of)(?: "
    r"the| these| those| of| los)*) ([23])"
    r"(?! (?:of (?:us|you|my|our)|kids|people|hours?|days off)\b)(?= |$)"
)


def _with_lists(text: str) -> str:
    """ "O1 and O3" is O13, "O1 - O3" is O123; the comma of "not 1, 2 works" ends a clause instead."""
    text = _RANGE.sub(lambda found: _span(found[1], found[3], found[2]), text)
    text = _grown(_AND_PAIR, text)
    text = _TURN.sub(r"\1 ; \2", text)
    text = _REFUSED_LIST.sub(_unless_ascending, text)
    while True:
        joined = _LOOSE_PAIR.sub(_union, _PAIR.sub(_union, text))
        if joined == text:
            return text
        text = joined


_AND_PAIR: Final = re.compile(r"\bO(\d+) ((?:and|or|&|nor|/) (?:also |either )?)O(\d+)\b")
_TURN: Final = re.compile(
    r"\b((?:not|no|cant|cannot|dont|wont|noneof|unable)\b(?: \w+){0,5} O\d+) , (O\d+ (?:works?|is|are|yes|does|"
    r"do|fine|good|ok|would|will|yesmark)\b)"
)


def _grown(pair: re.Pattern[str], text: str) -> str:
    while (joined := pair.sub(_union, text)) != text:
        text = joined
    return text


def _span(first: str, last: str, link: str) -> str:
    digits = "123"[int(first) - 1 : int(last)]
    return f"O{digits}" if len(digits) > 1 and (link != "to" or len(digits) == 3) else "STRAY"


def _unless_ascending(pair: re.Match[str]) -> str:
    """ "2, 1 and 3 are booked" is no list that somebody counted off: 2 stands by itself."""
    return pair[0] if max(pair[1]) < min(pair[2]) else f"O{pair[1]} ; O{pair[2]}"


def _union(pair: re.Match[str]) -> str:
    """Both lists in one; "1 + 1" is a sum."""
    if "+" in pair[2] and set(pair[1]) & set(pair[3]):
        return "STRAY"
    return "O" + "".join(sorted({*pair[1], *pair[3]}))


_EXCEPTION: Final = re.compile(
    r"(?P<denied>\b(?:cant|cannot|not|dont|wont|unable|couldnt)(?: [a-z]+){0,4} )?"
    r"\b(?P<whole>ALL|ANY|BOTH|EITHER|NONE)(?P<judged>(?: (?:work|works|are|is|good|fine|ok|for|me|us|days?|"
    r"free|can|do|,))*) "
    r"(?:but|except|excluding|besides|other than|"
    r"apart from|aside from|save|bar|minus|menos|excepto|all but|with the exception of)(?: for| el| "
    r"la| the| not| on)* "
    r"(?P<except>O\d+|STRAY)(?! (?:is|would be|as|being|i|,) (?:the |my |a )?(?:best|better|fav|favorite|"
    r"favourite|prefer|"
    r"preferred|ideal|my|easiest|most)"
    r"| best| better| preferred)"
)


def _with_exceptions(text: str, option_count: int) -> str:
    """ "ALL but O2" is the others; "NONE but O2" is O2; "all but 2 is best" stays."""

    def exception(found: re.Match[str]) -> str:
        excepted, whole = found["except"], found["whole"]
        if excepted == "STRAY" or (found["denied"] and whole in {"ALL", "BOTH"}):
            return "STRAY"
        if found["denied"] or whole == "NONE":
            return f"; yes {excepted} ;"
        others = "".join(digit for digit in "123"[:option_count] if digit not in excepted)
        return f"O{others}{found['judged']}" if others else "STRAY"

    return _OPEN_EXCEPTION.sub("STRAY", _EXCEPTION.sub(exception, text))


_OPEN_EXCEPTION: Final = re.compile(
    r"\b(?:ALL|ANY|NONE)(?: work| works)? (?:(?:except|excluding|other than|apart from|aside from|save for|"
    r"minus)\b|but(?= ?(?:$|[.]|one|maybe|DATE|(?:sun|mon|tues|wednes|thurs|fri|satur)day)))"
)


_COUNTED: Final = re.compile(r"\b(ALL|ANY|NONE|BOTH|EITHER)\b")


_ONLY_NOT: Final = re.compile(
    r"\b(O\d) is (?:really )?the only (?:one|option|day|date|time)(?: that)?(?: i| we)? (?:cant|cannot|"
    r"doesnt)[^.,;|!?]*"
)
"""“3 is the only one I can't make” is all but 3."""


def _two_named(text: str) -> list[str] | None:
    """The two options that a text names apart, for a BOTH that follows."""
    named = sorted(set("".join(re.findall(r"\bO(\d)\b", text))))
    return ["", "".join(named)] if len(named) == 2 else None


def _compared(text: str) -> str:
    """Without options that others are only measured by: "I'd rather do 2 than 1", "2 is better than 1, 1 is out"."""
    text = re.sub(r"\b(rather(?: \w+){0,4} O\d+) (?:than|over)(?: do)? O\d+", r"\1", text)
    text = re.sub(
        r"\b(?:better|easier|best|preferable) (?:for \w+ )?than O(\d)\b(?=.*(?:\bO\d*\1|ALL|BOTH))", "better", text
    )
    text = re.sub(
        r"\b(?:beats|over|than|to|rather than|instead of|compared to) (?:REST)\b(?<!yes to REST)(?<!no to REST)",
        "works",
        text,
    )
    return re.sub(r"^(?:between|of|out of|from) O\d+ ,? ?(?=.*O\d)", "", text)


def _with_quantifiers(text: str, option_count: int) -> str:
    """BOTH and EITHER settled: all of two options, or of a pair named before; else VAGUE."""
    pair = re.search(r"\bO(\d\d)\b", text) or _two_named(text)
    text = _compared(text)
    text = re.sub(r"\b(REST(?: are| work)?) (?:BOTH|EITHER|ALL)\b", r"\1", text)
    text = re.sub(r"\b(O\d+ (?:\w+ ){0,2}\w+nt(?: \w+){0,3}) EITHER\b", r"\1", text)
    text = re.sub(r"\bBOTHOF (?=O\d\d)", "", text)
    text = re.sub(r"\bBOTHOF O\d\b", "VAGUE", text)
    text = re.sub(r"\b(O\d\d+(?: (?:are|is|would|r|,|,? they|works?))*) (?:BOTH|EITHER|ALL|ANY)\b", r"\1", text)

    def settled(found: re.Match[str]) -> str:
        if option_count == 2:
            return {"BOTH": "ALL", "EITHER": "ANY"}[found[1]]
        return f"O{pair[1]}" if pair else "VAGUE"

    return re.sub(r"\b(BOTH|EITHER)\b", settled, text)
