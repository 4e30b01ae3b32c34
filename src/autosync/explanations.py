"""Why a job has not run, and why a text has not arrived, in sentences for an operator.

Pure: `of_job(facts)` and `of_message(facts)` turn what the database knows into sentences, the most telling ones first.
Times are written in UTC and relative to the project's clock. They guess at nothing that the database cannot know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from autosync import departures, lifecycle, texts
from autosync.model import Delivery, EventStatus, JobType, MessageType, SyncStatus

AT_WORK = timedelta(minutes=1)
"""Whoever has processed a job this lately counts as being at work."""


class JobStatus(StrEnum):
    """How far a job got. `processing` is only written by other clients of the table."""

    PENDING = "pending"
    PROCESSING = "processing"
    PROCESSED = "processed"
    SKIPPED = "skipped"
    FAILED = "failed"


class MessageStatus(StrEnum):
    """How far a text got."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    UNKNOWN = "unknown"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class TextCount:
    """How many texts of one type met one fate."""

    type: str
    status: MessageStatus
    count: int


@dataclass(frozen=True, slots=True)
class Intervention:
    """Something that an operator did by hand, to a row or (None) to no one row. `at`: on the server's own clock."""

    at: datetime
    done_by: str
    verb: str
    sync_id: UUID | None
    subject_id: UUID | None
    details: str | None


@dataclass(frozen=True, slots=True)
class JobFacts:
    """A job, its sync, and what else tells why it has or has not run.

    `status`: None where another client left it empty. `attempts`: how often it has raised, last at `failed_at` with
    `error`. `due_before`: how many pending jobs are due earlier. `last_done_at`: when anybody last processed any job.
    `taken_by`: who had that attempt in hand, host and process; `done_by`: who did it in the end, None where that was
    before it was kept, or another client.
    """

    id: UUID
    type: JobType
    status: JobStatus | None
    scheduled_at: datetime
    processed_at: datetime | None
    reason: str | None
    sync_id: UUID
    event_name: str
    sync_status: SyncStatus
    attempts: int
    failed_at: datetime | None
    error: str | None
    due_before: int
    last_done_at: datetime | None
    now: datetime
    texts: tuple[TextCount, ...] = ()
    created_at: datetime | None = None
    taken_by: str | None = None
    done_by: str | None = None
    by_hand: tuple[Intervention, ...] = ()


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """A text, its sync, and how far it got.

    `ending`: the last four digits of its number, if it has one. `attempt`: how often it was claimed, last at
    `claimed_at`. `send_after`: when a queued text leaves, or an unknown one is looked up. No `gateway`: it never went
    through this program. `paused_because`: why all sending is paused; None: it is not. `taken_by`: who last had it in
    hand, host and process. `is_ours`: this program wrote it; `cause_job_id`: for which job, if that is still there.
    """

    id: UUID
    type: str
    status: MessageStatus
    reason: str | None
    recipient: str
    ending: str | None
    sync_id: UUID
    event_name: str
    sync_status: SyncStatus
    send_after: datetime | None
    attempt: int
    claimed_at: datetime | None
    gateway: str | None
    gateway_message_id: str | None
    error_code: str | None
    sent_at: datetime | None
    now: datetime
    paused_because: str | None = None
    taken_by: str | None = None
    created_at: datetime | None = None
    is_ours: bool = False
    cause_job_id: UUID | None = None
    cause_job_type: str | None = None
    by_hand: tuple[Intervention, ...] = ()


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What is to stand in the organizer's calendar for a sync whose time was chosen, and how far that is.

    `known_sequence`: the last change that the calendar is known to have; None: nothing. `due_at`: when a queued one is
    tried, or one in doubt is looked for. `claimed_at` is on the server's own clock.
    """

    sync_id: UUID
    status: EventStatus
    sequence: int
    option_id: UUID
    delivery: Delivery
    known_sequence: int | None
    attempt: int
    claimed_at: datetime | None
    due_at: datetime | None
    reason: str | None
    changed_at: datetime


def of_job(job: JobFacts) -> list[str]:
    """Why this job has, or has not, run."""
    about = f"The {job.type} job of {_sync(job)}."
    return [about, *_job_origin(job), *_JOB_STATES[job.status](job), *by_hand(job.by_hand)]


def of_message(text: MessageFacts) -> list[str]:
    """Why this text has, or has not, arrived."""
    number = f", whose number ends in {text.ending}" if text.ending else ""
    about = f"The {text.type} text of {_sync(text)}, to {text.recipient}{number}."
    return [about, *_text_origin(text), *_MESSAGE_STATES[text.status](text), *by_hand(text.by_hand)]


def of_event(event: EventFacts, *, now: datetime) -> Iterator[str]:
    """How far the calendar's part of a sync is, and why."""
    yield _WANTED[event.status]
    yield from _EVENT_STATES[event.delivery](event, now)


def by_hand(interventions: Sequence[Intervention]) -> Iterator[str]:
    """What operators have done, in the order given."""
    for done in interventions:
        details = f": {done.details}" if done.details else ""
        at = f"{done.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        yield f"By hand, `autosync {done.verb}`{details}; by {done.done_by}, at {at}."


def _sync(facts: JobFacts | MessageFacts) -> str:
    return f'"{texts.clean(facts.event_name)}", a sync that is {facts.sync_status} ({facts.sync_id})'


# Jobs


def _job_origin(job: JobFacts) -> Iterator[str]:
    if job.created_at is not None:
        yield f"It was written {when(job.created_at, job.now)}, {_WHY_WRITTEN[job.type]}."


_WHY_WRITTEN = {
    JobType.REMINDER: "because its sync began to run, or went on",
    JobType.PAUSE_CHECK: "because of a reminder, or of the answers since",
    JobType.AUTO_END: "because of when the options of its sync are over",
}


def _pending(job: JobFacts) -> Iterator[str]:
    if job.attempts:
        yield f"{_last_attempt(job)}: {ended(job.error)}"
    if job.reason and job.reason != job.error:
        yield ended(job.reason)
    this = f"Attempt {job.attempts + 1}" if job.attempts else "It"
    if job.scheduled_at > job.now:
        yield f"{this} is not due yet: it is scheduled for {when(job.scheduled_at, job.now)}."
    else:
        yield f"{this} has been due since {when(job.scheduled_at, job.now)}, and nobody has done it yet."
        yield from _why_nobody(job)
    if job.sync_status is not SyncStatus.RUNNING and job.type is not JobType.AUTO_END:
        yield f"Unless its sync is running again by then, it will be skipped: the sync is {job.sync_status}."


def _last_attempt(job: JobFacts) -> str:
    usual = max(job.attempts, lifecycle.MAX_ATTEMPTS)
    return f"Attempt {job.attempts} of {usual} raised {when(job.failed_at, job.now)}{_by(job.taken_by)}"


def _why_nobody(job: JobFacts) -> Iterator[str]:
    if job.due_before:
        yield f"Ahead of it in the queue: {_counted(job.due_before, 'due job')}."
    if job.last_done_at is None:
        yield f"No job at all has been done of late. {_IS_A_WORKER_RUNNING}"
    elif job.now - job.last_done_at > AT_WORK:
        yield f"The last job of any sync was done {when(job.last_done_at, job.now)}. {_IS_A_WORKER_RUNNING}"
    else:
        yield (
            f"Somebody is at work: the last job of any sync was done {when(job.last_done_at, job.now)}. "
            "Whether somebody else has this job's sync locked just now cannot be told from here."
        )


_IS_A_WORKER_RUNNING = "Is a worker running (`autosync worker`)? `autosync process` does once what is due."


def _processing(job: JobFacts) -> Iterator[str]:
    yield (
        f"Another client of the database has taken it, due since {when(job.scheduled_at, job.now)}, "
        "and has not finished it."
    )
    yield "Left like this, it is put back by housekeeping half an hour after it was due (`autosync cleanup`)."


def _processed(job: JobFacts) -> Iterator[str]:
    late = job.processed_at - job.scheduled_at if job.processed_at else timedelta()
    yield f"It was processed {when(job.processed_at, job.now)}{_by(job.done_by)}, {_late(late)}."
    if job.attempts:
        yield f"Before that, {_counted(job.attempts, 'attempt')} had raised."
    if job.reason:
        yield ended(job.reason)
    yield _BROUGHT_ABOUT[job.type]
    if job.texts:
        yield f"It brought about {_texts(job.texts)}."
    elif job.type is not JobType.AUTO_END:
        yield "No text that is known here came of it."


_BROUGHT_ABOUT = {
    JobType.REMINDER: "A reminder reminds whoever has not answered and schedules the pause check.",
    JobType.PAUSE_CHECK: "A pause check pauses the sync and reports to the organizer.",
    JobType.AUTO_END: "An end check stops the sync, silently, once every option is over.",
}


def _skipped(job: JobFacts) -> Iterator[str]:
    yield f"It was skipped {when(job.processed_at, job.now)}{_by(job.done_by)}: {ended(job.reason)}"
    yield f"It had been scheduled for {when(job.scheduled_at, job.now)}."


def _failed(job: JobFacts) -> Iterator[str]:
    if job.attempts:
        yield f"It has failed. {_last_attempt(job)}, and no other follows by itself: {ended(job.error)}"
    else:
        yield f"Another client of the database says that it has failed: {ended(job.reason)}"
    if job.sync_status.is_final:
        yield f"Its sync is {job.sync_status}, so nothing is left to do: `autosync jobs cancel {job.id}` puts it away."
    else:
        yield f"Once the cause is gone, `autosync jobs run {job.id}` runs it again."


def _without_status(_: JobFacts) -> Iterator[str]:
    yield "Another client of the database left its status empty, so nobody does it: set it to pending, or delete it."


_JOB_STATES = {
    JobStatus.PENDING: _pending,
    JobStatus.PROCESSING: _processing,
    JobStatus.PROCESSED: _processed,
    JobStatus.SKIPPED: _skipped,
    JobStatus.FAILED: _failed,
    None: _without_status,
}


# Texts


def _text_origin(text: MessageFacts) -> Iterator[str]:
    if text.created_at is None:
        return
    because = f", {_WHY_TEXTED[text.type]}" if text.is_ours and text.type in _WHY_TEXTED else ""
    job = f" (job {text.cause_job_type}, {text.cause_job_id})" if text.cause_job_id else ""
    yield f"It was written {when(text.created_at, text.now)}{because}{job}."


_WHY_TEXTED: dict[str, str] = {
    MessageType.INITIAL: "because its sync began",
    MessageType.REMINDER: "because a reminder was due",
    MessageType.INVITE: "because the time was chosen",
    MessageType.CLARIFICATION: "because an answer could not be read for certain",
    MessageType.LATE_ANSWER: "because an answer came after the end",
    MessageType.STARTED: "because its sync began",
    MessageType.REMINDER_UPDATE: "because a reminder was due",
    MessageType.PAUSE_SUMMARY: "because the sync was paused",
    MessageType.GOAL_MET: "because enough have answered",
    MessageType.CHOOSE_OPTION: "because the organizer wrote, and it has to be asked which option",
    MessageType.CONFIRM_STOP: "because the organizer wrote that it should end",
    MessageType.STATUS: "because the organizer asked how it stands",
    MessageType.HELP: "because the organizer asked for help",
}


def _queued(text: MessageFacts) -> Iterator[str]:
    if text.attempt:
        usual = max(text.attempt, departures.MAX_ATTEMPTS)
        made = f"{when(text.claimed_at, text.now)}{_by(text.taken_by)}"
        yield f"Attempt {text.attempt} of {usual} was made {made}, without success."
    because = f": {ended(text.reason)}" if text.reason else "."
    if text.send_after and text.send_after > text.now:
        yield f"It is queued and leaves no earlier than {when(text.send_after, text.now)}{because}"
        return
    yield f"It is queued, and its time came {when(text.send_after, text.now)}, but nobody has sent it yet."
    if text.paused_because is not None:
        yield f"All sending is paused: {ended(text.paused_because)} `autosync sending resume` lets it go on."
        return
    if text.reason:
        yield f"What was last noted: {ended(text.reason)}"
    yield "Is a worker running (`autosync worker`)? Whether somebody else has its sync locked cannot be told from here."


def _sending(text: MessageFacts) -> Iterator[str]:
    since = f"{when(text.claimed_at, text.now)}{_by(text.taken_by)}"
    yield f"It has been on its way to the gateway {text.gateway} since {since}."
    yield "If nobody reports back within a minute, it becomes unknown and is looked up at the gateway."


def _sent(text: MessageFacts) -> Iterator[str]:
    if text.gateway is None:
        yield f"Another client of the database sent it itself {when(text.sent_at, text.now)}; no more is known here."
        return
    yield f"It was sent {when(text.sent_at, text.now)}{_by(text.taken_by)} {_through(text)}."
    if text.reason:
        yield ended(text.reason)
    if text.gateway == _KEEPS_TEXTS:
        yield "That gateway only keeps texts in the database: nothing reaches a phone while AUTOSYNC_GATEWAY names it."
    else:
        yield "The gateway has not said that it has arrived."


_KEEPS_TEXTS = "record"


def _delivered(text: MessageFacts) -> Iterator[str]:
    sent = f"{when(text.sent_at, text.now)}{_by(text.taken_by)} {_through(text)}"
    yield f"It has arrived: it was sent {sent}, and the phone has it."


def _failed_text(text: MessageFacts) -> Iterator[str]:
    code = f" with code {text.error_code}" if text.error_code else ""
    yield f"It has failed for good{code}: {ended(text.reason)}"
    if text.attempt:
        attempts = _counted(text.attempt, "attempt")
        yield f"{attempts} made, last {when(text.claimed_at, text.now)}{_by(text.taken_by)} {_through(text)}."
    else:
        yield "No gateway was ever given it."


def _unknown(text: MessageFacts) -> Iterator[str]:
    yield f"Nobody knows whether it left: {ended(text.reason)}"
    since = f"{when(text.claimed_at, text.now)}{_by(text.taken_by)}"
    yield f"It was claimed {since} and given to the gateway {text.gateway}."
    if text.send_after is None:
        yield "It is not looked up by itself any more."
    elif text.send_after > text.now:
        yield f"It is looked up at the gateway again {when(text.send_after, text.now)}."
    else:
        yield "It is due to be looked up at the gateway now. Is a worker running (`autosync worker`)?"
    yield (
        f"Whoever can see at the gateway what became of it settles it: `autosync messages resolve {text.id} --sent`, "
        "or --not-sent, which sends it again."
    )


def _canceled(text: MessageFacts) -> Iterator[str]:
    yield f"It was canceled before it left: {ended(text.reason)}"


_MESSAGE_STATES = {
    MessageStatus.QUEUED: _queued,
    MessageStatus.SENDING: _sending,
    MessageStatus.SENT: _sent,
    MessageStatus.DELIVERED: _delivered,
    MessageStatus.FAILED: _failed_text,
    MessageStatus.UNKNOWN: _unknown,
    MessageStatus.CANCELED: _canceled,
}


# Events


_WANTED = {
    EventStatus.CONFIRMED: "The time that was chosen belongs into the organizer's calendar.",
    EventStatus.TENTATIVE: "The sync goes on after a time had been chosen: in the calendar it is to be tentative.",
    EventStatus.CANCELLED: "The time that was chosen was called off: it does not belong into the calendar any more.",
}


def _without_calendar(event: EventFacts, _: datetime) -> Iterator[str]:
    yield f"People have the calendar file only: {ended(event.reason or 'No calendar was connected.')}"


def _queued_event(event: EventFacts, now: datetime) -> Iterator[str]:
    because = f": {ended(event.reason)}" if event.reason else "."
    if event.due_at and event.due_at > now:
        yield f"Google is to be told no earlier than {when(event.due_at, now)}{because}"
        return
    yield f"Google has been to be told since {when(event.due_at, now)}, and nobody has done it yet{because}"
    yield "Is a worker running (`autosync worker`), and has it AUTOSYNC_GOOGLE_CLIENT_ID?"


def _sending_event(event: EventFacts, now: datetime) -> Iterator[str]:
    yield f"Google has been being told since {when(event.claimed_at, now)}."
    yield "If nobody reports back within two minutes, it is looked for in the calendar."


def _unknown_event(event: EventFacts, now: datetime) -> Iterator[str]:
    yield f"Nobody knows whether the calendar has it: {ended(event.reason)}"
    yield f"It is looked for again {when(event.due_at, now)}."


def _sent_event(event: EventFacts, now: datetime) -> Iterator[str]:
    yield f"The calendar has been told, last {when(event.claimed_at, now)}."
    if event.reason:
        yield ended(event.reason)


def _failed_event(event: EventFacts, _: datetime) -> Iterator[str]:
    yield f"It has failed for good: {ended(event.reason)}"
    yield f"Once the cause is gone, `autosync events retry {event.sync_id}` tries it again."


_EVENT_STATES = {
    Delivery.NONE: _without_calendar,
    Delivery.QUEUED: _queued_event,
    Delivery.SENDING: _sending_event,
    Delivery.UNKNOWN: _unknown_event,
    Delivery.SENT: _sent_event,
    Delivery.FAILED: _failed_event,
}


# Parts


def relative(moment: datetime, now: datetime) -> str:
    """How far `moment` is from `now`, such as `3 hours ago` or `in 5 minutes`; both aware."""
    away = moment - now
    if abs(away) < timedelta(seconds=1):
        return "just now"
    return f"{_span(-away)} ago" if away < timedelta() else f"in {_span(away)}"


_NUMBER = re.compile(r"\+\d{5,}")


def presentable(text: str | None) -> str | None:
    """Another program's words on one line, with no more of an E.164 number than its last four digits."""
    if text is None:
        return None
    line = " ".join("".join(c for c in text if c.isprintable() or c.isspace()).split())
    return _NUMBER.sub(lambda number: f"...{number[0][-4:]}", line)


def ended(sentence: str | None) -> str:
    """The sentence with an end: errors of other programs often have none."""
    if not sentence:
        return "No reason was kept."
    return sentence if sentence.endswith((".", "!", "?")) else f"{sentence}."


def when(moment: datetime | None, now: datetime) -> str:
    """A moment in UTC, and how far it is from `now`; both aware."""
    if moment is None:
        return "at a time that nobody noted"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC ({relative(moment, now)})"


def _span(length: timedelta) -> str:
    """A length of time in its largest fitting unit, rounded down; days only from the second on."""
    seconds = int(length.total_seconds())
    for unit, size, least in (("day", 86_400, 2), ("hour", 3_600, 1), ("minute", 60, 1)):
        if seconds >= size * least:
            return _counted(seconds // size, unit)
    return _counted(seconds, "second")


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _by(taken_by: str | None) -> str:
    return f" by {taken_by}" if taken_by else ""


def _late(late: timedelta) -> str:
    if late < timedelta():
        return "before it was due"
    return "on time" if late < timedelta(seconds=1) else f"{_span(late)} after it was due"


def _texts(counts: Sequence[TextCount]) -> str:
    parts = [f"{_counted(each.count, f'{each.type} text')} {each.status}" for each in counts]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _through(text: MessageFacts) -> str:
    under = f" as {text.gateway_message_id}" if text.gateway_message_id else ""
    return f"through the gateway {text.gateway}{under}"
