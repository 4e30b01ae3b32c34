"""The judge: from the rows and the gateway's own records, what must have happened to each sync, and what differs.

`differences(open_books(url))` reads a database at rest; `of_gateway(books, accepted)` holds its texts against what the
gateway says that it took. Both return sentences, one for each difference, and nothing where all is well.

It shares no code with the engine, and reads the rules once more from what the product promises. What rows cannot tell
it leaves alone: an answer keeps only when it last came, a state of a sync is sure only between some of its jobs, and
finished jobs go after three days, unless the caller keeps them (`kept_jobs`), and whether a response goal was met when
the last answer came only the caller can know (`kept_changes`). Whatever lies within `grace` of each other may have
happened in either order. No row says when a number was changed, or that an answer alone was deleted, so nobody may do
either meanwhile.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
import psycopg
from phonenumbers import timezone as zones_of_numbers
from psycopg import sql
from psycopg.rows import namedtuple_row

Row = Any
State = tuple[str, datetime, datetime]
"""A sync was in this state, from when until when."""
Answer = tuple[UUID, UUID]
"""Whose it is: the sync and the contact."""
Words = dict[str, list[tuple[datetime, bool]]]
"""By number: when it said something about texts, and whether that was stop."""
REGION = "US"
"""Where numbers are that are written without a country code."""
STOP = {"STOP", "UNSUBSCRIBE", "END", "QUIT", "STOPALL", "CANCEL", "REVOKE", "OPTOUT"}
START = {"START", "UNSTOP"}
POLITELY = r"[\s.!]*(?:(?:please|pls) )?(?:{})(?: (?:please|pls|thanks|now))*[\s.!]*"
STOPS, STARTS = (re.compile(POLITELY.format("|".join(words)), re.IGNORECASE) for words in (STOP, START))
"""What surely says so: the word, with nothing but courtesy around it."""
NUMBERS = re.compile(r"[1-3](?:(?: ?, ?| ?& ?| and | )[1-3])*(?: works)?[.!]?")
NONE = re.compile(r"none[.!]?")
"""Answers that can be read in one way only."""
REMINDER, PAUSE_CHECK = "reminder_24h", "pause_check_48h"
CAUSED_BY = {
    "reminder": REMINDER, "reminder_update": REMINDER, "pause_summary": PAUSE_CHECK, "goal_met": PAUSE_CHECK,
}  # fmt: skip
"""The job that writes a text."""
TO_INVITEES = {"initial", "reminder", "invite"}
ONE_EACH = {"initial", "invite", "started"}
"""Of these, nobody gets two in one sync."""
ONE_A_ROUND = {"reminder", "reminder_update", "pause_summary", "goal_met", "invite"}
"""Pointless once the next one of its kind is there."""
AT_ANY_HOUR = {"started", "clarification", "late_answer", "choose_option", "confirm_stop", "status", "help"}
"""They answer what somebody has just done."""
LEFT = {"sent", "delivered"}
FINAL = {"completed", "stopped"}
FINISHED = {"processed", "skipped"}
OPTED_OUT = "21610"
"""Twilio's, for a number that has said stop to the carrier."""
EXPIRED = "30036"
"""Twilio's, for what it took and has not sent in time: the only one of which the engine may say so."""
UNCLEAR, TOO_LATE = "It is unclear", "It came after the sync was"
"""How it begins what is noted of a text that came in and wants one back: which one, is in REPLIES."""
REPLIES = {UNCLEAR: "clarification", TOO_LATE: "late_answer"}
QUEUED = "on its way."
"""How that ends, unless such a reply had been queued before."""
UNREAD = {"", "received"}
"""What is noted of a text that came in before anything has become of it."""
ASLEEP = "The sync was completed before this text could leave."
"""Why somebody was not asked any more who was still to be when the time was chosen: they are invited all the same."""
MOST_ATTEMPTS = 100
ATTEMPTS_OF_A_JOB = 5
WANTED_IN = {
    "initial": {"running"},
    "reminder": {"running"},
    "reminder_update": {"running"},
    "started": {"running"},
    "clarification": {"running", "paused"},
    "pause_summary": {"paused"},
    "goal_met": {"paused"},
    "choose_option": {"paused"},
    "confirm_stop": {"paused"},
    "invite": {"completed"},
    "late_answer": FINAL,
}
"""The states of a sync in which a text still makes sense; one of another type may be withdrawn for its own reasons."""
AFTER_THE_END = {"invite", "late_answer"}
WAITS_IN = {"initial": {"paused"}}
"""The states of a sync in which a text is held until it goes on: it neither leaves nor is withdrawn."""
ABOUT_TIMES = {"initial", "reminder", "clarification", "invite"}
"""Pointless once every option is over, an invite once its own is."""
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
"""So long a client may wait for a lock before it writes an answer, which says when its transaction began."""
KEPT = timedelta(days=3)
"""Finished jobs are there at least so long."""
EVER = datetime.min.replace(tzinfo=UTC)


class Kind(StrEnum):
    """What is wrong."""

    LOST = "lost"
    DOUBLE = "double"
    EARLY = "early"
    LATE = "late"
    OUT_OF_ORDER = "out of order"
    WRONG_PERSON = "to the wrong person"
    WRONG_WORDS = "in other words"
    AFTER_STOP = "after stop"
    AT_NIGHT = "at night"
    UNKNOWN = "unknown"
    UNEXPLAINED = "without a reason"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that should not be so."""

    kind: Kind
    sync: UUID | None
    what: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.what} (sync {self.sync})"


@dataclass(frozen=True)
class Books:
    """All rows that tell of syncs, by what they hang on; `now` is the project's clock."""

    now: datetime
    reminder_delay: timedelta
    pause_delay: timedelta
    syncs: dict[UUID, Row]
    options: dict[UUID, list[Row]]
    texts: dict[UUID, list[Row]]
    jobs: dict[UUID, list[Row]]
    jobs_since: datetime
    """No job that was finished since then is missing."""
    vanished: list[Row]
    """Jobs that were deleted and not finished."""
    answers: dict[Answer, Row]
    contacts: dict[UUID, Row]
    failures: dict[UUID, int]
    """How often each job has failed."""
    came_in: list[Row] = field(repr=False)
    stops: Words = field(repr=False)
    """By number: when it surely said stop (True), or start, in order."""
    perhaps_stops: Words = field(repr=False)
    """By number: when it may have said stop (True), among other words, or surely said start, in order."""
    grace: timedelta = 5 * SECOND
    left_at: dict[str, tuple[datetime, datetime]] = field(default_factory=dict, repr=False)
    """By the gateway's id: when a text left, and the grace before that, where that is known better than by its row."""
    former_answers: dict[UUID, list[datetime]] = field(default_factory=dict, repr=False)
    """By sync: when answers came that others have replaced, or that went with their contacts, if the caller knows."""
    changes: dict[UUID, list[datetime]] | None = field(default=None, repr=False)
    """By sync: when something else than an answer may have met its goal, if the caller knows: see open_books."""
    on_the_wall: Callable[[datetime], datetime] | None = field(default=None, repr=False)
    """When a clock on the wall first saw this moment of the project's, if somebody was there all the time to work."""
    patience: timedelta = MINUTE
    """So long, on the wall, a job may be due before it is done."""

    def left(self, text: Row) -> tuple[datetime, datetime]:
        """The latest and the earliest moment at which a text that left may have done so."""
        return self.left_at.get(text.gateway_message_id, (text.sent_at, text.sent_at - self.grace))

    def tells_apart(self, text: Row) -> bool:
        """Whether what the gateway took in these words was surely this text.

        Where two syncs have the same words for somebody, and a crash left it open whether either was taken, a look-up
        gives one of them what was taken of the other: whoever reads them cannot tell, and the moment is the other's.
        """
        syncs = self._syncs_by_words[text.phone_number, text.body]
        return text.gateway_message_id not in self.left_at or len(syncs) < 2

    @cached_property
    def _syncs_by_words(self) -> dict[tuple[str, str], set[UUID]]:
        found: dict[tuple[str, str], set[UUID]] = defaultdict(set)
        for text in self.all_texts():
            if text.attempt > 0:
                found[text.phone_number, text.body].add(text.auto_sync_id)
        return found

    def all_texts(self) -> Iterator[Row]:
        """Of all syncs."""
        for texts in self.texts.values():
            yield from texts

    def had_said_stop(self, number: str | None, at: datetime) -> bool:
        """Whether the last word of a number before this moment was stop."""
        return _last_word(self.stops.get(number or "", []), at)

    def may_have_said_stop(self, number: str | None, since: datetime, until: datetime) -> bool:
        """Whether at any moment between these the last word of a number may have been stop."""
        words = self.perhaps_stops.get(number or "", [])
        return _last_word(words, since) or any(stop for when, stop in words if since < when <= until)


def _last_word(words: list[tuple[datetime, bool]], at: datetime) -> bool:
    said = [stop for when, stop in words if when <= at]
    return bool(said) and said[-1]


SYNCS = """
select s.id, organizer_id, s.status::text, coalesce(started_at, s.created_at) as started_at, completed_at, stopped_at,
  paused_at, s.created_at, s.response_goal::text, coalesce(s.timezone, 'UTC') as timezone,
  s.metadata ? 'chosen_option_id' as chosen, p.phone_number as organizers_number
from auto_syncs s join profiles p on p.id = organizer_id"""
TEXTS = """
select id, auto_sync_id, contact_id, message_type, status, status_reason, body, phone_number, cause_id, send_after,
  attempt, gateway, gateway_message_id, expired_ids, error_code, sent_at, created_at,
  autosync_now() - (now() - claimed_at) as claimed_at -- no earlier than it was, since the clock is only moved ahead
from auto_sync_messages"""
JOBS = """
select id, sync_id, job_type, status, scheduled_at, processed_at, error_message, created_at from {}
where sync_id in (select id from auto_syncs)"""
FAILURES = "select job_id, count(*)::integer as count from {} group by job_id"
FORMER_ANSWERS = "select auto_sync_id, responded_at as at from {}"
CHANGES = "select auto_sync_id, changed_at as at from {}"
OPTIONS = "select id, auto_sync_id, idx, coalesce(end_time, start_time) as over_at from auto_sync_options"
ANSWERS = """
select auto_sync_id, contact_id, option_ids, response_type::text, responded_at, updated_at
from auto_sync_responses"""
INBOUND = """
select id, phone_number, body, received_at, outcome, auto_sync_id, contact_id from auto_sync_inbound
order by received_at, id"""
LISTED = """
select phone_number, suppressed_at from auto_sync_suppressions
where source <> 'inbound' and phone_number is not null"""

KEEP_CHANGES = """
create table kept_changes (auto_sync_id uuid, changed_at timestamptz);
create function keep_change() returns trigger language plpgsql security definer as $$
begin
  insert into public.kept_changes values (old.auto_sync_id, public.autosync_now());
  return null;
end
$$;
create trigger keep_change after update or delete on auto_sync_options for each row execute function keep_change();
create trigger keep_change_deleted after delete on auto_sync_messages
for each row when (old.message_type = 'initial') execute function keep_change();
create trigger keep_change_given_up after update on auto_sync_messages
for each row when (new.message_type = 'initial' and new.status in ('canceled', 'failed'))
execute function keep_change();"""
"""What a caller does beforehand that passes `kept_changes`."""


def open_books(
    url: str,
    *,
    grace: timedelta = 5 * SECOND,
    left_at: dict[str, tuple[datetime, datetime]] | None = None,
    on_the_wall: Callable[[datetime], datetime] | None = None,
    kept_jobs: str | None = None,
    kept_failures: str | None = None,
    kept_answers: str | None = None,
    kept_changes: str | None = None,
) -> Books:
    """Reads everything at one moment. `left_at`, `on_the_wall`: see Books.

    `kept_jobs`: a table with the columns of job_queue, to which the caller has copied each row that was deleted from
    there. Then all jobs are known, and those of long ago are judged as well. `kept_failures`: the same for
    job_failures, where a job's go with it: without it, a job that was retried and then deleted may look late.
    `kept_answers`: a table with the sync and the moment of each answer that was replaced or deleted: without it, a
    pause that one of these has brought forward may look early.
    `kept_changes`: a table with the sync and the moment (changed_at) of each first text that was deleted or will never
    leave, and of each option that was moved or deleted, as KEEP_CHANGES fills it: without it, neither a goal that was
    met and has paused nothing is found, nor one of `critical_mass` that was reported and was not met.
    """
    with psycopg.connect(url, row_factory=namedtuple_row) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        def read(query: str) -> list[Row]:
            return connection.execute(query.encode()).fetchall()

        def read_from(query: LiteralString, table: str | None) -> list[Row]:
            if table is None:
                return []
            return connection.execute(sql.SQL(query).format(sql.Identifier(*table.split(".")))).fetchall()

        (clock,) = read("select autosync_now() as now, * from auto_sync_settings where active")
        came_in, texts = read(INBOUND), read(TEXTS)
        jobs, deleted = read_from(JOBS, "job_queue"), read_from(JOBS, kept_jobs)
        failures = read_from(FAILURES, "job_failures") + read_from(FAILURES, kept_failures)
        stops, perhaps_stops = _words(came_in, read(LISTED), texts)
        return Books(
            now=clock.now,
            reminder_delay=clock.reminder_delay,
            pause_delay=clock.pause_delay,
            syncs={row.id: row for row in read(SYNCS)},
            options=_by(read(OPTIONS)),
            texts=_by(texts),
            jobs=_by([*jobs, *(job for job in deleted if job.status in FINISHED)]),
            jobs_since=clock.now - KEPT if kept_jobs is None else EVER,
            vanished=[job for job in deleted if job.status not in FINISHED],
            answers={(row.auto_sync_id, row.contact_id): row for row in read(ANSWERS)},
            contacts={row.id: row for row in read("select id, user_id, phone_number from contacts")},
            failures={row.job_id: row.count for row in failures},
            came_in=came_in,
            stops=stops,
            perhaps_stops=perhaps_stops,
            grace=grace,
            left_at=left_at or {},
            former_answers=_moments(read_from(FORMER_ANSWERS, kept_answers)),
            changes=None if kept_changes is None else _moments(read_from(CHANGES, kept_changes)),
            on_the_wall=on_the_wall,
        )


def _by(rows: list[Row]) -> dict[UUID, list[Row]]:
    grouped: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        grouped[row.sync_id if hasattr(row, "sync_id") else row.auto_sync_id].append(row)
    return grouped


def _moments(rows: list[Row]) -> dict[UUID, list[datetime]]:
    found: dict[UUID, list[datetime]] = defaultdict(list)
    for row in rows:
        found[row.auto_sync_id].append(row.at)
    return found


def _words(inbound: list[Row], listed: list[Row], texts: list[Row]) -> tuple[Words, Words]:
    """`stops` and `perhaps_stops` of Books.

    Since when the carrier takes a number for one that has opted out, and until when, nobody tells us.
    """
    refused = [text for text in texts if text.error_code == OPTED_OUT and text.phone_number]
    at_the_carrier = {text.phone_number for text in refused}
    stops: Words = defaultdict(list)
    perhaps: Words = defaultdict(list)
    for row in inbound:
        is_start = STARTS.fullmatch(row.body) is not None
        if is_start or STOPS.fullmatch(row.body):
            stops[row.phone_number].append((row.received_at, not is_start))
        if STOP & set(re.findall(r"[A-Z]+", row.body.upper())):
            perhaps[row.phone_number].append((row.received_at, True))
        elif is_start and row.phone_number not in at_the_carrier:
            perhaps[row.phone_number].append((row.received_at, False))
    for row in listed:
        stops[row.phone_number].append((row.suppressed_at, True))
        perhaps[row.phone_number].append((row.suppressed_at, True))
    for text in refused:
        perhaps[text.phone_number].append((text.created_at, True))
    return _in_order(stops), _in_order(perhaps)


def _in_order(words: Words) -> Words:
    return {number: sorted(said, key=lambda word: word[0]) for number, said in words.items()}


def differences(books: Books) -> list[str]:
    """Every difference between what the rows say and what must have happened."""
    return [str(found) for rule in RULES for found in rule(books)]


Rule = Callable[[Books], Iterable[Difference]]
RULES: list[Rule] = []


def rule(function: Rule) -> Rule:
    """One of those that `differences` goes through."""
    RULES.append(function)
    return function


# Jobs


@rule
def _jobs_are_done_when_they_are_due(books: Books) -> Iterator[Difference]:
    for sync, jobs in books.jobs.items():
        for job in jobs:
            name = f"{job.job_type} {job.id}"
            if job.status == "pending" and job.scheduled_at < books.now - books.grace:
                since = books.now - job.scheduled_at
                yield Difference(Kind.LATE, sync, f"{name} is still pending, {since} after it was due")
            if job.status == "processed" and job.processed_at < job.scheduled_at:
                yield Difference(Kind.EARLY, sync, f"{name} was done {job.scheduled_at - job.processed_at} too soon")
            if job.status in ("skipped", "failed") and not job.error_message:
                yield Difference(Kind.UNEXPLAINED, sync, f"{name} is {job.status}")
            attempts = books.failures.get(job.id, 0)
            if job.status == "failed" and attempts < ATTEMPTS_OF_A_JOB:
                yield Difference(Kind.UNEXPLAINED, sync, f"{name} is failed after {attempts} attempts")


def waits(books: Books) -> Iterator[tuple[Row, timedelta]]:
    """How long, on the wall, each job that is done had been due; not of those that had failed before.

    Raises ValueError if nobody knows when the wall's clock saw what.
    """
    if books.on_the_wall is None:
        raise ValueError("open_books needs on_the_wall")
    for jobs in books.jobs.values():
        for job in jobs:
            if job.status == "processed" and job.id not in books.failures:
                # created_at is the wall's: now(), not the project's clock.
                yield (
                    job,
                    books.on_the_wall(job.processed_at) - max(books.on_the_wall(job.scheduled_at), job.created_at),
                )


@rule
def _jobs_that_are_due_do_not_wait(books: Books) -> Iterator[Difference]:
    if books.on_the_wall is None:
        return
    for job, waited in waits(books):
        if waited > books.patience:
            yield Difference(
                Kind.LATE, job.sync_id, f"{job.job_type} {job.id} was done {waited} after it could have been"
            )


@rule
def _only_finished_jobs_are_deleted(books: Books) -> Iterator[Difference]:
    for job in books.vanished:
        now = {(other.job_type, other.scheduled_at) for other in books.jobs.get(job.sync_id, ())}
        if (job.job_type, job.scheduled_at) not in now:  # where one of the same moment had to make room for it
            yield Difference(Kind.LOST, job.sync_id, f"{job.job_type} {job.id} was deleted, and was {job.status}")


@rule
def _each_sync_has_the_jobs_of_its_state(books: Books) -> Iterator[Difference]:
    for id_, sync in books.syncs.items():
        pending = Counter(job.job_type for job in books.jobs.get(id_, ()) if job.status == "pending")
        for job_type, count in pending.items():
            if count > 1:
                yield Difference(Kind.DOUBLE, id_, f"{count} pending {job_type}")
        if sync.status == "running" and not pending["reminder_24h"] + pending["pause_check_48h"]:
            yield Difference(Kind.LOST, id_, "it is running, and neither a reminder nor a pause check is pending")
        if sync.status not in FINAL and books.options.get(id_) and not pending["auto_end_check"]:
            yield Difference(Kind.LOST, id_, f"it is {sync.status}, and no end is pending")
        if sync.status != "running" and pending["reminder_24h"] + pending["pause_check_48h"]:
            yield Difference(Kind.OUT_OF_ORDER, id_, f"it is {sync.status}, and its reminder or pause check is pending")
        if sync.status in FINAL and pending["auto_end_check"]:
            yield Difference(Kind.OUT_OF_ORDER, id_, f"it is {sync.status}, and its end is pending")


@rule
def _the_first_reminder_is_due_its_delay_after_the_start(books: Books) -> Iterator[Difference]:
    for id_, sync in books.syncs.items():
        due = sync.started_at + books.reminder_delay
        jobs = [job for job in books.jobs.get(id_, ()) if job.job_type == REMINDER]
        if due < books.now - KEPT:
            # The others may be of later rounds; one that could not be written with its sync may never have been.
            jobs = [job for job in jobs if job.created_at == sync.created_at]
        if not jobs or any(job.id in books.failures for job in jobs):
            continue
        if not any(abs(job.scheduled_at - due) <= SECOND for job in jobs):
            first = min(job.scheduled_at for job in jobs)
            kind = Kind.EARLY if first < due else Kind.LATE
            yield Difference(kind, id_, f"the first reminder was due at {first}, not at {due}")


@rule
def _nobody_loses_time_to_answer(books: Books) -> Iterator[Difference]:
    time_to_answer = books.pause_delay - books.reminder_delay
    for id_, jobs in books.jobs.items():
        summaries = {text.cause_id for text in books.texts.get(id_, ()) if text.message_type == "pause_summary"}
        done = sorted((job for job in jobs if job.status == "processed"), key=lambda job: job.processed_at)
        for before, job in pairwise(done):
            follows = (before.job_type, job.job_type) == ("reminder_24h", "pause_check_48h")
            too_soon = follows and job.processed_at < before.processed_at + time_to_answer - SECOND
            if too_soon and job.id in summaries and not _was_answered(books, job, before.processed_at):
                yield Difference(Kind.EARLY, id_, f"paused {job.processed_at - before.processed_at} after the reminder")


def _was_answered(books: Books, pause_check: Row, since: datetime) -> bool:
    """Whether an answer may have brought it forward since then: by now it may be another one, or its contact gone."""
    answered = [answer.responded_at for (sync, _), answer in books.answers.items() if sync == pause_check.sync_id]
    texted = [text.received_at for text in books.came_in if text.auto_sync_id == pause_check.sync_id]
    former = books.former_answers.get(pause_check.sync_id, ())
    first = max(since, pause_check.scheduled_at) - max(books.grace, SECOND)
    return any(first <= at <= pause_check.processed_at for at in [*answered, *former, *texted])


@rule
def _a_pause_check_comes_no_later_than_it_should(books: Books) -> Iterator[Difference]:
    time_to_answer = books.pause_delay - books.reminder_delay
    for id_, jobs in books.jobs.items():
        reminders = [job for job in jobs if job.job_type == REMINDER]
        reminded = [job.processed_at for job in reminders if job.status == "processed"]
        to_come = [job.scheduled_at for job in reminders if job.status != "processed"]
        for job in jobs:
            closed = (job.processed_at or books.now) + books.grace
            last = max((at for at in reminded if at <= closed), default=EVER)
            if job.job_type != PAUSE_CHECK or job.id in books.failures or last <= books.jobs_since:
                continue
            if any(last < at <= closed for at in to_come):
                continue  # a round that had not begun with its reminder
            if job.scheduled_at > last + time_to_answer + SECOND:
                yield Difference(Kind.LATE, id_, f"a pause check is due {job.scheduled_at - last} after the reminder")


@rule
def _reminders_and_pauses_take_turns(books: Books) -> Iterator[Difference]:
    """A sync reminds again once it runs again after a pause, and no pause leaves the last reminder's check open."""
    for id_, jobs in books.jobs.items():
        for job_type, other in ((REMINDER, PAUSE_CHECK), (PAUSE_CHECK, REMINDER)):
            done = [job for job in jobs if job.job_type == job_type and job.status == "processed"]
            closed = [job.processed_at for job in jobs if job.job_type == other and job.processed_at is not None]
            for first, again in pairwise(sorted(done, key=lambda job: job.processed_at)):
                if first.id in books.failures or again.id in books.failures:
                    continue  # run again by an operator, or later than its turn
                since, until = first.processed_at - books.grace, again.processed_at + books.grace
                if since > books.jobs_since and not any(since <= at <= until for at in closed):
                    yield Difference(Kind.DOUBLE, id_, f"{job_type} {again.id} follows one, without a reason")


@rule
def _a_goal_that_is_met_pauses(books: Books) -> Iterator[Difference]:
    """Nothing but an answer brings a pause check forward, and only while nobody has been told that the goal is met."""
    for id_, sync in books.syncs.items():
        if sync.status != "running" or sync.completed_at or sync.stopped_at or _met_before(books, id_):
            continue
        ahead = {option.id for option in books.options.get(id_, ()) if option.over_at > books.now}
        met = _when_the_last_answer_met_the_goal(books, sync, ahead)
        if met is None or met <= books.jobs_since or _may_have_changed(books, id_, met):
            continue
        waited = books.now - met
        if waited > books.grace + books.patience and not _went_on(books, sync, met):
            yield Difference(Kind.LATE, id_, f"its goal ({sync.response_goal}) was met {waited} ago, and it is running")


def _met_before(books: Books, id_: UUID) -> bool:
    return any(text.message_type == "goal_met" for text in books.texts.get(id_, ()))


def _when_the_last_answer_met_the_goal(books: Books, sync: Row, ahead: set[UUID]) -> datetime | None:
    """When the last of the answers that stand came, if they meet the goal, whichever first texts had failed by then."""
    asked, surely = _asked(books, sync.id)
    answers = [books.answers[sync.id, contact] for contact in asked if (sync.id, contact) in books.answers]
    if sync.response_goal == "everyone":
        is_met = len(answers) == len(asked)
    else:
        chosen = [set(answer.option_ids or ()) & ahead for answer in answers if answer.contact_id in surely]
        votes = Counter(option for options in chosen for option in options)
        is_met = max(votes.values(), default=0) * 2 > len(asked)
    return max((answer.responded_at for answer in answers), default=None) if is_met and surely else None


def _asked(books: Books, id_: UUID) -> tuple[set[UUID], set[UUID]]:
    """Who may count as invitees of a sync, and who surely does: a first text that will never leave asks nobody."""
    first = [text for text in books.texts.get(id_, ()) if text.message_type == "initial" and text.contact_id]
    surely = {text.contact_id for text in first if text.status not in ("canceled", "failed")}
    return {text.contact_id for text in first}, surely


def _may_have_changed(books: Books, id_: UUID, since: datetime) -> bool:
    """Whether something else than an answer may have made a difference to the goal since then."""
    return books.changes is None or any(at > since - books.grace for at in books.changes.get(id_, ()))


def _went_on(books: Books, sync: Row, since: datetime, *, but: UUID | None = None) -> bool:
    """Whether it may have begun to run again since then: a reminder that is not its first one was due at that moment.

    `but`: nor this one.
    """
    first = sync.started_at + books.reminder_delay
    return any(
        job.job_type == REMINDER
        and job.id != but
        and job.scheduled_at >= since - books.grace
        and (abs(job.scheduled_at - first) > SECOND or job.id in books.failures)
        for job in books.jobs.get(sync.id, ())
    )


@rule
def _a_goal_that_is_reported_had_been_met(books: Books) -> Iterator[Difference]:
    for id_, texts in books.texts.items():
        for text in texts:
            if text.message_type == "goal_met" and text.cause_id and not _can_have_been_met(books, id_, text):
                goal = books.syncs[id_].response_goal
                yield Difference(Kind.UNEXPLAINED, id_, f"goal_met {text.id} says that its goal ({goal}) was met")


def _can_have_been_met(books: Books, id_: UUID, report: Row) -> bool:
    """An answer that came after the report may stand in place of any other."""
    first = [text for text in books.texts[id_] if text.message_type == "initial" and text.contact_id]
    asked = {text.contact_id for text in first if text.created_at < report.created_at - books.grace}
    asked &= _asked(books, id_)[1]
    answers = {contact: books.answers[id_, contact] for contact in asked if (id_, contact) in books.answers}
    if books.syncs[id_].response_goal == "everyone":
        return answers.keys() == asked
    if not asked or _may_have_changed(books, id_, report.created_at):
        return True
    anything = sum(answer.responded_at > report.created_at - books.grace for answer in answers.values())
    votes: Counter[UUID] = Counter(
        option
        for answer in answers.values()
        if answer.responded_at <= report.created_at - books.grace
        for option in set(answer.option_ids or ())
    )
    most: int = max(votes.values(), default=0) + anything
    return most * 2 > len(asked)


@rule
def _a_sync_ends_with_its_last_option(books: Books) -> Iterator[Difference]:
    for id_, sync in books.syncs.items():
        options = books.options.get(id_, [])
        if options and sync.status not in FINAL and max(o.over_at for o in options) < books.now - books.grace:
            yield Difference(Kind.LATE, id_, f"every option is over, and it is {sync.status}")


# Who gets what


@rule
def _whoever_has_not_answered_is_reminded_once(books: Books) -> Iterator[Difference]:
    for id_, jobs in books.jobs.items():
        texts = books.texts.get(id_, [])
        for job in jobs:
            if job.job_type != "reminder_24h" or job.status != "processed":
                continue
            reminded = Counter(t.contact_id for t in texts if t.message_type == "reminder" and t.cause_id == job.id)
            yield from _reminded(books, id_, job, reminded)
            told = sum(t.message_type == "reminder_update" and t.cause_id == job.id for t in texts)
            if reminded and told != 1:
                kind = Kind.DOUBLE if told else Kind.LOST
                yield Difference(kind, id_, f"{told} updates to the organizer of reminder {job.id}")


def _reminded(books: Books, sync: UUID, job: Row, reminded: Counter[UUID]) -> Iterator[Difference]:
    asked = {t.contact_id: t for t in books.texts[sync] if t.message_type == "initial" and t.contact_id}
    for contact in asked.keys() | reminded.keys():
        answer = books.answers.get((sync, contact))
        before = answer is not None and answer.responded_at < job.processed_at - books.grace
        initial = asked.get(contact)
        if initial is None or (before and reminded[contact]):
            why = "was not asked" if initial is None else "had answered"
            yield Difference(Kind.WRONG_PERSON, sync, f"contact {contact} was reminded by {job.id} and {why}")
        elif answer is None and not reminded[contact] and _was_reached(books, initial, job.processed_at):
            yield Difference(Kind.LOST, sync, f"no reminder for contact {contact} by {job.id}")


def _was_reached(books: Books, initial: Row, by: datetime) -> bool:
    """Whether a first text had surely got through, and no stop had come back."""
    has_left = initial.status in LEFT and initial.sent_at is not None and initial.sent_at < by - books.grace
    number = _own_number(books, initial)
    return has_left and not books.may_have_said_stop(number, by - books.grace, by + books.grace)


@rule
def _whoever_was_asked_gets_the_invite(books: Books) -> Iterator[Difference]:
    for id_, sync in books.syncs.items():
        texts = books.texts.get(id_, [])
        invited = {text.contact_id for text in texts if text.message_type == "invite"}
        if invited and sync.status != "completed":
            yield Difference(Kind.EARLY, id_, f"invites, and it is {sync.status}")
        if sync.status != "completed" or not sync.chosen:
            continue
        for text in texts:
            if text.message_type != "initial" or text.contact_id is None or text.contact_id in invited:
                continue
            asked = text.status in LEFT and text.sent_at < sync.completed_at - books.grace
            if asked or (text.status, text.status_reason) == ("canceled", ASLEEP):
                yield Difference(Kind.LOST, id_, f"no invite for contact {text.contact_id}")


@rule
def _each_pause_is_reported_once(books: Books) -> Iterator[Difference]:
    for id_, jobs in books.jobs.items():
        reports = Counter(
            t.cause_id for t in books.texts.get(id_, ()) if t.message_type in ("pause_summary", "goal_met")
        )
        for job in jobs:
            if job.job_type == "pause_check_48h" and job.status == "processed" and reports[job.id] != 1:
                kind = Kind.DOUBLE if reports[job.id] else Kind.LOST
                yield Difference(kind, id_, f"{reports[job.id]} reports of pause {job.id}")


@rule
def _a_start_is_told(books: Books) -> Iterator[Difference]:
    for id_, texts in books.texts.items():
        begun = {text.message_type for text in texts if text.cause_id == id_}
        if "initial" in begun and "started" not in begun:
            yield Difference(Kind.LOST, id_, "we asked people, and did not tell the organizer that it had begun")


@rule
def _texts_have_their_causes(books: Books) -> Iterator[Difference]:
    for id_, texts in books.texts.items():
        done = {(job.id, job.job_type) for job in books.jobs.get(id_, ()) if job.status == "processed"}
        for text in texts:
            cause = CAUSED_BY.get(text.message_type)
            if cause is None or text.cause_id is None or text.created_at - books.grace <= books.jobs_since:
                continue
            if (text.cause_id, cause) not in done:
                yield Difference(
                    Kind.UNEXPLAINED, id_, f"{text.message_type} {text.id} comes from no {cause} that was done"
                )


@rule
def _nobody_gets_the_same_twice(books: Books) -> Iterator[Difference]:
    for id_, texts in books.texts.items():
        ours = [text for text in texts if text.cause_id is not None and text.status != "canceled"]
        by_cause = Counter((text.message_type, text.contact_id, text.cause_id) for text in ours)
        in_all = Counter((text.message_type, text.contact_id) for text in ours if text.message_type in ONE_EACH)
        # One that another client has let go on, after it was completed, may come to another time.
        times = {text.cause_id for text in ours} & {option.id for option in books.options.get(id_, ())}
        for (message_type, contact, *cause), count in [*by_cause.items(), *in_all.items()]:
            if count > (len(times) or 1 if message_type == "invite" and not cause else 1):
                yield Difference(Kind.DOUBLE, id_, f"{count} times {message_type} to {contact or 'the organizer'}")


@rule
def _texts_go_to_the_organizers_own_contacts(books: Books) -> Iterator[Difference]:
    for text in books.all_texts():
        contact = books.contacts.get(text.contact_id)
        if contact is not None and contact.user_id != books.syncs[text.auto_sync_id].organizer_id:
            yield Difference(
                Kind.WRONG_PERSON, text.auto_sync_id, f"{text.message_type} {text.id} to somebody else's contact"
            )


@rule
def _texts_go_to_their_recipients_numbers(books: Books) -> Iterator[Difference]:
    for text in _that_left(books):
        if text.phone_number and text.phone_number != _own_number(books, text):
            name = f"{text.message_type} {text.id}"
            yield Difference(Kind.WRONG_PERSON, text.auto_sync_id, f"{name} left for a number of somebody else")


def _own_number(books: Books, text: Row) -> str | None:
    """That of the contact, or of the organizer."""
    contact = books.contacts.get(text.contact_id)
    return _e164(books.syncs[text.auto_sync_id].organizers_number if contact is None else contact.phone_number)


@cache
def _e164(written: str | None) -> str | None:
    try:
        return phonenumbers.format_number(
            phonenumbers.parse(written or "", REGION), phonenumbers.PhoneNumberFormat.E164
        )
    except phonenumbers.NumberParseException:
        return None


# When texts leave


@rule
def _no_text_is_left_behind(books: Books) -> Iterator[Difference]:
    for text in books.all_texts():
        name = f"{text.message_type} {text.id}"
        if text.status == "queued" and text.send_after < books.now - books.grace:
            yield Difference(
                Kind.LATE, text.auto_sync_id, f"{name} is still queued, {books.now - text.send_after} after its time"
            )
        if text.status == "sending":
            yield Difference(Kind.LOST, text.auto_sync_id, f"{name} is in nobody's hands")
        if text.status == "unknown":
            yield Difference(Kind.UNKNOWN, text.auto_sync_id, f"{name} may or may not have left")
        if text.status in ("canceled", "failed") and not text.status_reason:
            yield Difference(Kind.UNEXPLAINED, text.auto_sync_id, f"{name} is {text.status}")


@rule
def _no_text_is_withheld(books: Books) -> Iterator[Difference]:
    for text in books.all_texts():
        if text.created_at < books.jobs_since:
            continue  # the jobs that would explain it may have gone
        name = f"{text.message_type} {text.id}"
        if text.status == "canceled" and not _is_pointless(books, text):
            yield Difference(Kind.LOST, text.auto_sync_id, f"{name} was canceled: {text.status_reason}")
        if text.status == "failed" and not _cannot_be_sent(books, text):
            yield Difference(Kind.LOST, text.auto_sync_id, f"{name} was given up: {text.status_reason}")


def _is_pointless(books: Books, text: Row) -> bool:
    """Whether the rows say why a text was not sent, whatever its own reason is."""
    texts = books.texts[text.auto_sync_id]
    options = [option for option in books.options.get(text.auto_sync_id, ()) if option.id == text.cause_id]
    options = options or books.options.get(text.auto_sync_id, [])
    if _was_unwanted(books, text) or text.message_type not in WANTED_IN:
        return True
    if books.may_have_said_stop(_number(books, text), text.created_at - books.grace, books.now):
        return True
    if text.message_type in ABOUT_TIMES and options and max(option.over_at for option in options) <= books.now:
        return True
    if text.message_type in ONE_A_ROUND and any(
        (later.message_type, later.contact_id) == (text.message_type, text.contact_id)
        and later.created_at > text.created_at
        for later in texts
    ):
        return True
    return text.message_type == "reminder" and (
        (text.auto_sync_id, text.contact_id) in books.answers
        or all(
            first.status in ("canceled", "failed")
            for first in texts
            if first.message_type == "initial" and first.contact_id == text.contact_id
        )
    )


def _was_unwanted(books: Books, text: Row) -> bool:
    """Whether its sync is, or may have been for a while, in a state in which it made no sense."""
    sync = books.syncs[text.auto_sync_id]
    states = WANTED_IN.get(text.message_type, {sync.status})
    waits = WAITS_IN.get(text.message_type, set())
    if sync.status not in states | waits:
        return True
    if any(end is not None and end > text.created_at for end in (sync.completed_at, sync.stopped_at)):
        return not states & FINAL  # which another client has taken back
    if {"running", "paused"} <= states | waits or states & FINAL:
        return False
    paused_since = sync.paused_at is not None and sync.paused_at > text.created_at
    return paused_since or _went_on(books, sync, text.created_at, but=text.cause_id)


def _number(books: Books, text: Row) -> str | None:
    return text.phone_number or _own_number(books, text)


def _cannot_be_sent(books: Books, text: Row) -> bool:
    """Whether the gateway refused it, or had a hundred chances, or there is no number that it could go to."""
    return bool(text.error_code) or text.attempt >= MOST_ATTEMPTS or _zones(_number(books, text)) == []


def _that_left(books: Books) -> Iterator[Row]:
    """What the engine has sent itself."""
    for text in books.all_texts():
        if text.status in LEFT and text.attempt > 0 and text.sent_at is not None:
            yield text


@rule
def _nobody_is_texted_after_stop(books: Books) -> Iterator[Difference]:
    for text in _that_left(books):
        then, since = books.left(text)
        if books.had_said_stop(text.phone_number, then) and books.had_said_stop(text.phone_number, since):
            yield Difference(Kind.AFTER_STOP, text.auto_sync_id, f"{text.message_type} {text.id} left at {then}")


@rule
def _nobody_is_texted_at_night(books: Books) -> Iterator[Difference]:
    for text in _that_left(books):
        if text.message_type in AT_ANY_HOUR:
            continue
        zones = _zones(text.phone_number) or [ZoneInfo(books.syncs[text.auto_sync_id].timezone)]
        moments = books.left(text)
        if not any(all(9 <= moment.astimezone(zone).hour < 20 for zone in zones) for moment in moments):
            yield Difference(Kind.AT_NIGHT, text.auto_sync_id, f"{text.message_type} {text.id} at {moments[0]}")


@cache
def _zones(number: str | None) -> list[ZoneInfo]:
    try:
        parsed = phonenumbers.parse(number or "", None)
    except phonenumbers.NumberParseException:
        return []
    return [ZoneInfo(name) for name in zones_of_numbers.time_zones_for_number(parsed) if name != "Etc/Unknown"]


@rule
def _texts_leave_in_their_order(books: Books) -> Iterator[Difference]:
    for text in _that_left(books):
        id_, sync = text.auto_sync_id, books.syncs[text.auto_sync_id]
        name = f"{text.message_type} {text.id}"
        end = sync.completed_at or sync.stopped_at
        latest, earliest = books.left(text)
        if text.message_type in ("initial", "reminder") and sync.status in FINAL and end and earliest > end:
            yield Difference(Kind.OUT_OF_ORDER, id_, f"{name} left after the sync was {sync.status}")
        is_last = not any(t.message_type == "invite" and t.created_at > text.created_at for t in books.texts[id_])
        if text.message_type == "invite" and is_last and sync.completed_at and latest < sync.completed_at:
            yield Difference(Kind.EARLY, id_, f"{name} left before the sync was completed")
        answer = books.answers.get((id_, text.contact_id))
        if text.message_type == "reminder" and answer and answer.responded_at < earliest:
            yield Difference(Kind.WRONG_PERSON, id_, f"{name} left after an answer had come")
        for first in books.texts[id_] if text.message_type == "reminder" else ():
            if (
                first.message_type == "initial"
                and first.contact_id == text.contact_id
                and _had_not_left(books, first, by=latest)
            ):
                what = f"{name} left before the first text, at {latest}, claimed no later than {text.claimed_at}"
                its = (
                    f"which is {first.status} ({first.gateway_message_id}, {first.status_reason}), sent {first.sent_at}"
                )
                yield Difference(Kind.OUT_OF_ORDER, id_, f"{what}, {its}, claimed no later than {first.claimed_at}")


def _had_not_left(books: Books, text: Row, *, by: datetime) -> bool:
    """Whether it surely had not left by then; one that had trouble at the gateway, only where this knows.

    What the gateway took and let expire has left, as far as anybody knew, and leaves once more.
    """
    if text.expired_ids:
        before = [books.left_at[sid][1] for sid in text.expired_ids if sid in books.left_at]
        return bool(before) and min(before) > by
    if text.attempt > 1 and not books.left_at:
        return False
    return text.status == "queued" or (text.status in LEFT and books.left(text)[1] > by)


@rule
def _texts_suit_the_state_of_their_sync(books: Books) -> Iterator[Difference]:
    """When they are written, and when they leave."""
    for id_, texts in books.texts.items():
        states = list(_sure_states(books, id_))
        for text in texts:
            if text.cause_id is None or text.message_type not in WANTED_IN:
                continue
            for state, since, until in states:
                if state in WANTED_IN[text.message_type]:
                    continue
                name = f"{text.message_type} {text.id}"
                if since + books.grace < text.created_at < until - books.grace:
                    yield Difference(Kind.OUT_OF_ORDER, id_, f"{name} was written while the sync was {state}")
                latest, earliest = _left(books, text)
                if since < earliest and latest < until and books.tells_apart(text):
                    when = f"at {latest}, claimed no later than {text.claimed_at}, and it had been so since {since}"
                    what = f"{name} left while the sync was {state}, {when}: {text.body!r}"
                    yield Difference(Kind.OUT_OF_ORDER, id_, what)


def _left(books: Books, text: Row) -> tuple[datetime, datetime]:
    """As `books.left`, but of one that was looked up as early as it was claimed; never, if it did not leave."""
    if text.status not in LEFT or text.attempt == 0 or text.sent_at is None:
        return EVER, EVER
    latest, earliest = books.left(text)
    return latest, earliest if text.gateway_message_id in books.left_at else min(earliest, text.claimed_at)


def _sure_states(books: Books, id_: UUID) -> Iterator[State]:
    """Where the rows leave no doubt; a client that pauses a sync, or lets it run again, notes no moment of its own."""
    sync, jobs = books.syncs[id_], books.jobs.get(id_, [])
    ends = [at for at in (sync.completed_at, sync.stopped_at) if at is not None]
    if sync.status in FINAL and ends:
        yield sync.status, max(ends), books.now
    if any(job.id in books.failures for job in jobs):
        return  # it was scheduled anew
    for job in jobs:
        if job.status == "processed" and job.job_type == REMINDER:
            yield "running", job.processed_at, _until(books, job, _when_it_left_running(books, jobs))
        if job.status == "processed" and job.job_type == PAUSE_CHECK:
            yield "paused", job.processed_at, _until(books, job, [*ends, *_when_it_left_a_pause(books, sync, job)])


def _until(books: Books, job: Row, moments: list[datetime]) -> datetime:
    """The first of these moments that may have been after this job."""
    return min((at for at in moments if at >= job.processed_at - books.grace), default=job.processed_at)


def _when_it_left_running(books: Books, jobs: list[Row]) -> list[datetime]:
    """A reminder schedules a pause check, which is done or skipped then."""
    return [job.processed_at or books.now for job in jobs if job.job_type == PAUSE_CHECK]


def _when_it_left_a_pause(books: Books, sync: Row, pause_check: Row) -> list[datetime]:
    """It was reminded again, or had ended, even if a client has let it go on since; or it has not left it yet."""
    since = pause_check.processed_at - books.grace
    jobs, texts = books.jobs[sync.id], books.texts.get(sync.id, ())
    reminded = [job.scheduled_at for job in jobs if job.job_type == REMINDER and _was_due(job, since)]
    ended = [text.created_at for text in texts if text.cause_id and text.message_type in AFTER_THE_END]
    return [*reminded, *ended, *([books.now] if sync.status == "paused" else [])]


def _was_due(job: Row, since: datetime) -> bool:
    """Whether a job was not yet done at this moment, and was not skipped before its time."""
    return job.processed_at is None or job.processed_at >= max(since, job.scheduled_at)


# What comes in


@rule
def _no_text_that_comes_in_is_left_lying(books: Books) -> Iterator[Difference]:
    for row in books.came_in:
        if row.outcome in UNREAD:
            yield Difference(Kind.LOST, row.auto_sync_id, f"nothing became of the text {row.id} that came in")
        texts = [text for text in books.texts.get(row.auto_sync_id, ()) if text.contact_id == row.contact_id]
        numbers = {number for text in texts for number in (text.phone_number, _own_number(books, text))}
        if row.phone_number and row.contact_id is not None and row.phone_number not in numbers:
            what = f"the text {row.id} that came in counts for contact {row.contact_id}"
            yield Difference(Kind.WRONG_PERSON, row.auto_sync_id, f"{what}, whose number is another")


@rule
def _whoever_is_unclear_or_too_late_is_told(books: Books) -> Iterator[Difference]:
    """One of each kind for each ask: one at least, and as many as are said to have been queued."""
    wanted: dict[tuple[UUID, UUID, str], list[Row]] = defaultdict(list)
    for row in books.came_in:
        reply = _reply_to(books, row)
        if reply is not None and row.contact_id in books.contacts:
            wanted[row.auto_sync_id, row.contact_id, reply].append(row)
    for (sync, contact, reply), came_in in wanted.items():
        texts = books.texts.get(sync, ())
        there = sum((text.contact_id, text.message_type) == (contact, reply) for text in texts)
        said = sum(row.outcome.endswith(QUEUED) and row.outcome.startswith(tuple(REPLIES)) for row in came_in)
        if there < max(said, 1):
            what = f"{there} times {reply} to contact {contact}, who is to have had {max(said, 1)}"
            yield Difference(Kind.LOST, sync, f"{what}, for the text {came_in[0].id} that came in")


def _reply_to(books: Books, row: Row) -> str | None:
    """The type of the text that somebody is to get for one of theirs, by what was noted of it, or where it is plain."""
    if None in (row.auto_sync_id, row.contact_id):
        return None
    noted = next((reply for words, reply in REPLIES.items() if row.outcome.startswith(words)), None)
    if noted is not None or not _was_asked(books, row):
        return noted
    sync, numbers = books.syncs[row.auto_sync_id], _numbers(row.body)
    there = {option.idx for option in books.options.get(sync.id, ())}
    if numbers is None or not there:
        return None
    ends = [at for at in (sync.completed_at, sync.stopped_at) if at is not None]
    if sync.status in FINAL and ends and row.received_at > max(ends) + max(books.grace, MINUTE):
        return "late_answer"
    if not ends and sync.status not in FINAL and not numbers <= there:
        return "clarification"
    return None


@rule
def _no_answer_is_lost(books: Books) -> Iterator[Difference]:
    for (sync, contact), came_in in _answers_by_text(books).items():
        kept = books.answers.get((sync, contact))
        if kept is None:
            yield Difference(Kind.LOST, sync, f"the answer {came_in[-1].id} that came in was not kept")
            continue
        if kept.responded_at < came_in[-1].received_at - max(books.grace, MINUTE):
            yield Difference(Kind.LOST, sync, f"an earlier answer stands in place of {came_in[-1].id}")
        for row in came_in:
            # One that another client gave at the same time, or later, is of another moment.
            is_this_one = kept.responded_at == kept.updated_at == row.received_at
            numbers = _plain_numbers(books, row)
            if is_this_one and numbers is not None and numbers != _kept_numbers(books, kept):
                yield Difference(Kind.LOST, sync, f"the answer {row.id} that came in was kept as another one")


def _answers_by_text(books: Books) -> dict[Answer, list[Row]]:
    """In the order in which they came."""
    found: dict[Answer, list[Row]] = defaultdict(list)
    for row in books.came_in:
        if None not in (row.auto_sync_id, row.contact_id) and (
            row.outcome.startswith("Answered") or _must_be_an_answer(books, row)
        ):
            found[row.auto_sync_id, row.contact_id].append(row)
    return found


def _must_be_an_answer(books: Books, row: Row) -> bool:
    """Whether it can be read in one way only, and comes from somebody who was asked in a sync that never ended."""
    sync = books.syncs[row.auto_sync_id]
    never_ended = sync.status not in FINAL and sync.completed_at is None and sync.stopped_at is None
    return _was_asked(books, row) and never_ended and _plain_numbers(books, row) is not None


def _was_asked(books: Books, row: Row) -> bool:
    """Whether whoever sent this text had a first text in this sync."""
    return any(
        text.message_type == "initial" and text.contact_id == row.contact_id and text.status in LEFT
        for text in books.texts.get(row.auto_sync_id, ())
    )


def _plain_numbers(books: Books, row: Row) -> set[int] | None:
    """The options that a text names; nothing at all where it can be read in more than one way, or one is not there."""
    numbers = _numbers(row.body)
    there = {option.idx for option in books.options.get(row.auto_sync_id, ())}
    return numbers if numbers is not None and there and numbers <= there else None


def _numbers(body: str) -> set[int] | None:
    said = body.strip().lower()
    is_plain = NUMBERS.fullmatch(said) or NONE.fullmatch(said)
    return {int(digit) for digit in re.findall(r"\d", said)} if is_plain else None


def _kept_numbers(books: Books, answer: Row) -> set[int]:
    if answer.response_type == "not_available":
        return set()
    return {option.idx for option in books.options.get(answer.auto_sync_id, ()) if option.id in answer.option_ids}


# What the gateway says


def of_gateway(
    books: Books,
    accepted: Iterable[dict[str, Any]],
    *,
    gateway: str,
    refused: Iterable[dict[str, Any]] | None = None,
) -> list[str]:
    """Every difference between the texts and what the gateway took: its entries have sid, to, body, error_code.

    `refused`: what it will never take, with to, body and error_code, an entry for each time it has said so; without it,
    whatever code a failed text has is believed.
    """
    found = list(_of_gateway(books, list(accepted), gateway))
    if refused is not None:
        found += _of_refusals(books, refused, gateway)
    return [str(difference) for difference in found]


def _of_refusals(books: Books, refused: Iterable[dict[str, Any]], gateway: str) -> Iterator[Difference]:
    """One that has an id was taken, and came to nothing later: see _of_entry."""
    said = Counter((entry["to"], entry["body"], str(entry["error_code"])) for entry in refused)
    for text in books.all_texts():
        if text.gateway != gateway or text.status != "failed" or not text.error_code or text.gateway_message_id:
            continue
        refusal = text.phone_number, text.body, text.error_code
        said[refusal] -= 1
        if said[refusal] < 0:
            what = f"text {text.id} has failed with {text.error_code}, and was not refused so"
            yield Difference(Kind.LOST, text.auto_sync_id, what)


def _of_gateway(books: Books, accepted: list[dict[str, Any]], gateway: str) -> Iterator[Difference]:
    owners: dict[str, list[Row]] = defaultdict(list)
    expired: set[str] = set()
    for text in books.all_texts():
        expired |= set(text.expired_ids or ())
        for sid in {text.gateway_message_id, *(text.expired_ids or ())} - {None}:
            owners[sid].append(text)
    taken = {entry["sid"] for entry in accepted}
    # What was taken of a text that is still unknown is nobody's yet.
    unknown = Counter((text.phone_number, text.body) for text in books.all_texts() if text.status == "unknown")
    for entry in accepted:
        if entry["sid"] not in owners and unknown[entry["to"], entry["body"]] > 0:
            unknown[entry["to"], entry["body"]] -= 1
            continue
        yield from _of_entry(entry, owners.get(entry["sid"], []), entry["sid"] in expired)
    for text in books.all_texts():
        if text.gateway == gateway and text.status in LEFT and text.gateway_message_id not in taken:
            yield Difference(Kind.LOST, text.auto_sync_id, f"text {text.id} is {text.status}, and was never taken")
        for sid in set(text.expired_ids or ()) - taken if text.gateway == gateway else ():
            what = f"text {text.id} is to have expired as {sid}, which was never taken"
            yield Difference(Kind.UNEXPLAINED, text.auto_sync_id, what)


def _of_entry(entry: dict[str, Any], owners: list[Row], counts_as_expired: bool) -> Iterator[Difference]:
    if not owners:
        yield Difference(Kind.DOUBLE, None, f"{entry['sid']} was taken, and no text says so")
    for text in owners[1:]:
        yield Difference(Kind.LOST, text.auto_sync_id, f"texts {owners[0].id} and {text.id} are both {entry['sid']}")
    for text in owners[:1]:
        if entry["to"] != text.phone_number:
            yield Difference(Kind.WRONG_PERSON, text.auto_sync_id, f"text {text.id} went to another number")
        if entry["body"] != text.body:
            yield Difference(Kind.WRONG_WORDS, text.auto_sync_id, f"text {text.id} went out")
        if text.status in ("queued", "canceled", "failed") and not counts_as_expired and not entry["error_code"]:
            yield Difference(Kind.DOUBLE, text.auto_sync_id, f"text {text.id} is {text.status}, and was taken")
        is_another = entry["error_code"] and str(entry["error_code"]) != text.error_code
        if text.status == "failed" and is_another and not counts_as_expired:
            what = f"text {text.id} has failed with {text.error_code}, and at the gateway with {entry['error_code']}"
            yield Difference(Kind.UNEXPLAINED, text.auto_sync_id, what)
        if counts_as_expired and str(entry["error_code"]) != EXPIRED:
            yield Difference(Kind.DOUBLE, text.auto_sync_id, f"text {text.id} went out again, and had not expired")
