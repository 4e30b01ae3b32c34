"""What a search for free times has found, as values, and the sentences in which their organizer is told.

Pure. What is in a calendar is named by its time alone: titles are never read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from autosync import texts
from autosync.proposals import Preferences, Proposal, spoken
from autosync.windows import Window

USUAL_DURATION = timedelta(hours=2)
"""Of a get-together, where nobody says how long; also of what has no end."""

SHORTEST, LONGEST = timedelta(minutes=5), timedelta(hours=12)
"""How long what is proposed can last."""

LONGEST_PHRASE = 200
MOST_SKIPPED = 300


class Calendar(StrEnum):
    """Whether the organizer's calendar was looked at, and else why not."""

    CONNECTED = "connected"
    NONE = "none"
    DISCONNECTED = "disconnected"
    UNREACHABLE = "unreachable"


@dataclass(frozen=True, slots=True)
class Looked:
    """How far the calendar was looked at. `unreadable`: ids of calendars that could not be; `note`: all of it, said."""

    calendar: Calendar
    note: str
    unreadable: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether what is not busy is free."""
        return self.calendar is Calendar.CONNECTED and not self.unreadable


class Meets(StrEnum):
    """What a time is in conflict with."""

    CALENDAR = "calendar"
    PROPOSED = "proposed"
    CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class Conflict:
    """What is there already, when, and a sentence that says so by the clock."""

    window: Window
    meets: Meets
    sentence: str


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to propose, or the question that has to be answered first.

    `heard`: how the phrase was understood, and for how long. `question`: a sentence that asks back, with phrases that
    would be clear in `choices`; then there is nothing else, and no calendar was looked at (`looked` None). `is_exact`:
    the phrase named one time, which is the only proposal, with what it is in `conflicts` with. `nothing`: why there is
    no proposal. `next_skip`: what to skip to see others; None: there are none.
    """

    zone: ZoneInfo
    duration: timedelta
    heard: str = ""
    question: str | None = None
    choices: tuple[str, ...] = ()
    looked: Looked | None = None
    proposals: tuple[Proposal, ...] = ()
    is_exact: bool = False
    conflicts: tuple[Conflict, ...] = ()
    nothing: str | None = None
    next_skip: int | None = None


CHECKED = "Checked against your Google Calendar."
NOT_CONNECTED = "No calendar is connected, so none was looked at."
UNREACHABLE = "Your Google Calendar could not be reached, so these times were not checked against it."
NOT_FROM_HERE = "Your Google Calendar cannot be looked at from here, so these times were not checked against it."


def checked(unreadable: Sequence[str]) -> str:
    """That the calendar was looked at, and which parts of it could not be."""
    if not unreadable:
        return CHECKED
    one = len(unreadable) == 1
    which, them = ("One of your calendars", "it") if one else (f"{len(unreadable)} of your calendars", "them")
    return f"{which} could not be read, so these times were not checked against {them}: see /calendar."


def lost(because: str) -> str:
    """That Google lets us in no more. `because`: sentences that say why, and what to do."""
    return f"{because} These times were not checked against it."


def lasting(heard: str, duration: timedelta) -> str:
    """How a phrase was understood that does not say how long it is meant."""
    return f"{heard}, for {spoken(duration)}"


def nothing_free(duration: timedelta, hours: Preferences | None, *, skip: int) -> str:
    """Why there is no (other) proposal. `hours`: those that it had to be within, if it had to."""
    if skip:
        return "There are no other times."
    within = f" between {texts.clock(hours.day_begins)} and {texts.clock(hours.day_ends)}, your hours" if hours else ""
    return f"No time of {spoken(duration)} is free then{within}."


def conflict(window: Window, meets: Meets, wanted: Window, *, zone: ZoneInfo, buffer: timedelta) -> Conflict:
    """The conflict of a time that is wanted with what is there."""
    when = _by_the_clock(window, wanted, zone)
    said = {
        Meets.CALENDAR: f"Your calendar has something {when}",
        Meets.PROPOSED: f"You have proposed another plan {when}",
        Meets.CHOSEN: f"You have another plan {when}",
    }[meets]
    near = "" if window.meets(wanted) else f", nearer than the {spoken(buffer)} that you keep free"
    return Conflict(window, meets, f"{said}{near}.")


def _by_the_clock(window: Window, wanted: Window, zone: ZoneInfo) -> str:
    """`from 6 PM to 8 PM`; of what goes beyond the day or days of the time that is wanted, only the part in these.

    Of what is on other days only (too near), the nearest one. Names the day unless it is the one that is wanted.
    """
    (first, last), (since, until) = _dates(wanted, zone), _dates(window, zone)
    shown = (
        (until, until) if until < first else (since, since) if since > last else (max(since, first), min(until, last))
    )
    begins, ends = window.begins.astimezone(zone).time(), window.ends.astimezone(zone).time()
    on_day = f" on {shown[1]:%A}" if shown[0] == shown[1] != first else ""
    from_midnight = since < shown[0] or begins == time()
    to_midnight = until > shown[1] or ends == time()
    if from_midnight and to_midnight:
        whole = on_day or (f" on {first:%A}" if shown != (first, last) else "")
        return f"all day{whole}"
    if since < shown[0]:
        return f"until {texts.clock(ends)}{f' on {shown[1]:%A}' if shown[1] != first else ''}"
    if until > shown[1]:
        return f"from {texts.clock(begins)}{on_day or ' on'}"
    return f"from {texts.clock(begins)} to {texts.clock(ends)}{on_day}"


def _dates(window: Window, zone: ZoneInfo) -> tuple[date, date]:
    """Of its first and its last moment."""
    last = window.ends - timedelta(microseconds=1)
    return window.begins.astimezone(zone).date(), last.astimezone(zone).date()


def document(found: Found) -> dict[str, Any]:
    """All of it for programs: as `GET /api/free-times` answers, and `autosync syncs propose --json`."""
    looked = found.looked
    return {
        "heard": found.heard,
        "question": found.question,
        "choices": list(found.choices),
        "timezone": found.zone.key,
        "duration_minutes": found.duration // timedelta(minutes=1),
        "options": [
            {
                "start_time": proposal.begins,
                "end_time": proposal.ends,
                "when": when(proposal, found.zone),
                "reasons": list(proposal.reasons),
            }
            for proposal in found.proposals
        ],
        "is_exact": found.is_exact,
        "conflicts": [
            {
                "start_time": conflict.window.begins,
                "end_time": conflict.window.ends,
                "meets": conflict.meets,
                "sentence": conflict.sentence,
            }
            for conflict in found.conflicts
        ],
        "nothing": found.nothing,
        "next_skip": found.next_skip,
        "calendar": looked and looked.calendar,
        "calendar_note": looked and looked.note,
        "unreadable_calendars": list(looked.unreadable) if looked else [],
    }


def when(proposal: Proposal, zone: ZoneInfo) -> str:
    """The time as a text says it, such as `Fri Dec 19, 6-8 PM EST`."""
    return texts.span(proposal.begins, proposal.ends, zone)
