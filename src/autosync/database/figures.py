"""What there is in the database, as figures for whoever watches it from afar: a fixed handful of statements.

Counts stop where board.ENOUGH says, so a look costs the same however long the queue is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from autosync.database import board, events, jobs, vitals, workers
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.database.vitals import Upkeep

QUEUES = ("auto_sync_messages", "auto_syncs", "job_queue")
"""The tables whose dead rows make work slower."""

ALIVE = timedelta(seconds=60)
"""A worker that was seen within this time is alive."""


@dataclass(frozen=True, slots=True)
class Figures:
    """`jobs` by (type, state), `texts` and `events` by state; `cron_success`: when pg_cron last did well, if known."""

    jobs: Mapping[tuple[str, str], int]
    texts: Mapping[str, int]
    events: Mapping[str, int]
    oldest_due_job: timedelta
    oldest_due_text: timedelta
    workers_alive: int
    upkeep: Sequence[Upkeep]
    cron_success: datetime | None


async def read(connection: Connection) -> Figures:
    """All of them. Raises psycopg.Error where the database, or one of its tables, is not to be had."""
    seen = await workers.list_seen(connection)
    row = await (await connection.execute(statement("oldest_due_text_age"))).fetchone()
    return Figures(
        jobs=await board.count_jobs(connection),
        texts=await board.count_texts(connection),
        events=await events.count(connection),
        oldest_due_job=await jobs.oldest_due_age(connection) or timedelta(),
        oldest_due_text=(row[0] if row else None) or timedelta(),
        workers_alive=sum(worker.stopped is None and worker.seen < ALIVE for worker in seen),
        upkeep=await vitals.upkeep(connection, tables=QUEUES),
        cron_success=await _cron_success(connection),
    )


async def _cron_success(connection: Connection) -> datetime | None:
    """When the job that wakes the processor last ended well; None without pg_cron, or where it may not be looked at."""
    try:
        async with connection.transaction():
            row = await (await connection.execute(statement("last_cron_success"))).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InsufficientPrivilege, psycopg.errors.InvalidSchemaName):
        return None
    moment: datetime | None = row[0] if row else None
    return moment
