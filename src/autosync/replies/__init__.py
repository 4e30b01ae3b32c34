"""Reads a text message as an answer to numbered options: `read_reply("1 and 3", option_count=3)`.

A wrong vote is worse than a question: a message votes only if every clause of it is understood, and all ways to
understand it agree. Pure: no clock, no database; whose answer it is and what follows from it is decided elsewhere.
"""

import enum
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from autosync.replies import commands, groups
from autosync.replies.tokens import Token, tokens_of
from autosync.replies.words import REASON_OPENERS, Meaning


class Kind(enum.StrEnum):
    """What a message is; CHATTER answers nothing, UNCLEAR is worth one question."""

    OPTIONS = "options"
    NONE = "none"
    STOP = "stop"
    START = "start"
    HELP = "help"
    CHATTER = "chatter"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message says. `options` are 1-based, sorted, unique, and empty unless the kind is OPTIONS."""

    kind: Kind
    options: tuple[int, ...] = ()


_TAPBACK: Final = re.compile(
    r"""\s*(?:(?:liked|loved|disliked|laughed\ at|emphasi[sz]ed|questioned|removed\ an?\ .{1,20}?\ from
              |reacted\ .{1,20}?\ to|le\ gust[oó]|le\ encant[oó])\s*
            (?:["“«„]|an?\ (?:image|photo|picture|video|movie|attachment|message|audio|sticker|link|voice|contact))
          |\W{1,8}\ to\s+["“])""",
    re.IGNORECASE | re.VERBOSE,
)
_MAIL_TAIL: Final = re.compile(
    r"^[^\S\n]*(?:>.*|sent (?:from|via|with) .*|get outlook for .*|enviado desde .*|on .{4,80} wrote:(?s:.*))$"
    r"|\bsent from my \w+.*$",
    re.IGNORECASE | re.MULTILINE,
)
_LONG_QUOTE: Final = re.compile(r'["“«„][^"”»]{20,}["”»]?')


def read_reply(text: str, *, option_count: int) -> Reading:
    """How `text` answers "which of the options 1 to `option_count` work for you?" (spec: Answers).

    In doubt UNCLEAR, which asks once more; "yes" alone is UNCLEAR, as it is an opt-in word for carriers.
    Raises ValueError unless 1 <= option_count <= 3.
    """
    if not 1 <= option_count <= 3:
        raise ValueError(f"An ask has 1 to 3 options, not {option_count}.")
    if _TAPBACK.match(text):
        return Reading(Kind.CHATTER)
    own_words = _MAIL_TAIL.sub("", text).strip()
    tokens = tokens_of(_LONG_QUOTE.sub(" § ", own_words), option_count=option_count)
    tokens = groups.without_signature(tokens)
    command = commands.command_in(tokens)
    if command is not None:
        return Reading(Kind(command))
    return _answer(groups.with_groups(tokens, option_count), option_count)


def _answer(tokens: list[Token], option_count: int) -> Reading:
    clauses = list(_clauses(tokens, option_count))
    everything = frozenset(range(1, option_count + 1))
    if any(clause.names_options for clause in clauses):
        return _vote(clauses, everything)
    if _declines(clauses):
        return Reading(Kind.NONE)
    return Reading(Kind.CHATTER if _is_chatter(clauses, option_count) else Kind.UNCLEAR)


# --- Clauses: tokens between two breaks, as a string of meanings ---

_DROPPED: Final = frozenset({Meaning.FILLER, Meaning.THANKS, Meaning.NOUN, Meaning.THEM, Meaning.DASH})
_BREAKS: Final = frozenset({Meaning.COMMA, Meaning.BREAK, Meaning.QUERY, Meaning.AND, Meaning.BUT})
_QUANTIFIERS: Final = {Meaning.ALL, Meaning.ANY, Meaning.EITHER, Meaning.BOTH}


_OF_ONE: Final = ("it", "that", "doesn", "isn", "this", "too")
"""How a rejection begins that is of one thing: "that doesn't work" declines only if there is one option."""


@dataclass(frozen=True, slots=True)
class _Clause:
    """`signs`: a letter for each token that bears on the answer (`Meaning`), `groups`: the options of each "g"."""

    tokens: tuple[Token, ...]
    option_count: int
    asks: bool
    after_but: bool
    signs: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "signs", "".join(map(self._sign, self.tokens)))

    def _sign(self, token: Token) -> str:
        if token.meaning in _DROPPED:
            return ""
        if token.meaning in {Meaning.EITHER, Meaning.BOTH} and self.option_count != 2:
            return Meaning.DOUBT
        return token.meaning

    @property
    def groups(self) -> list[frozenset[int]]:
        return [token.options for token in self.tokens if token.meaning is Meaning.GROUP]

    @property
    def text(self) -> str:
        return " ".join(token.text for token in self.tokens)

    @property
    def names_options(self) -> bool:
        return any(token.meaning in {Meaning.GROUP, *_QUANTIFIERS, Meaning.REST} for token in self.tokens) and not (
            self.declines
        )

    @property
    def stance(self) -> str:
        """The signs with everything that approves as "+", and a negated approval as one rejection."""
        return re.sub(r"[<>x]\++", "x", re.sub("[sk]", "+", self.signs).replace("w", "x"))

    @property
    def declines(self) -> bool:
        """ "can't make any of them", "none work", "sorry, away"; no option is named."""
        if self.asks or "g" in self.signs:
            return False
        signs = re.sub(r"[<>x]\++", "x", re.sub("[kp]", "", self.signs))
        if signs == ">" and self.option_count > 1 and self.text.startswith(_OF_ONE):
            return False
        return bool(re.fullmatch(r"(?:0[yi]?\+*|[x<](?:[yi]\+*)?|>|w[yiab]?)+", signs)) and not (
            "not" in self.text and re.search("<0|[ab]", signs)
        )

    @property
    def explains(self) -> bool:
        """Only gives the reason of a refusal; says nothing that could take it back."""
        opens = f"{self.text} ".startswith(REASON_OPENERS) or re.match("[wp]", self.signs)
        return bool(opens) and not self.asks and not re.search(r"[gaibr0e!d+sc]", self.signs)

    @property
    def is_small_talk(self) -> bool:
        """Bears on no option: thanks, laughter, "see you at 7", a question about the event."""
        signs = re.sub("^[k#]*(?=c)|^k+", "", self.signs)
        if not signs:
            return not self.asks or (len(self.tokens) > 1 and not self.asks_back)
        if re.search(r"[gayibre0!dD<>x]", signs):
            return False
        if signs.startswith(Meaning.FRAME):
            return not self.asks_back
        asks = self.asks or signs.startswith(Meaning.ASKED)
        return asks and len(self.tokens) > 1 and not self.asks_back and not re.search(r"[#swp~jT]", signs)

    @property
    def asks_back(self) -> bool:
        """ "what were the options?" wants to answer."""
        return re.search(r"\b(options?|numbers?|dates|times|choices)\b", self.text) is not None


def _clauses(tokens: list[Token], option_count: int) -> Iterator[_Clause]:
    held: list[Token] = []
    after_but = False
    for token in [*tokens, Token(Meaning.BREAK, "")]:
        if token.meaning not in _BREAKS:
            held.append(token)
            continue
        if held or token.meaning is Meaning.QUERY:
            yield _Clause(tuple(held), option_count, asks=token.meaning is Meaning.QUERY, after_but=after_but)
            after_but = False
            held = []
        after_but = after_but or token.meaning is Meaning.BUT
    said = [token for token in tokens if token.meaning is not Meaning.BREAK]
    if said and said[-1].meaning in {Meaning.AND, Meaning.BUT}:
        yield _Clause((Token(Meaning.DOUBT, "unfinished"),), option_count, asks=False, after_but=after_but)


# --- Votes ---


@dataclass(slots=True)
class _Ballot:
    everything: frozenset[int]
    wanted: frozenset[int] = frozenset()
    refused: frozenset[int] = frozenset()
    quantified: bool = False
    bare: frozenset[int] = frozenset()


def _vote(clauses: list[_Clause], everything: frozenset[int]) -> Reading:
    unclear = Reading(Kind.UNCLEAR)
    ballot = _Ballot(everything)
    voting = [clause for clause in clauses if not _is_aside(clause)]
    if not all(_count(clause, ballot) for clause in voting):
        return unclear
    if ballot.quantified and ballot.bare not in {frozenset(), everything}:
        return unclear
    wanted = ballot.wanted - ballot.refused if ballot.quantified else ballot.wanted
    if wanted & ballot.refused:
        return unclear
    if wanted:
        return Reading(Kind.OPTIONS, tuple(sorted(wanted)))
    return Reading(Kind.NONE) if ballot.refused == everything else unclear


def _is_aside(clause: _Clause) -> bool:
    """A clause beside the vote that leaves it as it is."""
    if clause.asks and not clause.tokens:
        return False
    if clause.signs.startswith(Meaning.CORRECTION):
        return False
    if clause.is_small_talk or (not clause.asks and re.fullmatch(r"[+sk]*", clause.signs)):
        return True
    return clause.signs.startswith(Meaning.REASON) and not re.search(r"[gayib0!#d]", clause.signs)


def _count(clause: _Clause, ballot: _Ballot) -> bool:
    """Adds what `clause` says to `ballot`; False if it cannot be read, or in more than one way."""
    if clause.asks or len(clause.signs) > 20:
        return False
    stance, groups = clause.stance, clause.groups
    if stance.startswith(Meaning.CORRECTION) and not (ballot.wanted or ballot.refused):
        stance = stance.lstrip(Meaning.CORRECTION)
    if re.fullmatch(r"\+*[ayib]\+*", stance):
        if "+" not in stance and clause.tokens[0].meaning in {Meaning.THANKS, Meaning.FRAME}:
            return False
        ballot.wanted, ballot.quantified = ballot.everything, True
        return True
    if re.fullmatch(r"[+>x]*[ay0ib]\+*e\+*g\+*", stance):
        return _count_exception(stance, groups[0], ballot)
    if re.fullmatch(r"\+*r\+*|r[>x]|[<x]r", stance):
        return _count_rest(stance, ballot)
    return _count_groups(clause, stance, ballot)


def _count_exception(stance: str, excepted: frozenset[int], ballot: _Ballot) -> bool:
    """ "all except 2", "none but 2"."""
    if re.match(r"[>x]", stance):
        return False
    if "0" in stance:
        ballot.wanted |= excepted
        return True
    ballot.wanted |= ballot.everything - excepted
    ballot.refused |= excepted
    return ballot.wanted != frozenset()


def _count_rest(stance: str, ballot: _Ballot) -> bool:
    """ "2 doesn't work but the others do"."""
    named = ballot.wanted | ballot.refused
    rest = ballot.everything - named
    if not named or not rest:
        return False
    if set(stance) & set("<>x"):
        ballot.refused |= rest
        return True
    ballot.wanted |= rest
    return not ballot.quantified


def _count_groups(clause: _Clause, stance: str, ballot: _Ballot) -> bool:
    readings = {reading.replace("=", "+") for reading in _readings(stance)}
    if len(readings) != 1 or "gg" in stance:
        return False
    bare = stance == Meaning.GROUP
    if bare and _REGRET.search(clause.text) and "only" not in clause.text:
        return False
    if bare and ballot.refused and not clause.after_but:
        return False
    if bare:
        ballot.bare |= clause.groups[0]
    for polarity, options in zip(readings.pop(), clause.groups, strict=True):
        if polarity == "+":
            ballot.wanted |= options
        else:
            ballot.refused |= options
    return True


_REGRET: Final = re.compile(r"unfortunately|sadly|afraid|regretfully|reluctantly")


@lru_cache(maxsize=1024)
def _readings(stance: str) -> frozenset[str]:
    """All ways to deal the approvals and rejections out to the groups: "1 no 2" is "-=" or "=-"."""
    if not stance:
        return frozenset({""})
    found = set()
    for end in range(1, len(stance) + 1):
        polarity = _polarity(stance[:end])
        if polarity:
            found |= {polarity + rest for rest in _readings(stance[end:])}
    return frozenset(found)


def _polarity(unit: str) -> str:
    if unit == "g":
        return "="
    if re.fullmatch(r"\+*g\+*", unit):
        return "+"
    return "-" if re.fullmatch(r"[<x0]+g|g[>x]+", unit) else ""


# --- Refusals and chatter ---


def _declines(clauses: list[_Clause]) -> bool:
    """A refusal of everything, with nothing beside it that takes it back."""
    refusals = [clause for clause in clauses if clause.declines]
    if not refusals:
        return False
    others = [clause for clause in clauses if not clause.declines]
    if any(Meaning.NONE in clause.signs for clause in refusals):
        return not any(
            re.search(r"[ger!]|^\W*d", clause.signs) and not clause.asks for clause in others[:1]
        ) and not any(re.search(r"\b(unless|except|if|yet|but)\b", clause.text) for clause in clauses)
    return all(clause.is_small_talk or clause.explains for clause in others)


def _is_chatter(clauses: list[_Clause], option_count: int) -> bool:
    """Talk that answers nothing and wants no second question."""
    if not clauses:
        return False
    if not all(clause.is_small_talk for clause in clauses):
        return _is_off_topic(clauses)
    signs = "".join(clause.signs for clause in clauses)
    if signs and not signs.strip(Meaning.OKAY):
        return option_count > 1
    talk = {Meaning.THANKS, Meaning.FRAME, Meaning.WORD, Meaning.OKAY}
    return any(token.meaning in talk for clause in clauses for token in clause.tokens)


def _is_off_topic(clauses: list[_Clause]) -> bool:
    words = sum(len(clause.tokens) for clause in clauses)
    signs = "".join(clause.signs for clause in clauses)
    return words >= 3 and not signs.strip("ukcv") and not any(clause.asks_back for clause in clauses)
