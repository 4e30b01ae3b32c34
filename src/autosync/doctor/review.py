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

from autosync.database import catalog, clock
from autosync.database import review as live
from autosync.database.catalog import Catalog
from autosync.database.pool import Connection, is_away
from autosync.database.review import CronJob
from autosync.doctor import outbox, queue, schema, security, server, timings, waking
from autosync.doctor.expected import expected
from autosync.doctor.findings import Finding, Level, Review, unknown

__all__ = ["Question", "Review", "ask", "review"]


@dataclass(frozen=True, slots=True)
class Question:
    """`whether` ends the sentence "cannot tell whether ..."."""

    area: str
    whether: str
    read: Callable[[Connection], Awaitable[Any]]
    judge: Callable[[Any], Iterable[Finding]]


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
        migrations = await ask(connection, [MIGRATIONS])
        rest = await ask(connection, _questions(migrations, demo_expected=demo_expected))
    return Review(tuple(sorted(migrations + rest, key=lambda finding: AREAS.index(finding.area))))


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
    def reason(one: Unanswered) -> tuple[str, str]:
        return one.question.area, one.advice

    told = []
    for (area, advice), group in groupby(sorted(unanswered, key=reason), key=reason):
        alike = list(group)
        questions = ", whether ".join(one.question.whether for one in alike)
        causes = "; ".join(dict.fromkeys(one.cause for one in alike))
        told.append(unknown(area, f"Cannot tell whether {questions}: {causes}.", advice))
    return told


async def _cron_jobs(connection: Connection) -> list[CronJob] | None:
    """None where there is no pg_cron."""
    return await live.cron_jobs(connection) if "pg_cron" in await live.extensions(connection) else None


async def _rights(connection: Connection) -> tuple[Catalog, dict[str, bool]]:
    return await _read_catalog(connection), await live.roles(connection)


AREAS = (
    server.MIGRATIONS, server.AREA, schema.AREA, security.AREA, timings.AREA, queue.AREA, outbox.AREA, waking.AREA
)  # fmt: skip
"""In the order in which things are best put right."""

MIGRATIONS = Question(server.MIGRATIONS, "all migrations are applied", live.recorded_migrations, server.recorded)

SERVER = (
    Question(server.AREA, "the server is good enough", live.server, server.itself),
    Question(server.AREA, "sessions stand in the way", live.idle_transactions, server.idle),
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
    Question(queue.AREA, "jobs are late", live.late_jobs, queue.late),
    Question(queue.AREA, "jobs are stuck", live.stuck_jobs, queue.stuck),
    Question(queue.AREA, "jobs have failed", live.failed_jobs, queue.failed),
    Question(queue.AREA, "jobs are retried", live.retried_jobs, queue.retried),
    Question(queue.AREA, "jobs have no status", live.jobs_without_status, queue.without_status),
    Question(queue.AREA, "running syncs have jobs", live.running_without_job, queue.running_without_job),
    Question(queue.AREA, "syncs will end", live.live_without_end, queue.live_without_end),
    Question(queue.AREA, "time zones are known", live.time_zones, queue.time_zones),
    Question(outbox.AREA, "texts were lost on their way", live.texts_in_flight, outbox.in_flight),
    Question(outbox.AREA, "texts are late", live.queued_texts, outbox.queued),
    Question(outbox.AREA, "texts have failed", live.failed_texts, outbox.failed),
    Question(waking.AREA, "pg_cron is there", live.extensions, waking.extensions),
    Question(waking.AREA, "pg_cron runs the project's jobs", _cron_jobs, waking.jobs),
)
