"""The review itself: asks one question after the other, and goes on where one cannot be answered.

`await review(connection)` reads in one read-only transaction, which it rolls back. What is missing or forbidden becomes
a finding; only a lost connection is raised. A `Question` is what it is about, what it reads, and how that is judged.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any

import psycopg

from autosync.database import catalog, clock, cron, cron_review, pauses, vitals
from autosync.database import exposure as beside
from autosync.database import review as live
from autosync.database import workers as at_work
from autosync.database.catalog import Catalog
from autosync.database.exposure import Surroundings
from autosync.database.pool import Connection, is_away
from autosync.database.review import Role
from autosync.database.vitals import Upkeep
from autosync.doctor import (
    calendars,
    exposure,
    outbox,
    queue,
    schema,
    security,
    server,
    timings,
    upkeep,
    waking,
    workers,
)
from autosync.doctor.expected import expected
from autosync.doctor.findings import Finding, Level, Review, Subject, unknown, warning

__all__ = ["Question", "Review", "ask", "review"]


@dataclass(frozen=True, slots=True)
class Question:
    """`whether` ends the sentence "cannot tell whether ..."; if an `essential` one has no answer, nothing is well."""

    area: str
    whether: str
    read: Callable[[Connection], Awaitable[Any]]
    judge: Callable[[Any], Iterable[Finding]]
    essential: bool = True


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A question that the database refused."""

    question: Question
    cause: str
    advice: str


async def review(connection: Connection, *, demo_expected: bool = False) -> Review:
    """Reviews the database and leaves it, and the connection, as they were.

    `demo_expected`: demo timings and a moved clock are meant. Raises psycopg.Error if the connection is lost.
    """
    async with connection.transaction(force_rollback=True):
        await live.begin(connection)
        subject = await _subject(connection)
        migrations = await ask(connection, [MIGRATIONS])
        rest = await ask(connection, _questions(migrations, demo_expected=demo_expected))
    return Review(tuple(sorted(migrations + rest, key=lambda finding: AREAS.index(finding.area))), subject)


async def _subject(connection: Connection) -> Subject:
    facts = await vitals.server(connection)
    return Subject(facts.database, facts.version, facts.at)


def _questions(migrations: Iterable[Finding], *, demo_expected: bool) -> Iterable[Question]:
    """What there is to ask, once it is known how far the migrations are; what follows from that is not asked."""
    if any(finding.what == server.NOTHING for finding in migrations):
        return SERVER
    judge = partial(timings.judge, demo_expected=demo_expected)
    asked = (*SERVER, *LIVE, Question(timings.AREA, "production's timings are active", clock.profiles, judge))
    return asked if any(finding.level is Level.WRONG for finding in migrations) else (*STRUCTURE, *asked)


async def _read_catalog(connection: Connection) -> Catalog:
    wanted = expected()
    functions = {function.name for function in wanted.functions}
    return await catalog.read(connection, tables=wanted.table_names, functions=functions)


async def ask(connection: Connection, questions: Iterable[Question]) -> list[Finding]:
    """All answers in order; what could not be answered for the same reason is one finding for each area.

    Raises psycopg.Error if the connection is lost.
    """
    findings: list[Finding] = []
    unanswered: list[Unanswered] = []
    for question in questions:
        answer = await _answer(connection, question)
        if isinstance(answer, Unanswered):
            unanswered.append(answer)
        else:
            findings += answer
    return findings + _told(unanswered)


async def _answer(connection: Connection, question: Question) -> list[Finding] | Unanswered:
    try:
        async with connection.transaction():
            read = await question.read(connection)
    except psycopg.Error as error:
        if is_away(error):
            raise
        cause = " ".join((error.diag.message_primary or str(error)).split()).rstrip(".")
        return Unanswered(question, cause, _advice(error))
    return list(question.judge(read))


def _advice(error: psycopg.Error) -> str:
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return "Review as the owner of the tables, or as a role that row-level security leaves alone."
    if isinstance(error, psycopg.errors.QueryCanceled):
        return "Look again when the server is less busy, and see whether every index is there."
    return "Put right what is said of migrations and schema, then look again."


def _told(unanswered: Iterable[Unanswered]) -> list[Finding]:
    def reason(one: Unanswered) -> tuple[str, bool, str]:
        return one.question.area, one.question.essential, one.advice

    told = []
    for (area, essential, advice), group in groupby(sorted(unanswered, key=reason), key=reason):
        alike = list(group)
        questions = ", whether ".join(one.question.whether for one in alike)
        causes = "; ".join(dict.fromkeys(one.cause for one in alike))
        tell = unknown if essential else warning
        told.append(tell(area, f"Cannot tell whether {questions}: {causes}.", advice))
    return told


async def _record(connection: Connection) -> server.Record:
    return server.Record(await live.recorded_migrations(connection), await live.has_tables(connection))


async def _rights(connection: Connection) -> tuple[Catalog, dict[str, Role]]:
    return await _read_catalog(connection), await live.roles(connection)


async def _surroundings(connection: Connection) -> Surroundings:
    wanted = expected()
    functions = {function.signature for function in wanted.functions}
    return await beside.read(connection, tables=wanted.table_names, functions=functions)


async def _upkeep(connection: Connection) -> list[Upkeep]:
    return await vitals.upkeep(connection, tables=expected().table_names)


async def _workers(connection: Connection) -> workers.Found:
    return workers.Found(tuple(await at_work.list_seen(connection)), await live.late_jobs(connection))


async def _waking(connection: Connection) -> waking.Found:
    return waking.Found(await cron.read(connection), await cron_review.read(connection))


AREAS = (
    server.MIGRATIONS, server.AREA, schema.AREA, security.AREA, timings.AREA, queue.AREA, outbox.AREA,
    calendars.AREA, waking.AREA, upkeep.AREA,
)  # fmt: skip
"""In the order in which things are best put right."""

# What is on record is not essential: where it may not be read, the schema itself tells.
MIGRATIONS = Question(server.MIGRATIONS, "all migrations are applied", _record, server.recorded, essential=False)

SERVER = (
    Question(server.AREA, "the server is good enough", vitals.server, server.itself),
    Question(server.AREA, "sessions stand in the way", vitals.idle_transactions, server.idle, essential=False),
    Question(server.AREA, "there are connections left", vitals.limits, server.limits, essential=False),
    Question(server.AREA, "settings cut work short", vitals.role_settings, server.role_settings, essential=False),
)

STRUCTURE = (
    Question(schema.AREA, "the schema is whole", _read_catalog, lambda seen: schema.compare(seen, expected())),
    Question(
        security.AREA,
        "people reach only their own",
        _rights,
        lambda seen: security.compare(seen[0], expected(), seen[1]),
    ),
)

LIVE = (
    Question(security.AREA, "anything else gives rows away", _surroundings, exposure.judge, essential=False),
    Question(queue.AREA, "jobs are late", live.late_jobs, queue.late),
    Question(queue.AREA, "jobs are stuck", live.stuck_jobs, queue.stuck),
    Question(queue.AREA, "jobs have failed", live.failed_jobs, queue.failed),
    Question(queue.AREA, "jobs are retried", live.retried_jobs, queue.retried),
    Question(queue.AREA, "jobs have no status", live.jobs_without_status, queue.without_status),
    Question(queue.AREA, "jobs are of a known type", live.unknown_jobs, queue.unknown),
    Question(queue.AREA, "jobs wait for syncs that have ended", live.jobs_of_ended, queue.of_ended),
    Question(queue.AREA, "running syncs have jobs", live.running_without_job, queue.running_without_job),
    Question(queue.AREA, "running syncs have invitees", live.running_without_invitees, queue.running_without_invitees),
    Question(queue.AREA, "syncs will end", live.live_without_end, queue.live_without_end),
    Question(queue.AREA, "time zones are known", live.time_zones, queue.time_zones),
    Question(outbox.AREA, "texts were lost on their way", live.texts_in_flight, outbox.in_flight),
    Question(outbox.AREA, "sending is paused", pauses.list_all, outbox.paused),
    Question(outbox.AREA, "texts are late", live.queued_texts, outbox.queued),
    Question(outbox.AREA, "texts have failed", live.failed_texts, outbox.failed),
    Question(outbox.AREA, "those who said stop are known", live.number_key, outbox.number_key),
    Question(calendars.AREA, "chosen times get into calendars", live.events, calendars.events, essential=False),
    Question(calendars.AREA, "Google tokens are sealed", live.open_tokens, calendars.tokens, essential=False),
    Question(waking.AREA, "workers are at work", _workers, workers.judge, essential=False),
    Question(waking.AREA, "pg_cron runs the project's jobs", _waking, waking.judge, essential=False),
    Question(upkeep.AREA, "tables are swept", _upkeep, upkeep.tables, essential=False),
    Question(upkeep.AREA, "something holds dead rows", vitals.horizon, upkeep.horizon, essential=False),
)
