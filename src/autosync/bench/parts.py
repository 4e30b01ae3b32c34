"""Where the time of a reminder goes: what each statement takes, and what is left to the program."""

from __future__ import annotations

import time
from collections import defaultdict
from operator import itemgetter
from typing import Any

from autosync.bench.report import Bar, Finding
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Cursor, connect, open_pool
from autosync.database.statements import names_by_text
from autosync.model import Refused
from autosync.processor import BATCH_SIZE, Processor


async def of_reminders(url: str, *, jobs: int) -> Finding:
    """The parts of what the workload `reminder` takes on one connection, where nothing overlaps."""
    taken: defaultdict[str, float] = defaultdict(float)

    class Timed(Cursor):
        """Adds up how long each statement takes, from its parameters until its rows are there."""

        async def execute(self, query: Any, *more: Any, **options: Any) -> Any:
            began = time.perf_counter()
            found = await super().execute(query, *more, **options)
            taken[names_by_text().get(query, "")] += time.perf_counter() - began
            return found

    async with connect(url) as connection:
        await bench.seed(connection, Population(BATCH_SIZE + jobs))
    async with open_pool(url, size=1, cursor=Timed) as pool:
        processor = Processor(pool=pool, lanes=1)
        await processor.process_once()  # the first one pays for what every later one finds ready
        taken.clear()
        done, before = 0, time.perf_counter()
        while did := (await processor.process_once()).jobs:
            done += did
        whole = time.perf_counter() - before
    if done != jobs:
        raise Refused(f"Of {jobs:,} due jobs {done:,} were done.")
    taken.pop("", None)  # what is no statement of ours: the pool's asking for a sign of life
    own = whole - sum(taken.values())
    found = [
        *sorted(taken.items(), key=itemgetter(1), reverse=True),
        ("the program: reading rows, deciding, wording; and commits", own),
    ]
    each = [(name, seconds / jobs * 1e6) for name, seconds in found]
    return Finding(
        key="parts",
        title="Where the time of a reminder goes",
        text=f"{jobs:,} due reminders on one connection, {BATCH_SIZE} a batch: what each statement takes until its"
        " rows are there, its parameters included, and the rest.",
        columns=("part", "µs/job", "share"),
        rows=tuple((name, f"{figure:,.1f}", f"{figure / (whole / jobs * 1e6):.0%}") for name, figure in each),
        unit="µs/job",
        bars=tuple(Bar(name, figure, figure, figure, True) for name, figure in each),
    )
