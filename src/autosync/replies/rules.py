"""Rewriting rules: a text goes through `rewritten(text, RULES)`, pattern by pattern, in the order given."""

import re
from collections.abc import Iterable
from typing import Final

Rule = tuple[re.Pattern[str], str]

MONTHS: Final = (
    r"(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec|january|february|march|april|june|july|august|september|"
    r"october|november|december|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|"
    r"diciembre)"
)
DAYS: Final = (
    r"(?:mon|tues?|weds?|thu|thurs?|fri|sat|sun|monday|tuesday|wednesday|thursday|friday|saturday|sunday|mondays|"
    r"tuesdays|wednesdays|thursdays|fridays|saturdays|sundays|lunes|martes|miercoles|jueves|viernes|sabado|domingo)"
)


def rules(pairs: Iterable[tuple[str, str]]) -> tuple[Rule, ...]:
    """Compiled rules of pairs of a pattern and what replaces it."""
    return tuple((re.compile(pattern), replacement) for pattern, replacement in pairs)


def rewritten(text: str, using: tuple[Rule, ...]) -> str:
    """`text` after every rule of `using`, in order."""
    for pattern, replacement in using:
        text = pattern.sub(replacement, text)
    return text


def words(text: str) -> frozenset[str]:
    """The words of `text`."""
    return frozenset(text.split())


def one_of(phrases: str) -> str:
    """A pattern of the phrases of `phrases`, which has a | between any two; safe to repeat.

    A phrase that is listed twice, or made of other ones, would let a repetition match in exponentially many ways.
    """
    listed = set(phrases.split("|"))
    kept = [
        phrase for phrase in dict.fromkeys(phrases.split("|")) if not _is_made_of(phrase.split(), listed - {phrase})
    ]
    return f"(?:{'|'.join(kept)})"


def _is_made_of(parts: list[str], phrases: set[str]) -> bool:
    if not parts:
        return True
    return any(
        " ".join(parts[:end]) in phrases and _is_made_of(parts[end:], phrases) for end in range(1, len(parts) + 1)
    )
