"""Reads a text message as an answer to numbered options: `read_reply("1 and 3", option_count=3)`.

A wrong vote is worse than a question: a grammar reads what it wholly understands, a learned model (docs/answers.md)
what it is sure of, and the rest is asked about. Pure: no clock, no database; whose answer it is is decided elsewhere.
"""

import enum
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from autosync.replies import commands
from autosync.replies.agreement import agrees
from autosync.replies.asides import Aside, aside_of, refuses
from autosync.replies.cautions import contradicts
from autosync.replies.clauses import Clause, clauses_of, plainly
from autosync.replies.corrections import corrected
from autosync.replies.model import judged
from autosync.replies.options import marked
from autosync.replies.plain import plain
from autosync.replies.votes import vote
from autosync.replies.weighing import weighed


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
_LONGEST: Final = 600
"""Characters of an answer. More is a story, in which a number is rarely a vote; its reading would also take long."""
_SHORT: Final = 100
"""Characters of an answer whose like may come again."""
_FIRST: Final = re.compile(r"\b1st (?=(?:two|three|2|3|couple)\b)", re.IGNORECASE)
_LONG_QUOTE: Final = re.compile(r'["“«„][^"”»]{20,}["”»]?')


_THE_DAY: Final = re.compile(r" \b(?:that|this|the) (?:night|day|evening|date)\b")
"""Of one option it is the whole: “can't that night” refuses."""


def read_reply(text: str, *, option_count: int) -> Reading:
    """How `text` answers "which of the options 1 to `option_count` work for you?" (spec: Answers).

    In doubt UNCLEAR, which asks once more; "yes" alone is UNCLEAR, as it is an opt-in word for carriers, while "works
    for me" votes for the only option. More than 600 characters are UNCLEAR, except for the carriers' words in them.
    Raises ValueError unless 1 <= option_count <= 3.
    """
    if not 1 <= option_count <= 3:
        raise ValueError(f"An ask has 1 to 3 options, not {option_count}.")
    return _read_short(text, option_count) if len(text) <= _SHORT else _read(text, option_count)


def _read(text: str, option_count: int) -> Reading:
    if _TAPBACK.match(text):
        return Reading(Kind.CHATTER)
    own_words = plain(_LONG_QUOTE.sub(" ¤ ", _MAIL_TAIL.sub("", text).strip()))
    command = commands.command_in(own_words)
    if command is None and commands.shouts_stop(text.strip()):
        command = "stop"
    if command is not None:
        return Reading(Kind(command))
    if len(own_words) > _LONGEST:
        return Reading(Kind.UNCLEAR)
    own_words = _FIRST.sub("first ", own_words)
    words = marked(own_words, option_count)
    grammar = _answer(plainly(words, option_count), option_count)
    judgement = judged(own_words, words.split(), option_count)
    kind, options = weighed((grammar.kind, grammar.options), judgement, words, option_count)
    reading = Reading(Kind(kind), options)
    final = reading.kind in (Kind.OPTIONS, Kind.NONE)
    taken_back = final and contradicts(own_words.lower(), reading.options, option_count)
    return Reading(Kind.UNCLEAR) if taken_back else reading


_read_short = lru_cache(maxsize=4096)(_read)
"""Most people write one of a few things: "1", "2 and 3", "none"."""


def _answer(text: str, option_count: int) -> Reading:
    clauses = clauses_of(text)
    if not any(clause.mentions for clause in clauses):
        return _without_options(clauses, option_count)
    counting = corrected(text)
    options = None if counting is None else vote(clauses_of(counting), option_count)
    if options is None:
        return Reading(Kind.UNCLEAR)
    return Reading(Kind.OPTIONS, options) if options else Reading(Kind.NONE)


def _refuses(text: str, option_count: int) -> bool:
    return refuses(_THE_DAY.sub("", text) if option_count == 1 else text)


def _without_options(clauses: list[Clause], option_count: int) -> Reading:
    refusals = [clause for clause in clauses if not clause.asks and _refuses(clause.text, option_count)]
    others = [clause for clause in clauses if clause not in refusals]
    turned = any(
        clause.link == "but" and re.search(r"\b(?:free|available|could|works?|can)\b", clause.text) for clause in others
    )
    doubtful = turned or any(aside_of(clause) is Aside.DOUBT and not clause.asks for clause in others)
    if refusals and not doubtful:
        return Reading(Kind.NONE)
    if option_count == 1 and agrees(clauses):
        return Reading(Kind.OPTIONS, (1,))
    return Reading(Kind.UNCLEAR)
