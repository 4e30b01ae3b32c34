"""A linear model of how people answer: `judged(plain, marked, 3)` is the likeliest reading, and how likely it is.

Learned from labelled answers (docs/answers.md); it only guesses, `read_reply` decides what a guess may change.
"""

import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final
from zlib import decompress

from autosync.replies.features import PLACES, hashed, kind_features, option_features

KINDS: Final = ("chatter", "help", "none", "options", "start", "stop", "unclear")
SCALE: Final = 16.0
"""A weight of 1 is stored as this."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """How likely each kind is, and each option if the kind is options."""

    kinds: dict[str, float]
    options: tuple[float, ...]

    @property
    def best(self) -> tuple[str, tuple[int, ...], float]:
        """The likeliest kind, its options, and how likely both together are."""
        kind = max(self.kinds, key=self.kinds.__getitem__)
        if kind != "options":
            return kind, (), self.kinds[kind]
        chosen = tuple(number for number, share in enumerate(self.options, 1) if share > 0.5)
        return kind, chosen, self.likelihood(kind, chosen)

    def likelihood(self, kind: str, options: tuple[int, ...]) -> float:
        """How likely this reading is."""
        if kind != "options":
            return self.kinds[kind]
        shares = [share if number in options else 1 - share for number, share in enumerate(self.options, 1)]
        return self.kinds[kind] * math.prod(shares)


Tables = tuple[memoryview, ...]
"""A table of weights for each kind, and one for options."""


def unpacked(weights: bytes) -> Tables:
    """The tables in the bytes that training writes."""
    stored = memoryview(decompress(weights)).cast("b")
    return tuple(stored[start : start + PLACES] for start in range(0, len(stored), PLACES))


@cache
def tables() -> Tables:
    """The tables of the package."""
    return unpacked(files(__package__).joinpath("weights.bin").read_bytes())


def judged(plain: str, marked: list[str], option_count: int) -> Judgement:
    """The judgement of a text, as `plain` and `marked` leave it."""
    *kind_tables, option_table = tables()
    places = hashed(kind_features(plain, marked, option_count))
    norm = SCALE * math.sqrt(len(places))
    scores = [sum(map(table.__getitem__, places)) / norm for table in kind_tables]
    highest = max(scores)
    shares = [math.exp(score - highest) for score in scores]
    kinds = {kind: share / sum(shares) for kind, share in zip(KINDS, shares, strict=True)}
    if option_count == 1:
        return Judgement(kinds, (1.0,))
    numbers = range(1, option_count + 1)
    return Judgement(kinds, tuple(_share(marked, option, option_count, option_table) for option in numbers))


def _share(marked: list[str], option: int, option_count: int, table: memoryview) -> float:
    places = hashed(option_features(marked, option, option_count))
    score = sum(map(table.__getitem__, places)) / (SCALE * math.sqrt(len(places)))
    return 1 / (1 + math.exp(-score))
