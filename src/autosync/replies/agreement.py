"""Tells a plain agreement, which answers an ask of one option: `agrees(clauses)` for "works for us, see you then".

YES alone, an emoji or "ok" agree to nothing: they are opt-in words for carriers, or mean that the text was read.
"""

import re
from typing import Final

from autosync.replies.asides import Aside, aside_of
from autosync.replies.clauses import Clause
from autosync.replies.rules import one_of

_BEFORE: Final = one_of(
    "hi|hey|hello|hi there|hey there|hiya|yes|yep|yeah|yup|yess|sure|ok|okay|great|awesome|cool|oh|ooh|yay|woo|"
    "woohoo|perfect|"
    "absolutely|definitely|totally|of course|lol|haha|thanks|thank you|so|well|and|we|i|that day|that night|that "
    "date|it|that|"
    "this|which|the date|the time|looks like|aww|wow|omg|dear|all|everyone|guys|sounds good|sounds great|"
    "sure thing"
)
_ADVERB: Final = (
    r"(?:(?:totally|definitely|def|both|all|so|also|just|really|absolutely|happily|gladly|certainly|still) )*"
)
_YES: Final = re.compile(
    rf"(?:{_BEFORE} )*(?:"
    rf"{_ADVERB}(?:works?|will work|would work|should be fine|suits|fits|sounds|looks|is|its|thats|seems)"
    r"(?: (?:good|great|perfect|perfectly|fine|awesome|amazing|lovely|wonderful|fun|fab|super|excellent|"
    r"fantastic|ideal|ok|"
    r"okay|a plan|like a plan|like fun|like a great plan|like a good plan|just|so|really|well|doable))*"
    r"|(?:good|fine|great|ok|okay|cool|perfect)(?= (?:for|with|by|to) (?:me|us)\b)"
    rf"|(?:im|i am|were|we are|ill be|we will be|i will be|well be|both) {_ADVERB}(?:in|there|free|available|"
    rf"down|game|"
    r"open|coming|good to go|up for it|up for that)"
    rf"|(?:ill|we will|i will|well|will|i|we|can|i can|we can|able to|im able to|can definitely) "
    rf"{_ADVERB}(?:make it|make that|make this|come|attend|be there|do that|do it|do this|accept|join|make it work)"
    r"|(?:count|sign|put|mark) (?:me|us)(?: and \w+)? (?:in|up|down)(?: for (?:it|that|this))?"
    r"|ill be there|well be there|will be there|can do|happy to come|happy to join|wouldnt miss it|love to do it|"
    r"i accept|we accept"
    r")(?: (?:for|with|by|to) (?:me|us|all of us|both of us|everyone here|the whole family|my family|our family|"
    r"my schedule|my end))?"
    r"(?: (?:that|the|this) (?:night|day|evening|date))?(?: (?:thanks|thank you|please|too|also|then|great|"
    r"perfectly|there|lol|haha|yes|for sure|definitely|dear|hon|man|dude|guys|"
    r"see you then|see you there|and|well|fine|here|just|so|excited|yay))*"
)
_NOT_ALONE: Final = re.compile(
    r"(?:(?:will|would) work|is|its|thats|works?) ?(?:good|great|fine|perfect|ok)?|(?:sure thing|ok|okay|"
    r"looks) ?"
)
_OTHER_TIME: Final = re.compile(r"\b(?:TIME|DATE|COUNT|STRAY|VAGUE)\b")


_WHEN: Final = re.compile(
    r"\b(?:when|time|day|date|which|later|earlier|instead|different|another|still|is (?:it|"
    r"that|this) )\b"
)


def agrees(clauses: list[Clause]) -> bool:
    """True if one clause says in words that the one option works, and no other clause doubts it or moves it."""
    agreeing = [clause for clause in clauses if not clause.asks and _says_yes(clause.text)]
    others = [clause for clause in clauses if clause not in agreeing]
    return bool(agreeing) and all(map(_is_harmless, others))


def _says_yes(text: str) -> bool:
    return _YES.fullmatch(text) is not None and _NOT_ALONE.fullmatch(text) is None


def _is_harmless(clause: Clause) -> bool:
    if clause.mentions or _OTHER_TIME.search(clause.text) or clause.link in {"but", "though", "tho", "however"}:
        return False
    if clause.asks and _WHEN.search(clause.text):
        return False
    return aside_of(clause) is Aside.HARMLESS
