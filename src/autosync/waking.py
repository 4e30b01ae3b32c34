"""What wakes the processor from within the database, and what is wanting: pg_cron, pg_net, the Vault. Values and rules.

`wanting(found)` says in sentences what keeps the wake-ups from arriving. Reading and changing it is `database.cron`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

URL_SECRET = "auto_sync_function_url"  # noqa: S105 - names of secrets
KEY_SECRET = "auto_sync_service_key"  # noqa: S105

LATE = timedelta(minutes=5)
"""How late the oldest due job may be while pg_cron looks every minute."""

LONGEST_CALL = timedelta(seconds=60)
ANSWERS_ARE_KEPT = timedelta(hours=5)
"""pg_net forgets answers after six hours; after that, nobody can tell."""


@dataclass(frozen=True, slots=True)
class CronJob:
    """A job as it should be in pg_cron. `longest_pause`: between two runs, before something is wrong."""

    name: str
    schedule: str
    command: str
    longest_pause: timedelta


JOBS = (
    CronJob("process-auto-sync-jobs", "* * * * *", "select public.process_auto_sync_jobs()", timedelta(minutes=5)),
    CronJob("cleanup-auto-sync-jobs", "17 3 * * *", "select public.cleanup_auto_sync_jobs()", timedelta(hours=26)),
)
"""pg_cron reads schedules in UTC unless told otherwise."""


@dataclass(frozen=True, slots=True)
class ScheduledJob:
    """A job as it is in pg_cron. `is_own`: it runs as the role that asks.

    `status` (succeeded or failed), `message` and `age` of the last finished run; None: there was none.
    """

    id: int
    name: str
    schedule: str
    command: str
    active: bool
    is_own: bool
    status: str | None
    message: str | None
    age: timedelta | None


@dataclass(frozen=True, slots=True)
class Extensions:
    """What the server has. `version`: of pg_cron in this database, None if it is not laid there.

    `cron_database`: the one that pg_cron works in; None: not loaded, or, without `knows_settings`, not to be known.
    """

    version: str | None
    is_available: bool
    cron_database: str | None
    knows_settings: bool
    database: str
    scheduler_runs: bool
    has_pg_net: bool
    has_vault: bool

    @property
    def obstacle(self) -> str | None:
        """What keeps pg_cron from being used in this database: one sentence with what to do; None: nothing known."""
        if self.version is not None:
            return None
        if not self.is_available:
            return (
                "This server does not have pg_cron: install it (Debian: postgresql-NN-cron), or keep `autosync worker`"
                " running, which needs no extension."
            )
        if not self.knows_settings or self.cron_database == self.database:
            return None
        if self.cron_database is None:
            return (
                "The server has not loaded pg_cron: add it to shared_preload_libraries, set cron.database_name ="
                f" '{self.database}' and restart; on Supabase, switch it on under Database, Extensions."
            )
        return (
            f'pg_cron works in the database "{self.cron_database}" of this server, not in "{self.database}": set'
            f" cron.database_name = '{self.database}' and restart, or keep `autosync worker` running."
        )


@dataclass(frozen=True, slots=True)
class Call:
    """The last call of the function endpoint by pg_net. `refused_with`: a SQLSTATE.

    `http_status` or `error`: pg_net's answer; neither: there is none (yet, or any more).
    """

    age: timedelta
    refused_with: str | None = None
    http_status: int | None = None
    error: str | None = None

    @property
    def fate(self) -> str:
        """In a few words."""
        if self.refused_with:
            return f"refused by pg_net or the Vault (SQLSTATE {self.refused_with})"
        if self.error:
            return f"failed: {self.error}"
        return f"answered with HTTP {self.http_status}" if self.http_status else "not answered"

    @property
    def is_well(self) -> bool:
        """Whether it came through, may still do so, or is too long ago to tell."""
        if self.refused_with or self.error:
            return False
        if self.http_status is None:
            return not LONGEST_CALL < self.age < ANSWERS_ARE_KEPT
        return 200 <= self.http_status < 300


@dataclass(frozen=True, slots=True)
class Waking:
    """All that was found. `secrets`: the names that the Vault has; `oldest_due`: how late the oldest due job is."""

    extensions: Extensions
    jobs: tuple[ScheduledJob, ...]
    secrets: frozenset[str]
    call: Call | None
    oldest_due: timedelta | None


def wanting(found: Waking) -> list[str]:
    """What keeps wake-ups from arriving: a sentence each; empty: nothing."""
    return [*_pg_cron(found), *_way(found), *_late(found)]


def _pg_cron(found: Waking) -> Iterator[str]:
    if found.extensions.version is None:
        yield found.extensions.obstacle or "pg_cron is not installed in this database: run `autosync cron install`."
        return
    if not found.extensions.scheduler_runs:
        yield "pg_cron's scheduler does not run: look into the server's log, and restart the server."
    for job in JOBS:
        yield from _job(job, found.jobs)


def _job(wanted: CronJob, jobs: tuple[ScheduledJob, ...]) -> Iterator[str]:
    known = [job for job in jobs if job.name == wanted.name]
    if not any(job.active and job.command == wanted.command for job in known):
        yield f"{wanted.name} is {_state(known)}: run `autosync cron install`."
        return
    for job in known:
        if job.status == "failed":
            yield f"The last run of {job.name} failed: {' '.join((job.message or 'no reason was kept').split())}"
        elif job.active and job.age is not None and job.age > wanted.longest_pause:
            yield f"{job.name} has not run for {int(job.age.total_seconds() // 60)} minutes, though it is active."


def _state(known: list[ScheduledJob]) -> str:
    if not known:
        return "not scheduled"
    return "scheduled with another command" if any(job.active for job in known) else "switched off"


def _way(found: Waking) -> Iterator[str]:
    """From the database to the function endpoint."""
    if not found.extensions.has_pg_net:
        yield (
            "pg_net is not here, or this role may not use it, so nobody is called: on Supabase, switch it on under"
            " Database, Extensions; elsewhere keep `autosync worker` running."
        )
    if not found.extensions.has_vault:
        yield "There is no Vault here, or this role may not use it, so the function endpoint's key is not known."
    elif missing := [name for name in (URL_SECRET, KEY_SECRET) if name not in found.secrets]:
        yield (
            f"The Vault lacks {' and '.join(missing)}: run `autosync cron install --url URL` with AUTOSYNC_SERVICE_KEY"
            " set, or add them by hand."
        )
    if found.call is not None and not found.call.is_well:
        yield f"The last call of the function endpoint was {found.call.fate}."


def _late(found: Waking) -> Iterator[str]:
    if found.oldest_due is not None and found.oldest_due > LATE:
        minutes = int(found.oldest_due.total_seconds() // 60)
        yield f"The oldest due job has waited for {minutes} minutes: nobody does what is due."
