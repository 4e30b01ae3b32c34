"""The workers: whether one that lives stands still, and whether any has been seen while something is due.

Pure. Something else may do what is due, pg_cron or a timer, so that nobody was seen is only told where jobs are late.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from autosync.database.review import Late
from autosync.database.workers import SeenWorker
from autosync.doctor.findings import Finding, note, span, warning
from autosync.doctor.queue import SLOW
from autosync.doctor.waking import AREA
from autosync.loops import STANDS_STILL

ALIVE = timedelta(minutes=1)
"""Whoever was seen this lately lives: six signs of life went missing otherwise."""

GONE = timedelta(minutes=5)
"""Nobody seen for this long: nobody is there."""


@dataclass(frozen=True, slots=True)
class Found:
    """The workers of the last day, and the jobs that are due."""

    workers: tuple[SeenWorker, ...]
    late: Late


def is_alive(worker: SeenWorker) -> bool:
    """Whether it runs, as far as can be told."""
    return worker.stopped is None and worker.seen < ALIVE


def judge(found: Found) -> Iterator[Finding]:
    """What is to be said of the workers; nothing if all is well."""
    for worker in found.workers:
        if is_alive(worker) and worker.turned > STANDS_STILL:
            yield warning(
                AREA,
                f"The worker {worker.name} lives, but its claim loop has stood still for {span(worker.turned)}.",
                "Look into its log, and restart it; what it has in hand is done again.",
            )
    seen = min((worker.seen for worker in found.workers if worker.stopped is None), default=None)
    if found.late.oldest > SLOW and (seen is None or seen > GONE):
        since = "within a day" if seen is None else f"for {span(seen)}"
        yield note(AREA, f"No worker has been seen {since}, while jobs are due.", "Start one: `autosync worker`.")
