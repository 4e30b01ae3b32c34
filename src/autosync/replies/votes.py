"""Adds up what the clauses of a text say: `vote(clauses, 3)` is the set of options that work, or why there is none.

A text votes only if every clause that names options can be read, in one way, and no other clause takes it back.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from autosync.replies.asides import REASONS, Aside, aside_of
from autosync.replies.clauses import MENTION, Clause
from autosync.replies.leads import lead_stance
from autosync.replies.stances import APPROVED, BARE, BUSY, HINTED, NONE_OF, OWN, REJECTED, UNKNOWN, asks, doubts
from autosync.replies.trails import trail_stance

_MOST_MENTIONS: Final = 7
_MENTION: Final = re.compile(rf"\b({MENTION})\b")
_REGRET: Final = re.compile(r"\b(?:unfortunately|sadly|afraid|regretfully|reluctantly)\b(?!.*\bonly\b)|^sorry O\d+$")
_UNREADABLE: Final = re.compile(r"\b(?:STRAY|VAGUE)\b")


@dataclass(slots=True)
class Ballot:
    """What is approved, rejected, and named without a judgement that can be read."""

    everything: frozenset[int]
    approved: set[int] = field(default_factory=set)
    rejected: set[int] = field(default_factory=set)
    busy: set[int] = field(default_factory=set)
    bare: set[int] = field(default_factory=set)
    whole: bool = False
    partly: bool = False
    declined: bool = False

    @property
    def named(self) -> set[int]:
        """Every option that any clause so far says something of."""
        return self.approved | self.rejected | self.busy


def vote(clauses: list[Clause], option_count: int) -> tuple[int, ...] | None:
    """The options that `clauses` vote for, () if they reject all of them, None if it cannot be told."""
    ballot = Ballot(frozenset(range(1, option_count + 1)))
    concludes = any(_concludes(clause) for clause in clauses)
    wishes = [wish for wish, after in pairwise(clauses) if _is_only_wished(wish, after)]
    if wishes and not _settles_for_another(clauses, wishes):
        return None
    clauses = _without_idle([clause for clause in clauses if clause not in wishes])
    for position, clause in enumerate(clauses):
        if _UNREADABLE.search(clause.text):
            return None
        if clause.mentions:
            lenient = (concludes and clause.link != "so") or clause.link in REASONS
            counted = not clause.asks and _count(clause, ballot, lenient=lenient)
        else:
            counted = _leaves_alone(clause, clauses[:position], ballot, concludes=concludes)
        if not counted:
            return None
    return _result(ballot)


def _without_idle(clauses: list[Clause]) -> list[Clause]:
    """Without doubts about the others, excuses before a "but", and questions that a later clause answers itself."""
    return [clause for position, clause in enumerate(clauses) if not _is_idle(clause, clauses[position + 1 :])]


def _is_idle(clause: Clause, after: list[Clause]) -> bool:
    if clause.mentions and (clause.asks or asks(clause.text) or _LEANS.match(clause.text)):
        return _is_answered(clause, after)
    if not after or after[0].link != "but" or not after[0].mentions:
        return False
    return _UNSURE_OF_REST.fullmatch(clause.text) is not None or (
        not clause.mentions and _HECTIC.search(clause.text) is not None
    )


_UNSURE_OF_REST: Final = re.compile(
    r"(?:(?:i|im|am|still|honestly|really) )*(?:idk|dunno|unsure|not sure|no idea|dont know|cant say)(?: (?:yet|"
    r"about|on|of|for))* REST"
)
_HECTIC: Final = re.compile(
    r"\b(?:schedule|calendar|week|month|work|life|things|december|plate)(?: (?:is|are|looks|has been|been|s))? "
    r"(?:\w+ )?"
    r"(?:nuts|crazy|full|packed|hectic|insane|busy|tight|bonkers|wild)\b|\b(?:swamped|slammed|super busy|so busy|"
    r"pretty busy)\b"
)


def _is_answered(question: Clause, after: list[Clause]) -> bool:
    """ "I think 2 was the Saturday? Either way 2 works": whatever the answer is, the vote stands."""
    asked = set(_MENTION.findall(question.text))
    last = next((clause for clause in reversed(after) if clause.mentions), None)
    if last is None or last.asks or doubts(last.text) or asks(last.text) or "not" in last.text:
        return False
    return asked <= _named_apart(last.text) and _polarities(last.text) in {(APPROVED,), (OWN,)}


def _named_apart(text: str) -> set[str]:
    """The mentions of a text, and each of its options by itself."""
    mentions = set(_MENTION.findall(text))
    return mentions | {f"O{digit}" for mention in mentions for digit in mention[1:] if digit.isdigit()}


_LEANS: Final = re.compile(
    r"(?:im |slightly |maybe |kinda |just )*(?:leaning|lean|preferring|slight "
    r"preference)(?: (?:more|to|toward|towards|for))* O\d$"
)


def _is_only_wished(clause: Clause, after: Clause) -> bool:
    """ "I'd do 2 but my car broke down"."""
    wished = re.search(r"\b(?:would|id|wed) (?:love|like|do|pick|choose|go|come|prefer)\b", clause.text)
    return bool(wished) and clause.mentions and after.link == "but" and not after.mentions


def _settles_for_another(clauses: list[Clause], wishes: list[Clause]) -> bool:
    """ "I'd love 1 but I work, so 3"."""
    wished = set().union(*(_named_apart(wish.text) for wish in wishes))
    last = clauses[-1]
    return last.link == "so" and last.mentions and not wished & _named_apart(last.text)


def _concludes(clause: Clause) -> bool:
    """ "so 2", "so option 2 it is": what stands before it is only the reason."""
    return clause.link == "so" and _polarities(clause.text) is not None and "not" not in clause.text


def _leaves_alone(clause: Clause, before: list[Clause], ballot: Ballot, *, concludes: bool) -> bool:
    aside = aside_of(clause, follows=any(earlier.mentions for earlier in before))
    if aside is Aside.REFUSAL:
        ballot.declined = ballot.declined or not concludes
        return True
    if aside is Aside.DOUBT:
        return ballot.declined or (bool(ballot.rejected) and not ballot.approved and "unless" not in clause.text)
    return aside is not Aside.RETRACTION


def _result(ballot: Ballot) -> tuple[int, ...] | None:
    approved, rejected = ballot.approved, ballot.rejected
    if ballot.whole and rejected == ballot.everything and approved:
        return None
    if ballot.whole and approved:
        approved = approved - rejected
        if ballot.bare and ballot.bare != ballot.everything:
            return None
    elif approved & rejected:
        return None
    if approved & ballot.busy or (ballot.declined and approved):
        return None
    if ballot.partly and approved == ballot.everything:
        return None
    if approved:
        return tuple(sorted(approved))
    if rejected == ballot.everything or (ballot.declined and not ballot.busy):
        return ()
    return None


def _count(clause: Clause, ballot: Ballot, *, lenient: bool) -> bool:
    """Adds what `clause` says to `ballot`; False if it cannot be read, or in more than one way."""
    if asks(clause.text) or doubts(clause.text):
        return False
    polarities = _polarities(clause.text)
    if polarities is None:
        return False
    mentions = _MENTION.findall(clause.text)
    if "NONE" in mentions and (len(mentions) > 1 or re.search(r"\b(?:all|not|or)\b", clause.text)):
        return False
    if BARE in polarities and _REGRET.search(clause.text) and mentions != ["NONE"]:
        return False
    if len(mentions) == 1 and mentions != ["NONE"] and polarities[0] == BARE and ballot.rejected and clause.link == ",":
        return False
    return all(
        _count_one(mention, polarity, ballot, lenient=lenient, clause=clause)
        for mention, polarity in zip(mentions, polarities, strict=True)
    )


def _count_one(mention: str, polarity: str, ballot: Ballot, *, lenient: bool, clause: Clause) -> bool:
    options = _options(mention, ballot)
    if mention == "NONE":
        return _count_none(polarity, ballot)
    if not options:
        return False
    if polarity == UNKNOWN and lenient:
        polarity = BUSY
    if polarity == UNKNOWN:
        return False
    if polarity == BUSY and mention == "ALL" and clause.text.endswith("ALL"):
        polarity = REJECTED
    if polarity == BUSY:
        ballot.busy |= options
    elif polarity == REJECTED:
        if clause.text == "not ALL":
            return True
        if mention == "ALL" and not _refuses_all(clause.text):
            ballot.partly = True
            return True
        ballot.rejected |= options
    else:
        ballot.approved |= options
        ballot.whole |= mention in {"ALL", "ANY"}
        if polarity == BARE and mention.startswith("O"):
            ballot.bare |= options
    return True


def _count_none(polarity: str, ballot: Ballot) -> bool:
    if polarity in {UNKNOWN, BUSY, REJECTED}:
        return False
    ballot.rejected |= ballot.everything
    return not ballot.approved


def _refuses_all(text: str) -> bool:
    """ "no to all", "all are bad" refuse each; "cant do all" and "not all" may leave some."""
    return (
        re.search(r"\b(?:not|cant|cannot|dont|wont)(?: \w+)* ALL\b(?<!available for ALL)(?<!free for ALL)", text)
        is None
    )


def _options(mention: str, ballot: Ballot) -> frozenset[int]:
    if mention in {"ALL", "ANY", "NONE"}:
        return ballot.everything
    if mention == "REST":
        return ballot.everything - ballot.named if ballot.named else frozenset()
    return frozenset(map(int, mention[1:]))


# --- One clause: its words dealt out to its mentions ---


def _polarities(text: str) -> tuple[str, ...] | None:
    """What is said of each mention of a clause, in order; None if two ways to deal its words out differ."""
    parts = [part.strip() for part in _MENTION.split(text)]
    segments = parts[::2]
    if len(segments) - 1 > _MOST_MENTIONS:
        return None
    readings: set[tuple[tuple[str, ...], str]] = {((), lead_stance(segments[0]))}
    for segment in segments[1:-1]:
        readings = {
            ((*done, polarity), next_lead)
            for done, lead in readings
            for trail, next_lead in _dealt(segment)
            for polarity in [_polarity(lead, trail)]
            if polarity
        }
    final = {
        (*done, polarity)
        for done, lead in readings
        for polarity in [_polarity(lead, trail_stance(segments[-1]))]
        if polarity
    }
    sure = {reading for reading in final if UNKNOWN not in reading} & (_uniform(segments) or final)
    merged = {tuple(APPROVED if polarity == BARE else polarity for polarity in reading) for reading in sure}
    if len(merged) == 1:
        return max(sure, key=lambda reading: reading.count(BARE))
    if sure or len(final) != 1:
        return None
    return final.pop()


def _uniform(segments: list[str]) -> set[tuple[str, ...]]:
    """The reading that has all judgements on the same side of their mentions: "no 1 no 2 yes 3", "1 no 2 yes 3 yes"."""
    inner = segments[1:-1]
    if inner and all(inner) and segments[0] and not segments[-1]:
        return {tuple(_polarity(lead_stance(segment), BARE) for segment in segments[:-1])}
    if inner and all(inner) and segments[-1] and not segments[0]:
        return {tuple(_polarity(BARE, trail_stance(segment)) for segment in segments[1:])}
    return set()


def _dealt(segment: str) -> set[tuple[str, str]]:
    """All (trail, lead) stances that the words between two mentions may be."""
    words = segment.split()
    if not words:
        return {(BARE, BARE)}
    cuts = range(len(words) + 1) if len(words) <= 12 else (0, len(words))
    dealt = {(trail_stance(" ".join(words[:cut])), lead_stance(" ".join(words[cut:]))) for cut in cuts}
    known = {pair for pair in dealt if UNKNOWN not in pair}
    decided = {pair for pair in known if pair != (BARE, BARE)}
    return decided or known or {(UNKNOWN, BARE)}


def _polarity(lead: str, trail: str) -> str:
    """What lead and trail say together; empty if they contradict each other."""
    if lead == BUSY:
        return BUSY
    if trail == OWN:
        return APPROVED if lead in {BARE, APPROVED, UNKNOWN} else REJECTED if lead == NONE_OF else ""
    if lead == HINTED:
        return APPROVED if trail in {APPROVED, OWN} else trail if trail == REJECTED else UNKNOWN
    if UNKNOWN in (lead, trail):
        return UNKNOWN
    if lead == NONE_OF:
        return REJECTED if trail in {BARE, APPROVED} else ""
    if lead == REJECTED:
        return REJECTED if trail in {BARE, BUSY} else ""
    if trail in {REJECTED, BUSY}:
        return trail if lead == BARE else ""
    return BARE if lead == trail == BARE else APPROVED
