"""Where the time of a reminder goes: what each statement takes, and what is left to the program.

One batch after the other on one connection, so that nothing overlaps and the parts add up to the whole.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from autosync.bench.report import Bar, Finding
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Cursor, connect, open_pool
from autosync.database.statements import names_by_text
from autosync.model import Refused
from autosync.processor import BATCH_SIZE, Processor


class Stopwatch:
    """How long each statement takes that a `cursor` of its own runs, from its parameters until its rows are there."""

    def __init__(self) -> None:
        self._taken: defaultdict[str, float] = defaultdict(float)

    def begin(self) -> None:
        """Forgets all that was so far."""
        self._taken.clear()

    def read(self) -> list[tuple[str, float]]:
        """(statement, seconds) of the project's own, the longest first."""
        return sorted(((name, taken) for name, taken in self._taken.items() if name), key=itemgetter(1), reverse=True)

    @property
    def cursor(self) -> type[Cursor]:
        """For a pool."""
        taken = self._taken

        class Timed(Cursor):
            async def execute(self, query: Any, *more: Any, **options: Any) -> Any:
                began = time.perf_counter()
                found = await super().execute(query, *more, **options)
                taken[names_by_text().get(query, "")] += time.perf_counter() - began
                return found

        return Timed


async def of_reminders(url: str, *, jobs: int) -> Finding:
    """The parts of what the workload `reminder` takes. Raises Refused where not every job was done."""
    watch = Stopwatch()
    async with connect(url) as connection:
        await bench.seed(connection, Population(BATCH_SIZE + jobs))
    async with open_pool(url, size=1, cursor=watch.cursor) as pool:
        processor = Processor(pool=pool, lanes=1)
        await processor.process_once()  # the first one pays for what every later one finds ready
        watch.begin()
        done, before = 0, time.perf_counter()
        while did := (await processor.process_once()).jobs:
            done += did
        whole = time.perf_counter() - before
    if done != jobs:
        raise Refused(f"Of {jobs:,} due jobs {done:,} were done.")
    statements = watch.read()
    own = whole - sum(seconds for _, seconds in statements)
    return found_parts(
        key="parts",
        title="Where the time of a reminder goes",
        text=f"{jobs:,} due reminders on one connection, {BATCH_SIZE} a batch: what each statement takes until its"
        " rows are there, its parameters included, and the rest.",
        one="job",
        parts=[*statements, ("the program: reading rows, deciding, wording; and commits", own)],
        count=jobs,
    )


def found_parts(
    *, key: str, title: str, text: str, one: str, parts: Sequence[tuple[str, float]], count: int
) -> Finding:
    """A table of parts, (name, seconds) for all `count`; `one`: what there are so many of."""
    whole = sum(seconds for _, seconds in parts)
    each = [(name, seconds / count * 1e6, seconds / whole) for name, seconds in parts]
    return Finding(
        key=key,
        title=title,
        text=text,
        columns=("part", f"µs/{one}", "share"),
        rows=tuple((name, f"{figure:,.1f}", f"{share:.0%}") for name, figure, share in each),
        unit=f"µs/{one}",
        bars=tuple(Bar(name, figure, figure, figure, True) for name, figure, _ in each),
    )
