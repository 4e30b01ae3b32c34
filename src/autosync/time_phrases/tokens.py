"""Cuts a phrase into words, numbers and marks, and walks along them.

`plain` settles how characters are written; `tokens_of` cuts; a `Cursor` is what the readers take tokens from. What
cannot be cut is a token of its own, so that nothing is lost.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Final

from autosync.time_phrases.asking import Span

_CHARACTERS: Final = str.maketrans(
    dict.fromkeys("‘’‚‛′`´ʻʼ", "'") | dict.fromkeys("“”„‟″", '"') | dict.fromkeys("‐‑‒–—―−", "-")
)
_AM_PM: Final = re.compile(r"(?<![^\W\d_])([ap])\.\s?m\b\.?", re.IGNORECASE)
_TOKEN: Final = re.compile(
    r"""
      (?P<iso>20[0-9]{2}[-/.][0-9]{1,2}[-/.][0-9]{1,2})(?![0-9])
    | (?P<slashed>[0-9]{1,2}/[0-9]{1,2}(?:/(?:20)?[0-9]{2})?|[0-9]{1,2}-[0-9]{1,2}-20[0-9]{2})(?![0-9/])
    | (?P<dotted>[0-9]{1,2}\.(?:0?[1-9]|1[0-2])\.(?:(?:20)?[0-9]{2})?)(?![0-9])
    | (?P<clock>[0-9]{1,2}[:.][0-9]{2})(?![0-9:.]*[0-9])
    | (?P<decimal>[0-9]+\.[0-9]+)(?![0-9])
    | (?P<ordinal>[0-9]{1,2}(?:st|nd|rd|th))\b
    | (?P<number>[0-9]+)
    | (?P<word>[^\W\d_]+(?:'[^\W\d_]+)*)
    | (?P<other>\S)
    """,
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Token:
    """`text` in lower case; `kind` as the group above, or "end"; `glued`: no space before it."""

    text: str
    kind: str
    span: Span
    glued: bool

    @property
    def number(self) -> int | None:
        """What the digits of a number or an ordinal say."""
        if self.kind == "number" and len(self.text) <= 4:
            return int(self.text)
        return int(self.text[:-2]) if self.kind == "ordinal" else None


def plain(text: str) -> str:
    """Compatible characters made one, quotes and dashes plain, a.m. as am, single spaces."""
    settled = unicodedata.normalize("NFKC", text).translate(_CHARACTERS)
    return " ".join(_AM_PM.sub(r"\1m", settled).split())


def tokens_of(text: str) -> list[Token]:
    """All of the text but its spaces."""
    return [
        Token(found.group().lower(), found.lastgroup or "other", found.span(), found.start() == ends)
        for ends, found in _with_previous_end(text)
    ]


def _with_previous_end(text: str) -> list[tuple[int, re.Match[str]]]:
    matches = list(_TOKEN.finditer(text))
    return list(zip([-1, *(match.end() for match in matches)], matches, strict=False))


class Cursor:
    """Where a reader stands. `at` may be set back; beyond the last token stands one of the kind "end"."""

    def __init__(self, text: str, today: date) -> None:
        self.text = text
        self.today = today
        self.tokens = tokens_of(text)
        self.at = 0
        self._end = Token("", "end", (len(text), len(text)), glued=False)

    def ahead(self, by: int = 0) -> Token:
        """The token that comes next, or some after it (or before, if negative)."""
        return self.tokens[self.at + by] if 0 <= self.at + by < len(self.tokens) else self._end

    @property
    def text_ahead(self) -> str:
        """The next token's text."""
        return self.ahead().text

    @property
    def done(self) -> bool:
        """Whether nothing is left."""
        return self.at >= len(self.tokens)

    def take(self, *texts: str) -> bool:
        """Steps over the next token if it is one of these."""
        found = not self.done and self.ahead().text in texts
        self.at += found
        return found

    def take_all(self, *texts: str) -> bool:
        """Steps over these tokens, one after the other, or over none."""
        found = all(self.ahead(by).text == text for by, text in enumerate(texts))
        self.at += found * len(texts)
        return found

    def span_since(self, start: int) -> Span:
        """The characters from the token number `start` until where the cursor stands."""
        last = max(start, self.at - 1)
        ends = self.tokens[last].span[1] if last < len(self.tokens) else len(self.text)
        begins = self.tokens[start].span[0] if start < len(self.tokens) else len(self.text)
        return begins, ends
