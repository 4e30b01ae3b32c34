"""The whole life of a sync in sentences, for an operator: what happened, what did not and why, what comes next.

Pure: `of_sync(facts)` tells it from the rows themselves, in the order in which it came about. Finished jobs go after
three days, and so does what they tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync import explanations, texts
from autosync.explanations import EventFacts, Intervention, JobFacts, JobStatus, MessageStatus
from autosync.model import JobType, SyncStatus


@dataclass(frozen=True, slots=True)
class TextFate:
    """How many texts of one type are in one state for one reason. `next_at`: the earliest that one of them leaves."""

    type: str
    status: MessageStatus
    reason: str | None
    error_code: str | None
    count: int
    first_at: datetime | None
    last_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class SyncFacts:
    """A sync, its moments (aware), its jobs by when they were done or are due, and what became of its texts.

    `event`: the calendar's part, once a time was chosen.
    """

    id: UUID
    event_name: str
    status: SyncStatus
    organizer: str
    started_at: datetime
    paused_at: datetime | None
    completed_at: datetime | None
    stopped_at: datetime | None
    asked: int
    answered: int
    last_answer_at: datetime | None
    now: datetime
    jobs: tuple[JobFacts, ...] = ()
    texts: tuple[TextFate, ...] = ()
    event: EventFacts | None = None
    by_hand: tuple[Intervention, ...] = ()


def of_sync(sync: SyncFacts) -> list[str]:
    """Its life, what it waits for, and what is wrong with it."""
    calendar = () if sync.event is None else explanations.of_event(sync.event, now=sync.now)
    by_hand = explanations.by_hand(sync.by_hand)
    return [*_opening(sync), *_jobs(sync), *_texts(sync), *calendar, *by_hand, *_what_now(sync)]


def _opening(sync: SyncFacts) -> Iterator[str]:
    yield f'"{texts.clean(sync.event_name)}", organized by {sync.organizer}, is {sync.status} ({sync.id}).'
    yield f"It began {explanations.when(sync.started_at, sync.now)}; {_people(sync.asked)} asked."
    if sync.answered:
        yield f"{sync.answered} have answered, the last one {explanations.when(sync.last_answer_at, sync.now)}."
    else:
        yield "Nobody has answered yet."
    for moment, what in (
        (sync.paused_at if sync.status is not SyncStatus.RUNNING else None, "It was paused"),
        (sync.completed_at, "Invites were sent"),
        (sync.stopped_at, "It was ended without invites"),
    ):
        if moment is not None:
            yield f"{what} {explanations.when(moment, sync.now)}."


def _jobs(sync: SyncFacts) -> Iterator[str]:
    for job in sync.jobs:
        yield f"Job {job.type} ({job.id}): {' '.join(explanations.of_job(job)[1:])}"
    if not sync.jobs:
        yield "No job of it is kept: finished ones go after three days."


def _texts(sync: SyncFacts) -> Iterator[str]:
    for fate in sync.texts:
        code = f" with code {fate.error_code}" if fate.error_code else ""
        because = f": {explanations.ended(fate.reason)}" if fate.reason else "."
        yield f"Texts {fate.type}: {fate.count} {fate.status}{code}, {_span(fate, sync.now)}{because}"
    if not sync.texts:
        yield "It has no texts."


def _span(fate: TextFate, now: datetime) -> str:
    if fate.status is MessageStatus.QUEUED:
        return f"the first one leaves no earlier than {explanations.when(fate.next_at, now)}"
    if fate.first_at == fate.last_at:
        return explanations.when(fate.first_at, now)
    return f"from {explanations.when(fate.first_at, now)} to {explanations.when(fate.last_at, now)}"


def _what_now(sync: SyncFacts) -> Iterator[str]:
    if any(fate.status is MessageStatus.UNKNOWN for fate in sync.texts):
        yield f"Unknown texts are settled one by one: `autosync messages list --status unknown --sync {sync.id}`."
    if sync.status is SyncStatus.PAUSED:
        yield "It waits for its organizer: remind again, send invites, or stop."
    if sync.status is SyncStatus.RUNNING and not sync.asked:
        yield "Nobody was asked, so nobody will be reminded."
    pending = {job.type for job in sync.jobs if job.status is JobStatus.PENDING}
    if sync.status is SyncStatus.RUNNING and not pending - {JobType.AUTO_END}:
        yield "It runs, and neither a reminder nor a pause check is pending: `autosync doctor` says what to do."


def _people(count: int) -> str:
    return "1 person was" if count == 1 else f"{count} people were"
