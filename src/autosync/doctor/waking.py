"""What wakes the processor from within the database: pg_cron and its jobs, and their way to the function endpoint.

Pure. Without any of it a worker has to run, which no database can tell; so that is a warning at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from autosync.database.cron_review import Cron, CronEntry
from autosync.doctor.findings import Finding, as_end, listed, note, ok, span, warning, wrong
from autosync.waking import JOBS, KEY_SECRET, URL_SECRET, CronJob, Waking

AREA = "waking"

PROCESS, CLEANUP = (job.name for job in JOBS)

_EVERY_MINUTE = re.compile(r"(\*|\*/1)( \*){4}|([1-9]|[1-5]\d|60) seconds?")
_MOST_RUNS = 500_000
_MOST_BYTES = 200_000_000
_SCHEDULER = (
    "See whether the pg_cron scheduler runs: `select * from pg_stat_activity where application_name like 'pg_cron%';`"
    " shows it; if not, restart the server."
)
_DEAF = (
    "If it runs and the extension was ever dropped and created again, restart the server as well: pg_cron may not have"
    " noticed, and then looks for no jobs any more."
)
_INSTALL = "Run `autosync cron install`, or keep `autosync worker` running."


@dataclass(frozen=True, slots=True)
class Found:
    """How it goes, and pg_cron's own tables; `cron` is None where there are none."""

    waking: Waking
    cron: Cron | None


def judge(found: Found) -> Iterator[Finding]:
    """Whether something in the database wakes the processor."""
    if found.cron is None:
        yield warning(
            AREA,
            "pg_cron is not installed, so nothing in the database wakes the processor.",
            found.waking.extensions.obstacle or _INSTALL,
            missing=True,
        )
        return
    yield ok(AREA, f"pg_cron {found.waking.extensions.version} is installed.")
    yield from _scheduler(found)
    for job in JOBS:
        yield from _job(job, [entry for entry in found.cron.jobs if entry.name == job.name])
    yield from _doubles(found.cron)
    for entry in found.cron.jobs:
        if entry.shows_key:
            what = f"The job {entry.name} in pg_cron has a key in plain sight in its command."
            yield wrong(AREA, what, "Run `autosync cron install`, take that job out, and give the endpoint a new key.")
    yield from _record_of_runs(found.cron)
    yield from _way(found.waking)


def _scheduler(found: Found) -> Iterator[Finding]:
    if not found.waking.extensions.scheduler_runs:
        what = "pg_cron's scheduler does not run, so none of its jobs does."
        advice = "Look into the server's log, see that `show shared_preload_libraries;` names pg_cron, and restart it."
        yield wrong(AREA, what, advice)
    zone = found.cron.timezone if found.cron else None
    if zone and zone.upper() not in ("GMT", "UTC", "ETC/UTC"):
        daily = next(job.schedule for job in JOBS if job.name == CLEANUP)
        what = f"pg_cron reads schedules in the time zone {zone}, so the daily clean-up ({daily}) runs by that clock."
        yield note(AREA, what, "That is fine unless you expect it by UTC.")


def _job(wanted: CronJob, entries: list[CronEntry]) -> Iterator[Finding]:
    if not entries:
        yield warning(AREA, f"pg_cron has no job {wanted.name}.", _INSTALL, missing=True)
        return
    active = [entry for entry in entries if entry.active]
    if not active:
        yield warning(AREA, f"The job {wanted.name} in pg_cron is switched off.", _INSTALL)
    for entry in active:
        findings = list(_as_scheduled(wanted, entry))
        yield from findings or _last_run(wanted, entry)


def _as_scheduled(wanted: CronJob, entry: CronEntry) -> Iterator[Finding]:
    name = f"The job {wanted.name} in pg_cron"
    again = "Run `autosync cron remove` and then `autosync cron install`."
    function = wanted.command.rpartition(".")[2]
    if not re.search(rf"\bselect\s+(\*\s+from\s+)?(public\.)?{re.escape(function)}", entry.command, re.IGNORECASE):
        yield wrong(AREA, f"{name} runs something else than `{wanted.command}`.", again)
    if not entry.is_here:
        yield wrong(AREA, f"{name} runs in the database {entry.database}, not in this one.", again)
    elif entry.may_call is False:
        what = f"{name} runs as {entry.user}, who may not call the function that it is for."
        yield wrong(AREA, what, f"Connect as the owner of the tables. {again}")
    if wanted.name == PROCESS and not _EVERY_MINUTE.fullmatch(entry.schedule.strip()):
        what = f"{name} runs at `{entry.schedule}` instead of every minute, so texts are late."
        yield warning(AREA, what, "Run `autosync cron install`, which puts the schedule right.")


def _last_run(wanted: CronJob, entry: CronEntry) -> Iterator[Finding]:
    if entry.status is None or entry.age is None:
        yield warning(
            AREA,
            f"The job {wanted.name} in pg_cron has not run yet ({entry.schedule}).",
            "Look again after its time; if nothing has come, see whether `show shared_preload_libraries;` names"
            f" pg_cron, and let the server load it if not. {_DEAF}",
        )
    elif entry.status == "failed":
        what = f"The last run of {wanted.name} in pg_cron, {span(entry.age)} ago, failed: {as_end(entry.message)}"
        yield wrong(AREA, what, "Put right what it names; `autosync cron status` tells more.")
    elif entry.age > wanted.longest_pause:
        yield wrong(
            AREA,
            f"The job {wanted.name} in pg_cron last ran {span(entry.age)} ago, though it is active ({entry.schedule}).",
            f"{_SCHEDULER} {_DEAF}",
        )
    else:
        yield ok(AREA, f"{wanted.name} last ran {span(entry.age)} ago.")


def _doubles(cron: Cron) -> Iterator[Finding]:
    waking = [entry for entry in cron.jobs if entry.active and "cleanup" not in entry.command and entry.is_here]
    if len(waking) > 1:
        names = listed([f"{entry.name} of {entry.user}" for entry in waking])
        what = f"More than one job in pg_cron wakes the processor: {names}."
        advice = "It is harmless, but needless: `select cron.unschedule(jobid) from cron.job where ...;` removes one."
        yield warning(AREA, what, advice)


def _record_of_runs(cron: Cron) -> Iterator[Finding]:
    if cron.runs > _MOST_RUNS or cron.bytes > _MOST_BYTES:
        size = f"{cron.runs:,} runs in {cron.bytes / 1e6:,.0f} MB"
        what = f"pg_cron's record of runs has grown to {size}; it keeps all for ever."
        prune = "delete from cron.job_run_details where end_time < now() - interval '7 days';"
        yield warning(AREA, what, f"Run `{prune}`, and let a job of pg_cron do so every day.")


def _way(waking: Waking) -> Iterator[Finding]:
    """From the database to the function endpoint."""
    if not waking.extensions.has_pg_net:
        what = "pg_net is not here, or this role may not use it, so pg_cron counts what is due and calls nobody."
        yield note(AREA, what, "Keep `autosync worker` running, or run `create extension pg_net;`.")
        return
    if not waking.extensions.has_vault:
        what = "There is no Vault here, or this role may not use it, so the function endpoint's key is not known."
        yield note(AREA, what, "Keep `autosync worker` running.")
    elif missing := [name for name in (URL_SECRET, KEY_SECRET) if name not in waking.secrets]:
        what = f"The Vault lacks {listed(missing)}, so pg_cron calls nobody."
        advice = "Run `autosync cron install --url URL` with AUTOSYNC_SERVICE_KEY set."
        yield warning(AREA, what, advice, missing=True)
    if waking.call is None:
        return
    if waking.call.is_well:
        yield ok(AREA, f"The function endpoint was last called {span(waking.call.age)} ago.")
        return
    what = f"The last call of the function endpoint, {span(waking.call.age)} ago, was {as_end(waking.call.fate)}"
    advice = "See that the endpoint can be reached and has the key that the Vault has."
    # An address or a key that is refused is refused again at the next call; anything else may pass by itself.
    is_refused = 400 <= (waking.call.http_status or 0) < 500
    yield wrong(AREA, what, advice) if is_refused else warning(AREA, what, advice)
