"""What a due job does to its sync, whose turn it is to be reminded, and when the response goal is met.

Pure: `decide(job, sync, now=..., timings=...)` returns a Decision; the processor writes it down. It sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from autosync import texts
from autosync.model import (
    Invitee,
    Job,
    JobType,
    MessageType,
    NewJob,
    NewText,
    ResponseGoal,
    Sync,
    SyncStatus,
    Timings,
)

MAX_ATTEMPTS = 5
"""After this many attempts that raised, a job is failed and waits for an operator."""

_ORGANIZER = (None,)
"""Who gets a text that no contact gets."""


class Outcome(StrEnum):
    """What becomes of a job."""

    PROCESSED = "processed"
    SKIPPED = "skipped"
    POSTPONED = "postponed"


@dataclass(frozen=True, slots=True)
class Decision:
    """What one due job brings about: all of it is written in one transaction, or nothing is."""

    outcome: Outcome
    reason: str | None = None
    new_status: SyncStatus | None = None
    reminded: bool = False
    texts: tuple[NewText, ...] = ()
    follow_up: NewJob | None = None
    postponed_to: datetime | None = None


def decide(job: Job, sync: Sync, *, now: datetime, timings: Timings) -> Decision:
    """What `job`, due at `now` (aware), does to `sync`.

    Raises ValueError where the sync's own data make it impossible, such as an unknown time zone.
    """
    if job.type is JobType.AUTO_END:
        return _end_if_over(sync, now)
    if sync.status is not SyncStatus.RUNNING:
        return _skip(f"The sync was {sync.status} when this job was due.")
    if is_over(sync, now):
        return replace(_skip("Every option of the sync was over when this job was due."), new_status=SyncStatus.STOPPED)
    if job.type is JobType.REMINDER:
        return _remind(job, sync, now, timings)
    return _pause(job, sync, now)


def turns_on_options(job_type: str, status: str) -> bool:
    """Whether `decide` looks at the sync's options; True for words that only another client knows."""
    if job_type == JobType.AUTO_END:
        return status not in (SyncStatus.COMPLETED, SyncStatus.STOPPED)
    return status not in (SyncStatus.PAUSED, SyncStatus.COMPLETED, SyncStatus.STOPPED)


def turns_on_invitees(job_type: str, status: str) -> bool:
    """Whether `decide` looks at the sync's invitees; as above."""
    return job_type != JobType.AUTO_END and turns_on_options(job_type, status)


def to_remind(sync: Sync) -> tuple[Invitee, ...]:
    """The invitees whose turn it is to be reminded: those without an answer who have not opted out of all texts."""
    return tuple([invitee for invitee in sync.invitees if invitee.answer is None and not invitee.opted_out])


def is_over(sync: Sync, now: datetime) -> bool:
    """Whether every option's end has passed; a sync without options is never over."""
    return bool(sync.options) and max([option.over_at for option in sync.options]) <= now


def goal_is_met(sync: Sync, now: datetime) -> bool:
    """Whether the invitees' answers meet the sync's response goal at `now` (aware).

    `everyone`: every invitee has answered; `critical_mass`: more than half of the invitees can make the same option
    that is not over. The trigger pause_check_follows_answers() holds the same rule for answers written by any client.
    """
    if not sync.invitees:
        return False
    if sync.response_goal is ResponseGoal.EVERYONE:
        return all(invitee.answer is not None for invitee in sync.invitees)
    return any(count * 2 > len(sync.invitees) for count in texts.counts(_with_options_ahead(sync, now)).values())


def retry_pause(attempt: int) -> timedelta | None:
    """How long to wait after attempt number `attempt` (from 1) has raised; None: no further attempt.

    30 s, 2 min, 8 min, 32 min, then the job is failed.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    return timedelta(seconds=30 * 4 ** (attempt - 1))


def _skip(reason: str) -> Decision:
    return Decision(Outcome.SKIPPED, reason=reason)


def _remind(job: Job, sync: Sync, now: datetime, timings: Timings) -> Decision:
    # A goal that was met, and is not any more, may have left a pause check that would come right after the reminder.
    delays = not goal_is_met(sync, now)
    pause_check = NewJob(sync.id, JobType.PAUSE_CHECK, now + timings.time_to_answer, delays=delays)
    waited_for = to_remind(sync)
    if not waited_for:
        return Decision(Outcome.PROCESSED, reason="Nobody was left to remind.", follow_up=pause_check)
    body = texts.reminder(_with_options_ahead(sync, now))
    reminder = NewText(
        sync.id, tuple([invitee.contact_id for invitee in waited_for]), MessageType.REMINDER, job.id, body
    )
    report = texts.reminder_update(sync, reminded=len(waited_for))
    update = NewText(sync.id, _ORGANIZER, MessageType.REMINDER_UPDATE, job.id, report)
    return Decision(Outcome.PROCESSED, reminded=True, texts=(reminder, update), follow_up=pause_check)


def _with_options_ahead(sync: Sync, now: datetime) -> Sync:
    """The sync as it is still worth asking about; the numbers of its options stay."""
    if not sync.options or min([option.over_at for option in sync.options]) > now:
        return sync
    return replace(sync, options=tuple(option for option in sync.options if option.over_at > now))


def _pause(job: Job, sync: Sync, now: datetime) -> Decision:
    if goal_is_met(sync, now):
        report = NewText(sync.id, _ORGANIZER, MessageType.GOAL_MET, job.id, texts.goal_met(sync))
    else:
        report = NewText(sync.id, _ORGANIZER, MessageType.PAUSE_SUMMARY, job.id, texts.pause_summary(sync))
    return Decision(Outcome.PROCESSED, new_status=SyncStatus.PAUSED, texts=(report,))


def _end_if_over(sync: Sync, now: datetime) -> Decision:
    if sync.status.is_final:
        return _skip(f"The sync was {sync.status} when this job was due.")
    if not sync.options:
        return _skip("The sync has no options any more.")
    if not is_over(sync, now):
        return Decision(Outcome.POSTPONED, postponed_to=max(option.over_at for option in sync.options))
    return Decision(Outcome.PROCESSED, new_status=SyncStatus.STOPPED)
