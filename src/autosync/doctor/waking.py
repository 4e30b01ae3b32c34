"""What wakes the processor from within the database: pg_cron and its jobs. Pure.

Without pg_cron a worker has to run, which no database can tell; so that is a warning at most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from autosync.database.review import CronJob
from autosync.doctor.findings import Finding, ok, span, warning, wrong

AREA = "waking"

PROCESS = "process-auto-sync-jobs"
CLEANUP = "cleanup-auto-sync-jobs"

LONGEST_PAUSE = timedelta(minutes=5)
"""How long ago the last run of the processing job may be; it runs every minute."""


def extensions(found: Mapping[str, str]) -> Iterator[Finding]:
    """Which extensions are there."""
    if version := found.get("pg_cron"):
        yield ok(AREA, f"pg_cron {version} is installed.")
    else:
        yield warning(
            AREA,
            "pg_cron is not installed, so nothing in the database wakes the processor.",
            "Keep `autosync worker` running somewhere.",
        )
    for name, purpose in (("pg_net", "calls the function endpoint"), ("supabase_vault", "keeps its key")):
        version = found.get(name)
        yield ok(AREA, f"{name} {version}, which {purpose}, is installed." if version else f"{name} is not installed.")


def jobs(found: Sequence[CronJob] | None) -> Iterator[Finding]:
    """Whether the project's jobs are in pg_cron, active, and run; None: there is no pg_cron."""
    if found is None:
        return
    by_name = {job.name: job for job in found}
    for name in (PROCESS, CLEANUP):
        job = by_name.get(name)
        if job is None:
            yield warning(AREA, f"pg_cron has no job {name}.", "Schedule it, or keep `autosync worker` running.")
        elif not job.active:
            advice = "Schedule it, or keep `autosync worker` running."
            yield warning(AREA, f"The job {name} in pg_cron is switched off.", advice)
        else:
            yield from _last_run(job)


def _last_run(job: CronJob) -> Iterator[Finding]:
    if job.status is None or job.age is None:
        yield warning(
            AREA,
            f"The job {job.name} in pg_cron has not run yet ({job.schedule}).",
            "Look again after its time; if nothing has come, see whether the server loads pg_cron:"
            " `show shared_preload_libraries;`.",
        )
    elif job.status == "failed":
        message = " ".join((job.message or "no reason was kept").split())
        yield wrong(
            AREA,
            f"The last run of {job.name} in pg_cron, {span(job.age)} ago, failed: {message}",
            "Put right what it names.",
        )
    elif job.name == PROCESS and job.age > LONGEST_PAUSE:
        yield wrong(
            AREA,
            f"The job {job.name} in pg_cron last ran {span(job.age)} ago, though it is active ({job.schedule}).",
            "See whether the pg_cron launcher runs: `select * from pg_stat_activity where application_name like"
            " 'pg_cron%';` shows it; if not, restart the server.",
        )
    else:
        yield ok(AREA, f"{job.name} last ran {span(job.age)} ago.")
