"""What a review finds: `Finding`s, each with a level, and a `Review` of them all. Values only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from autosync.database.review import ENOUGH


class Level(StrEnum):
    """How a finding is to be taken; each is worse than the one before."""

    OK = "✅"
    NOTE = "💬"
    WARNING = "⚠️"
    UNKNOWN = "❔"
    WRONG = "❌"

    @property
    def severity(self) -> int:
        """From 0, all well."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is the matter, and `advice` what to do about it, a sentence each; SQL and commands stand in backquotes.

    `missing`: something that belongs here is not there at all.
    """

    area: str
    level: Level
    what: str
    advice: str | None = None
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """What was reviewed, and when (UTC)."""

    database: str
    server_version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Review:
    """All findings, area by area; of which database, once it has told."""

    findings: tuple[Finding, ...]
    subject: Subject | None = None

    @property
    def level(self) -> Level:
        """The worst of all findings."""
        return worst(self.findings)


def worst(findings: Sequence[Finding]) -> Level:
    """The worst level of these."""
    return max((finding.level for finding in findings), key=lambda level: level.severity, default=Level.OK)


def ok(area: str, what: str) -> Finding:
    """Nothing to do."""
    return Finding(area, Level.OK, what)


def note(area: str, what: str, advice: str | None = None) -> Finding:
    """Good to know, and nothing that has to be done."""
    return Finding(area, Level.NOTE, what, advice)


def warning(area: str, what: str, advice: str, *, missing: bool = False) -> Finding:
    """Worth a look; everything works."""
    return Finding(area, Level.WARNING, what, advice, missing)


def wrong(area: str, what: str, advice: str, *, missing: bool = False) -> Finding:
    """Something does not work, or is not safe."""
    return Finding(area, Level.WRONG, what, advice, missing)


def unknown(area: str, what: str, advice: str) -> Finding:
    """Could not be seen."""
    return Finding(area, Level.UNKNOWN, what, advice)


def some(count: int, noun: str) -> str:
    """`1 job`, `3 jobs`, `more than 1,000 jobs`."""
    if count == 1:
        return f"1 {noun}"
    many = f"more than {ENOUGH - 1:,}" if count >= ENOUGH else f"{count:,}"
    return f"{many} {noun}s"


def agree(count: int, one: str, many: str) -> str:
    """The form of a verb that goes with `some(count, ...)`."""
    return one if count == 1 else many


def listed(names: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def quoted(name: str) -> str:
    """An identifier as SQL takes it."""
    return name if re.fullmatch(r"[a-z_][a-z0-9_]*", name) else '"' + name.replace('"', '""') + '"'


_UNITS = (("day", 86_400, 3), ("hour", 3_600, 2), ("minute", 60, 2), ("second", 1, 2))
"""Each with its seconds, and from how many of it on a length is told in it."""


def span(length: timedelta) -> str:
    """A length of time in the largest unit that tells it well: `90 seconds`, `48 hours`, `3 days`."""
    seconds = int(length.total_seconds())
    for unit, size, least in _UNITS:
        if seconds >= least * size:
            return f"{seconds // size} {unit}s"
    return "1 second" if seconds == 1 else "0 seconds"


_PRIVATE = (
    (re.compile(r"(?i)\bDETAIL:.*", re.DOTALL), "(details left out)"),
    (re.compile(r"(?i)\b(failing row contains|key) \(.*", re.DOTALL), r"\1 (left out)"),
    (re.compile(r"://[^\s/@]+:[^\s/@]+@"), "://(login)@"),
    (re.compile(r"\beyJ[\w.-]{8,}|\b(?:sk|sb|key)[-_][\w-]{12,}"), "(secret)"),
    (re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"), "(address)"),
    (re.compile(r"(?i)\b(bearer|apikey|password|token|secret)(\W{1,3})[^\s'\"]{6,}"), r"\1\2(secret)"),
    (re.compile(r"(?<![\w-])\+?\(?\d(?:[ ()./-]{0,2}\d){6,}(?![\w-])"), "(number)"),
)


def discreet(text: str) -> str:
    """Somebody else's words without phone numbers, addresses, secrets and the rows that a database quotes."""
    for pattern, instead in _PRIVATE:
        text = pattern.sub(instead, text)
    return text


def as_end(text: str | None) -> str:
    """Somebody else's words as the end of a sentence: discreet, one line, no longer than 300 characters."""
    told = " ".join(discreet(text or "").split()) or "no reason was kept"
    told = told if len(told) <= 300 else f"{told[:299]}…"
    return told if told.endswith((".", "!", "?", "…")) else f"{told}."
