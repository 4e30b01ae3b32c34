"""How things stand now, as an operator has to know it: what is wrong by the doctor's own rules, and how much there is.

`await read_now(connection)` reads a fixed number of times, each by an index, since it is done every few seconds. What
takes longer to find out, such as schema, rights and syncs without jobs, is for `autosync doctor`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import psycopg

from autosync.database import board, clock, cron, cron_review, review
from autosync.database import workers as at_work
from autosync.database.board import ENOUGH
from autosync.database.pool import Connection
from autosync.database.review import Late, Refused
from autosync.database.workers import SeenWorker
from autosync.doctor import outbox, queue, waking, workers
from autosync.doctor.findings import Finding, Level, worst
from autosync.waking import ScheduledJob

_JOBS, _TEXTS = "/ops/jobs?show=", "/ops/texts?show="


@dataclass(frozen=True, slots=True)
class Told:
    """Something that is not simply well, and where more of it is to be seen, if anywhere."""

    finding: Finding
    link: str | None


@dataclass(frozen=True, slots=True)
class Now:
    """`at`: the project's now. `told`: the most urgent first. `jobs`: by (type, state); `texts`: by state, as in
    `database.board`. `refused`: texts of the last day that failed, by code. `cron`: pg_cron's own view of our jobs,
    None where there is no pg_cron, or it may not be seen."""

    at: datetime
    told: tuple[Told, ...]
    late: Late
    jobs: dict[tuple[str, str], int]
    texts: dict[str, int]
    refused: list[Refused]
    workers: tuple[SeenWorker, ...]
    cron: tuple[ScheduledJob, ...] | None

    @property
    def level(self) -> Level:
        """How it is, all in all."""
        return worst([each.finding for each in self.told])

    @property
    def alive(self) -> tuple[SeenWorker, ...]:
        """The workers that run."""
        return tuple(worker for worker in self.workers if workers.is_alive(worker))

    def of_jobs(self, state: str) -> int:
        """How many jobs are in this state, of any type, counted to ENOUGH."""
        return min(sum(count for (_, one), count in self.jobs.items() if one == state), ENOUGH)


async def read_now(connection: Connection) -> Now:
    """How things stand. Raises psycopg.Error."""
    at, _ = await clock.read(connection)
    late = await review.late_jobs(connection)
    seen = tuple(await at_work.list_seen(connection))
    refused = await review.failed_texts(connection)
    found = await _pg_cron(connection)
    asked: list[tuple[Iterable[Finding], str | None]] = [
        (queue.late(late), f"{_JOBS}due"),
        (workers.judge(workers.Found(seen, late)), None),
        (queue.stuck(await review.stuck_jobs(connection)), None),
        (outbox.number_key(await review.number_key(connection)), None),
        (outbox.queued(await review.queued_texts(connection)), f"{_TEXTS}due"),
        (queue.failed(await review.failed_jobs(connection)), f"{_JOBS}failed"),
        (outbox.in_flight(await review.texts_in_flight(connection)), f"{_TEXTS}unknown"),
        (queue.retried(await review.retried_jobs(connection)), f"{_JOBS}retried"),
        (outbox.failed(refused), f"{_TEXTS}failed"),
        (waking.judge(found) if found else (), None),
    ]
    told = [Told(one, link) for findings, link in asked for one in findings if one.level is not Level.OK]
    return Now(
        at=at,
        told=tuple(sorted(told, key=lambda each: -each.finding.level.severity)),
        late=late,
        jobs=await board.count_jobs(connection),
        texts=await board.count_texts(connection),
        refused=refused,
        workers=seen,
        cron=found.waking.jobs if found else None,
    )


async def _pg_cron(connection: Connection) -> waking.Found | None:
    try:
        async with connection.transaction():
            entries = await cron_review.read(connection)
            return waking.Found(await cron.read(connection), entries) if entries else None
    except psycopg.errors.InsufficientPrivilege:
        return None  # whoever may not see pg_cron's tables is told nothing of them; the doctor says so
