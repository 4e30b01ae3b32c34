"""What a review asks of pg_cron's own tables, beside what `database.cron` reads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from autosync.database.pool import Connection
from autosync.database.statements import statement


@dataclass(frozen=True, slots=True)
class CronEntry:
    """A job of pg_cron and its last finished run: `status` succeeded or failed, None if there was none.

    `may_call`: its user may call the function that it is for; None: that function is not there. `shows_key`: its
    command holds a key in plain sight; so `command` is not for showing.
    """

    name: str
    active: bool
    schedule: str
    command: str
    database: str
    is_here: bool
    user: str
    may_call: bool | None
    shows_key: bool
    status: str | None
    message: str | None
    age: timedelta | None


@dataclass(frozen=True, slots=True)
class Cron:
    """pg_cron: its time zone (None: not to be known), rows and bytes of its record of runs, and our jobs."""

    timezone: str | None
    runs: int
    bytes: int
    jobs: tuple[CronEntry, ...]


async def read(connection: Connection) -> Cron | None:
    """pg_cron; None where it is not installed. Raises psycopg.Error where the role may not see its tables."""
    cursor = await connection.execute(statement("review_cron_server"))
    ((installed, timezone, runs, size),) = await cursor.fetchall()
    if not installed:
        return None
    cursor = await connection.execute(statement("review_cron_jobs"))
    jobs = tuple([CronEntry(*row) for row in await cursor.fetchall()])
    return Cron(timezone, runs, size, jobs)
