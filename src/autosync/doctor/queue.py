"""The queue: jobs that are late, stuck, failed or missing, and syncs whose jobs cannot come out right.

Pure: each function judges what one statement of `database/review.py` read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from autosync.database.review import PATIENCE_WITH_CLIENTS, Found, Late, ZoneInUse
from autosync.doctor.findings import Finding, agree, as_end, ok, some, span, warning, wrong
from autosync.texts import zone

AREA = "queue"

SLOW = timedelta(minutes=1)
LATE = timedelta(minutes=5)

_RESCHEDULE = (
    "insert into public.job_queue (sync_id, job_type, scheduled_at)"
    " select s.id, case when s.last_reminder_sent_at is null then 'reminder_24h' else 'pause_check_48h' end,"
    " public.autosync_now() + t.pause_delay - t.reminder_delay"
    " from public.auto_syncs as s cross join public.autosync_timings() as t"
    " where s.status = 'running' and not exists (select from public.job_queue as j where j.sync_id = s.id"
    " and j.job_type in ('reminder_24h', 'pause_check_48h') and j.status in ('pending', 'processing', 'failed'));"
)
_RESCHEDULE_ENDS = (
    "update public.auto_sync_options as o set idx = o.idx from public.auto_syncs as s"
    " where s.id = o.auto_sync_id and s.status in ('running', 'paused')"
    " and not exists (select from public.job_queue as j where j.sync_id = s.id"
    " and j.job_type = 'auto_end_check' and j.status in ('pending', 'processing', 'failed'));"
)


def late(jobs: Late) -> Iterator[Finding]:
    """Whether what is due gets done."""
    what = f"{some(jobs.count, 'job')} {agree(jobs.count, 'is', 'are')} due, the oldest for {span(jobs.oldest)}."
    if jobs.oldest > LATE:
        advice = "Start `autosync worker`, or do them now with `autosync process`."
        yield wrong(AREA, what, f"{advice} If one stays, `autosync jobs explain ID` says why.")
    elif jobs.oldest > SLOW:
        yield warning(AREA, what, "Look again in a minute: if it grows, no worker is running or too few are.")
    else:
        yield ok(AREA, what if jobs.count else "No job is due and waiting.")


def stuck(jobs: Found) -> Iterator[Finding]:
    """Whether another client took jobs and died."""
    if not jobs.count:
        return
    still = f"{agree(jobs.count, 'is', 'are')} still in processing {span(PATIENCE_WITH_CLIENTS)} after"
    what = f"{some(jobs.count, 'job')} {still} {agree(jobs.count, 'it was', 'they were')} due, such as {jobs.example}."
    yield wrong(AREA, what, "Run `autosync cleanup`, which puts them back; a running worker does so by itself.")


def failed(jobs: Found) -> Iterator[Finding]:
    """Whether jobs were given up."""
    if not jobs.count:
        yield ok(AREA, "No job has failed.")
        return
    yield wrong(
        AREA,
        f"{some(jobs.count, 'job')} failed for good; the newest is {jobs.example}: {as_end(jobs.error)}",
        "Once the cause is gone, run `autosync jobs retry`; `autosync jobs cancel ID` lets one go.",
    )


def retried(jobs: Found) -> Iterator[Finding]:
    """Whether jobs have raised and will be tried again."""
    if jobs.count:
        yield warning(
            AREA,
            f"{some(jobs.count, 'job')} raised and will be tried again, the last {jobs.example}: {as_end(jobs.error)}",
            f"Run `autosync jobs explain {jobs.example}`; after five attempts it is given up.",
        )


def without_status(jobs: Found) -> Iterator[Finding]:
    """Whether jobs lost their status, so that nobody ever takes them."""
    if jobs.count:
        yield wrong(
            AREA,
            f"{some(jobs.count, 'job')} {agree(jobs.count, 'has', 'have')} no status, so nobody ever takes"
            f" {agree(jobs.count, 'it', 'them')}.",
            "Run `update public.job_queue as q set status = 'pending' where q.status is null and not exists"
            " (select from public.job_queue as j where j.sync_id = q.sync_id and j.job_type = q.job_type"
            " and j.status = 'pending');` and then `delete from public.job_queue where status is null;`.",
        )


def unknown(jobs: Found) -> Iterator[Finding]:
    """Whether jobs are of a type that nobody knows how to do."""
    if jobs.count:
        yield wrong(
            AREA,
            f"{some(jobs.count, 'pending job')} {agree(jobs.count, 'is', 'are')} of an unknown type, such as"
            f" {jobs.example} ({jobs.error}).",
            "Install the release that knows it, or let it go: `autosync jobs cancel ID`. The check"
            " job_queue_job_type_check keeps such jobs out.",
        )


def of_ended(jobs: Found) -> Iterator[Finding]:
    """Whether jobs wait for syncs that have ended or paused: the triggers should have skipped them."""
    if jobs.count:
        yield warning(
            AREA,
            f"{some(jobs.count, 'pending job')} {agree(jobs.count, 'belongs to a sync', 'belong to syncs')} that no"
            f" longer {agree(jobs.count, 'runs', 'run')}, such as {jobs.example}.",
            "They will be skipped when they are due; see under schema whether the trigger on_auto_sync_status_changed"
            f" is there, and let one go with `autosync jobs cancel {jobs.example}`.",
        )


def running_without_invitees(syncs: Found) -> Iterator[Finding]:
    """Whether syncs run that nobody was asked for."""
    if syncs.count:
        yield warning(
            AREA,
            f"{some(syncs.count, 'running sync')} {agree(syncs.count, 'has', 'have')} asked nobody, such as"
            f" {syncs.example}: nobody can answer.",
            f"Stop it with `autosync syncs stop {syncs.example}`; its client should record the initial texts that it"
            " sends in auto_sync_messages.",
        )


def running_without_job(syncs: Found) -> Iterator[Finding]:
    """Whether running syncs would run forever."""
    if not syncs.count:
        yield ok(AREA, "Every running sync has a reminder or a pause check ahead of it.")
        return
    has = agree(syncs.count, "has", "have")
    ahead = "neither a reminder nor a pause check ahead"
    yield wrong(
        AREA, f"{some(syncs.count, 'running sync')} {has} {ahead}, such as {syncs.example}.", f"Run `{_RESCHEDULE}`."
    )


def live_without_end(syncs: Found) -> Iterator[Finding]:
    """Whether syncs would outlive their options."""
    if not syncs.count:
        yield ok(AREA, "Every sync that has options will end when they are over.")
        return
    what = f"{some(syncs.count, 'sync')} will not end when the options are over, such as {syncs.example}."
    yield wrong(AREA, what, f"Run `{_RESCHEDULE_ENDS}`.")


def time_zones(zones: Sequence[ZoneInUse]) -> Iterator[Finding]:
    """Whether every live sync's times can be told."""
    unknown = [used for used in zones if not _is_zone(used.name)]
    for used in unknown:
        where = f"where timezone = {_literal(used.name)}"
        table = "auto_syncs set timezone" if not used.from_profile else "profiles set preferred_timezone"
        where = where if not used.from_profile else f"where preferred_timezone = {_literal(used.name)}"
        yield wrong(
            AREA,
            f"{some(used.syncs, 'sync')} {agree(used.syncs, 'names', 'name')} a time zone that does not exist,"
            f" {used.name!r}, such as {used.example}: {agree(used.syncs, 'its', 'their')} jobs will fail.",
            f"Run `update public.{table} = 'UTC' {where};`, with an IANA name such as America/New_York for UTC.",
        )
    if not unknown:
        yield ok(AREA, "Every live sync's time zone is known.")


def _is_zone(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
