"""What reading a phrase gives: the windows it asks for, the one time it names, or the question that it leaves.

Frozen values, and the end of every reading. All instants are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from autosync.windows import Window


@dataclass(frozen=True, slots=True)
class Asked:
    """Times that would do.

    `windows`: at least one, disjoint, in order of time, none before now. `hours_given`: the phrase itself says which
    hours of the day ("evenings", "after 6"). `duration`: how long it says that it takes. `heard`: how it was
    understood, in local dates and clocks, for the organizer to see: "Monday, December 7, 5 to 10 PM".
    """

    windows: tuple[Window, ...]
    hours_given: bool
    duration: timedelta | None
    heard: str


@dataclass(frozen=True, slots=True)
class Exact:
    """One time; `ends` is None if the phrase does not say, else after `begins`. `heard` as in `Asked`."""

    begins: datetime
    ends: datetime | None
    heard: str


@dataclass(frozen=True, slots=True)
class Unclear:
    """What cannot be told: one sentence that asks back or says why, and phrases (maybe none) that would be clear."""

    question: str
    choices: tuple[str, ...] = ()
