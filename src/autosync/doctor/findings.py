"""What a review finds: `Finding`s, each with a level, and a `Review` of them all. Values only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from autosync.database.review import ENOUGH


class Level(StrEnum):
    """How a finding is to be taken; each is worse than the one before."""

    OK = "✅"
    WARNING = "⚠️"
    UNKNOWN = "❔"
    WRONG = "❌"

    @property
    def severity(self) -> int:
        """From 0, all well."""
        return list(Level).index(self)


@dataclass(frozen=True, slots=True)
class Finding:
    """`what` is the matter, and `advice` what to do about it, a sentence each; SQL and commands stand in backquotes."""

    area: str
    level: Level
    what: str
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """All findings, area by area."""

    findings: tuple[Finding, ...]

    @property
    def level(self) -> Level:
        """The worst of all findings."""
        return max((finding.level for finding in self.findings), key=lambda level: level.severity, default=Level.OK)


def ok(area: str, what: str) -> Finding:
    """Nothing to do."""
    return Finding(area, Level.OK, what)


def warning(area: str, what: str, advice: str) -> Finding:
    """Worth a look; everything works."""
    return Finding(area, Level.WARNING, what, advice)


def wrong(area: str, what: str, advice: str) -> Finding:
    """Something does not work, or is not safe."""
    return Finding(area, Level.WRONG, what, advice)


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


_UNITS = (("day", 86_400, 3), ("hour", 3_600, 2), ("minute", 60, 2), ("second", 1, 2))
"""Each with its seconds, and from how many of it on a length is told in it."""


def span(length: timedelta) -> str:
    """A length of time in the largest unit that tells it well: `90 seconds`, `48 hours`, `3 days`."""
    seconds = int(length.total_seconds())
    for unit, size, least in _UNITS:
        if seconds >= least * size:
            return f"{seconds // size} {unit}s"
    return "1 second" if seconds == 1 else "0 seconds"
