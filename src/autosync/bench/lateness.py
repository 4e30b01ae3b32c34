"""How late jobs are that fall due at random while very many wait: a worker beside the peers that also sleep.

A worker is at rest over the far future; then jobs are added that fall due a few seconds later, each at a moment of its
own. What counts is when a job's effects were written, seen by the server's clock.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from statistics import median

from autosync.bench.contest import PATIENCE, address, as_url, prepare_peer, run_command, say_go, started
from autosync.bench.contestants import Contestant
from autosync.bench.report import Bar, Finding, Verdict
from autosync.database import bench
from autosync.database.bench import Lateness, Population
from autosync.database.pool import Connection, connect
from autosync.model import Refused

FIRST = timedelta(seconds=3)
"""When the first may fall due, from the moment they are added."""

A_SECOND = 20
"""How many fall due within a second."""

_TEMPLATE, _RUN = "waiting", "run"


async def lateness(
    url: str,
    contestants: Sequence[Contestant],
    *,
    due: int,
    future: int,
    rounds: int,
    migrate: Callable[[str], object],
    say: Callable[[str], None],
) -> Finding:
    """Of `due` jobs each, beside `future` pending ones. The first contestant is our own."""
    async with connect(url) as server:
        await bench.copy_database(server, source="template1", name=_TEMPLATE)
    await asyncio.to_thread(migrate, address(url, _TEMPLATE))
    async with connect(address(url, _TEMPLATE)) as connection:
        await bench.seed(connection, Population(due, due_for=timedelta(hours=-10)))
    found: list[list[Lateness]] = [[] for _ in contestants]
    for round_ in range(rounds):
        for place, contestant in enumerate(contestants):
            late = await _run(url, contestant, due, future)
            found[place].append(late)
            say(f"lateness, round {round_ + 1}: {contestant.name}: p99 {late.p99 * 1000:,.0f} ms")
    return _finding(contestants, found, due, future)


async def _run(url: str, contestant: Contestant, due: int, future: int) -> Lateness:
    async with connect(url) as server:
        await bench.copy_database(server, source=_TEMPLATE, name=_RUN)
    here = address(url, _RUN)
    environment = {**os.environ, "DATABASE_URL": as_url(here)}
    async with connect(here) as connection:
        await bench.watch_lateness(connection)
        if contestant.is_peer:
            await prepare_peer(connection, contestant, environment, str(future))
        else:
            await bench.add_jobs_in_bulk(connection, pending=range(1, future + 1), done=range(1, 2))
        await bench.settle(connection)
        async with started(contestant, environment) as processes:
            await say_go(processes)
            last = FIRST + timedelta(seconds=due / A_SECOND)
            if contestant.is_peer:
                figures = (str(due), str(FIRST.total_seconds()), str(last.total_seconds()))
                await run_command((*contestant.add_due, *figures), environment)
            else:
                await bench.fall_due_at_random(connection, first=FIRST, last=last)
            return await _all_done(connection, contestant, due)


async def _all_done(connection: Connection, contestant: Contestant, due: int) -> Lateness:
    give_up_at = time.monotonic() + PATIENCE
    while (late := await bench.read_lateness(connection)).jobs < due:
        if time.monotonic() > give_up_at:
            raise Refused(f"{contestant.name} has not come to an end.")
        await asyncio.sleep(1)
    return late


def _finding(contestants: Sequence[Contestant], found: Sequence[Sequence[Lateness]], due: int, future: int) -> Finding:
    middle = [
        Lateness(due, *(median(figures) for figures in zip(*((r.p50, r.p99, r.longest) for r in runs), strict=True)))
        for runs in found
    ]
    ends = [(min(r.p99 for r in runs) * 1000, max(r.p99 for r in runs) * 1000) for runs in found]
    peers = [late.p99 for late, contestant in zip(middle, contestants, strict=True) if contestant.is_peer]
    return Finding(
        key="lateness",
        title="How late jobs are that fall due at random",
        text=f"{due:,} reminders fall due, {A_SECOND} a second, while {future:,} jobs wait for another day; from when"
        f" each was due until its texts were there. Medians of {len(found[0])} rounds.",
        columns=("contestant", "version", "half within ms", "99 of 100 within ms", "all within ms"),
        rows=tuple(
            (c.name, c.version, *(f"{seconds * 1000:,.0f}" for seconds in (late.p50, late.p99, late.longest)))
            for c, late in zip(contestants, middle, strict=True)
        ),
        unit="ms, 99 of 100",
        bars=tuple(
            Bar(contestant.name, late.p99 * 1000, low, high, not contestant.is_peer)
            for contestant, late, (low, high) in zip(contestants, middle, ends, strict=True)
        ),
        verdicts=(Verdict("lateness, 99 of 100, against the best peer", middle[0].p99 / min(peers), 0.5, at_most=True),)
        if peers
        else (),
    )
