"""Weighs what the grammar reads against what the model holds likely: `weighed(reading, judgement, words, 3)`.

The model fills in where the grammar understands nothing, and takes back a vote that it finds very unlikely. It never
votes against what the words rule out: a number that is no option, none named among several, a question, a YES alone.
"""

import re
from typing import Final

from autosync.replies.asides import Aside, aside_of
from autosync.replies.clauses import MENTION, Clause, clauses_of, plainly
from autosync.replies.gist import of_another
from autosync.replies.leads import lead_stance
from autosync.replies.model import Judgement
from autosync.replies.stances import BUSY, HAS_NEGATION, REJECTED, asks, doubts
from autosync.replies.trails import trail_stance

Said = tuple[str, tuple[int, ...]]
"""A kind and its options."""

_FINAL: Final = {"options", "none"}
_ENOUGH: Final = {
    "chatter": 0.6,
    "help": 0.7,
    "none": 0.85,
    "options": 0.8,
    "start": 0.95,
    "stop": 0.99,
    "unclear": 0.0,
}
"""How likely a kind must be to take the place of what the grammar did not understand."""
_AGREED: Final = 0.9
"""The same for a vote for the only option without its number."""
_SURE: Final = 0.95
"""The same where words stand that often mean the contrary."""
_UNLIKELY: Final = 0.01
"""A vote or a refusal that is less likely than this is asked about."""

_NAMED: Final = re.compile(r"\bO(\d+)\b")
_WHOLE: Final = re.compile(r"\b(?:ALL|ANY|REST)\b")
_NO_OPTION: Final = re.compile(r"\b(?:STRAY|VAGUE)\b")
_DENYING: Final = re.compile(r"\b(?:not|cant|cannot|wont|dont|no|without|sorry|unfortunately|far|sick|but|wish|miss)\b")
_BARE_YES: Final = re.compile(
    r"(?:(?:yes|yess|yeah|yep|yup|y|ya|sure|ok|okay|please|yesmark|of course|absolutely|definitely|fine|id love to|"
    r"we love to|wed love to|hi|hey|thanks|thank you|[^\w\s]) ?)*"
)
_CARRIER_WORD: Final = re.compile(r"\b(?:stop|unsubscribe|end|quit|stopall|cancel|revoke|optout|start|unstop)\b")
"""What these words say is settled before; the model only hears them put otherwise."""
_ASKING: Final = re.compile(
    r"^(?:(?:hey|hi|ok|so|and|also|oh|btw|wait|hello|thanks|um|but|sorry) )*(?:who|whos|where|wheres|what|whats|how|"
    r"hows|why|is|are|do|does|did|has|can (?!do|make|come|go|\w+ (?:make|do|come) (?:it|that)\b)|could|should|was|"
    r"were|am i|which|when|may|would (?:it|that|you|they|he|she)|will (?:it|there|that|you|they|he|she|the))\b"
)
_AGAINST: Final = {BUSY, REJECTED}
_TAKES_BACK: Final = {Aside.DOUBT, Aside.RETRACTION}
_OTHER_TIME: Final = re.compile(r"\b(?:TIME|DATE)\b")
_RISKY: Final = re.compile(
    r"\?|\b(?:maybe|might|perhaps|possibly|probably|prob|hopefully|if|unless|depends|depending|idk|not sure|unsure|"
    r"tentative|tentatively|think|guess|try|check|ask|confirm|later|earlier|after|before|instead|over|than|would|could|he|she|"
    r"they|his|her|their|was|were|TIME|DATE|COUNT|doubtmark|nomark|any|either)\b"
)


def weighed(read: Said, judgement: Judgement, words: str, option_count: int) -> Said:
    """What a text with these marked words is, after the grammar's reading and the model's judgement of it."""
    kind, options = read
    if kind in _FINAL:
        return ("unclear", ()) if _takes_back(judgement, kind, options) else read
    likely_kind, likely_options, likelihood = judgement.best
    if likelihood < _ENOUGH[likely_kind]:
        return read
    if likely_kind == "options" and not _may_vote(likely_options, likelihood, words, option_count):
        return read
    if likely_kind == "none" and not _may_refuse(likelihood, words, option_count):
        return read
    if likely_kind in {"stop", "start"} and _CARRIER_WORD.search(words):
        return read
    return likely_kind, likely_options


def _takes_back(judgement: Judgement, kind: str, options: tuple[int, ...]) -> bool:
    """True for a vote or refusal that is most unlikely, while another one is likely."""
    return judgement.best[0] in _FINAL and judgement.likelihood(kind, options) < _UNLIKELY


def _may_vote(options: tuple[int, ...], likelihood: float, words: str, option_count: int) -> bool:
    if not options or _NO_OPTION.search(words):
        return False
    named = set("".join(_NAMED.findall(words)))
    whole = _WHOLE.search(words) is not None
    clauses = clauses_of(plainly(words, option_count))
    if any(not clause.mentions and aside_of(clause) in _TAKES_BACK for clause in clauses):
        return False
    if not named and not whole:
        enough = _SURE if _DENYING.search(words) else _AGREED
        return option_count == 1 and likelihood >= enough and _may_agree(words, clauses) and _is_safe(words, likelihood)
    if not whole and not {str(option) for option in options} <= named:
        return False
    return all(_may_count(clause, options) for clause in clauses) and _is_safe(words, likelihood)


def _may_agree(words: str, clauses: list[Clause]) -> bool:
    """False if a text without options asks, says no more than YES, or speaks of another time or of amounts only."""
    if _ASKING.match(words) or _BARE_YES.fullmatch(words) or _OTHER_TIME.search(words):
        return False
    return any("COUNT" not in clause.text and " " in clause.text for clause in clauses) or "COUNT" not in words


def _may_count(clause: Clause, options: tuple[int, ...]) -> bool:
    """False if the clause names a voted option and doubts it, asks about it, denies it or says it of somebody else."""
    text = clause.text
    voted = any(str(option) in mention for mention in _NAMED.findall(text) for option in options)
    if not voted:
        return True
    lead, *_, trail = (part.strip() for part in re.split(rf"\b{MENTION}\b", text))
    if lead_stance(lead) in _AGAINST or trail_stance(trail) in _AGAINST:
        return False
    return not (clause.asks or asks(text) or doubts(text) or HAS_NEGATION.search(text) or of_another(lead))


def _may_refuse(likelihood: float, words: str, option_count: int) -> bool:
    named = set("".join(_NAMED.findall(words)))
    if named and len(named) < option_count and not re.search(r"\b(?:NONE|ALL|ANY)\b", words):
        return False
    return _BARE_NO.fullmatch(words) is None and _is_safe(words, likelihood)


def _is_safe(words: str, likelihood: float) -> bool:
    return likelihood >= _SURE or _RISKY.search(words) is None


_BARE_NO: Final = re.compile(r"(?:(?:nomark|[^\w\s]) ?)*")
