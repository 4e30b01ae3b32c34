"""The words of the product as values: syncs, options, invitees, jobs and texts.

Frozen, without behaviour that needs a database or a clock. All times are aware datetimes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

MOST_OPTIONS = 3
"""A sync proposes one to three times."""


class Refused(Exception):
    """What was asked cannot be done as things stand; nothing was changed. One sentence: what is wrong, what to do."""


class Unusable(Refused):
    """What was asked makes no sense, however things stand. One sentence as above."""


class SyncStatus(StrEnum):
    """Where a sync stands; the last two are final."""

    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"

    @property
    def is_final(self) -> bool:
        """Whether nothing can happen to the sync any more."""
        return self in (SyncStatus.COMPLETED, SyncStatus.STOPPED)


class ResponseGoal(StrEnum):
    """When the organizer wants to be told early."""

    EVERYONE = "everyone"
    CRITICAL_MASS = "critical_mass"


class JobType(StrEnum):
    """What a job does to its sync."""

    REMINDER = "reminder_24h"
    PAUSE_CHECK = "pause_check_48h"
    AUTO_END = "auto_end_check"


class MessageType(StrEnum):
    """What a text is for: the first five go to invitees, the others to the organizer."""

    INITIAL = "initial"
    REMINDER = "reminder"
    INVITE = "invite"
    CLARIFICATION = "clarification"
    LATE_ANSWER = "late_answer"
    STARTED = "started"
    REMINDER_UPDATE = "reminder_update"
    PAUSE_SUMMARY = "pause_summary"
    GOAL_MET = "goal_met"
    CHOOSE_OPTION = "choose_option"
    CONFIRM_STOP = "confirm_stop"
    STATUS = "status"
    HELP = "help"


class EventStatus(StrEnum):
    """What is wanted of the event of a sync whose time was chosen."""

    CONFIRMED = "confirmed"
    TENTATIVE = "tentative"
    CANCELLED = "cancelled"


class Delivery(StrEnum):
    """How far an event got on its way into the organizer's calendar; `none`: calendar files only."""

    NONE = "none"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Timings:
    """Delays from the start of a sync: to its reminder, and to its pause."""

    reminder_delay: timedelta
    pause_delay: timedelta

    @property
    def time_to_answer(self) -> timedelta:
        """From a reminder to the pause check that follows it."""
        return self.pause_delay - self.reminder_delay


@dataclass(frozen=True, slots=True)
class Option:
    """One proposed time, under the number that invitees answer with."""

    id: UUID
    number: int
    start: datetime
    end: datetime | None

    @property
    def over_at(self) -> datetime:
        """When it is too late to choose this option: its end, or its start where it has none."""
        return self.end or self.start


class Invitee(NamedTuple):
    """Somebody who was asked. `answer`: None = none yet; else the option ids they can make, empty = not available.

    `opted_out`: their number has said stop, so that no text reaches them. A tuple, because a backlog has eight a job.
    """

    contact_id: UUID
    name: str
    answer: frozenset[UUID] | None = None
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Sync:
    """All that the rules need to know of one sync. `timezone` is an IANA name."""

    id: UUID
    status: SyncStatus
    event_name: str
    event_location: str | None
    timezone: str
    response_goal: ResponseGoal
    organizer_name: str
    options: tuple[Option, ...]
    invitees: tuple[Invitee, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to do to a sync at a time; it is due."""

    id: UUID
    sync_id: UUID
    type: JobType


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job that is yet to be written; `delays`: one of its type that is pending already waits until then, too."""

    sync_id: UUID
    type: JobType
    scheduled_at: datetime
    delays: bool = False


@dataclass(frozen=True, slots=True)
class NewText:
    """A text that is yet to be queued, in the same words to each of its recipients: contacts, or None, the organizer.

    `cause_id` is what brought it about (a job, the sync itself, the option that was chosen, the ask or report that it
    is about, or the text that it answers): a second text of the same type to the same person for the same cause is
    never written.
    """

    sync_id: UUID
    recipients: tuple[UUID | None, ...]
    type: MessageType
    cause_id: UUID
    body: str


@lru_cache(maxsize=16_384)
def full_name(first: str | None, last: str | None) -> str:
    """Both names in one, without surplus blanks; empty if there is neither."""
    return " ".join(f"{first or ''} {last or ''}".split())
