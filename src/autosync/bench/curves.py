"""Measurements of our engine alone: what a claim costs, and how it does with an old snapshot, crowds, and a backlog."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import time
from asyncio.subprocess import PIPE
from datetime import timedelta
from pathlib import Path
from statistics import median

from autosync.bench.contest import as_url
from autosync.bench.report import Bar, Finding, Line, Verdict
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import connect, open_pool
from autosync.model import Refused
from autosync.processor import BATCH_SIZE, Processor

A_MILLISECOND = timedelta(milliseconds=1)


async def claim_cost(url: str, *, most: int) -> Finding:
    """Pages that a claim of a full batch touches, from a young queue to one of `most` pending and 0.4 as many done."""
    sizes = [most // part for part in (500, 50, 5, 1)]
    costs: list[tuple[int, int, bench.ClaimCost]] = []
    async with connect(url) as connection:
        await bench.seed(connection, Population(2 * BATCH_SIZE))
        there = 0
        for size in sizes:
            pending, done = range(there, size), range(there * 2 // 5, size * 2 // 5)
            await bench.add_jobs_in_bulk(connection, pending=pending, done=done)
            there = size
            await bench.explain_claim(connection, limit=BATCH_SIZE)
            costs.append((size, done.stop, await bench.explain_claim(connection, limit=BATCH_SIZE)))
    ratio = costs[-1][2].pages / costs[0][2].pages
    return Finding(
        key="claim",
        title="A claim of 500 due jobs",
        text="Pages that the claim touches while so many other jobs are pending, and 0.4 times as many were done.",
        columns=("pending", "done", "pages", "ms"),
        rows=tuple((f"{n:,}", f"{d:,}", f"{c.pages:,}", f"{c.milliseconds:.1f}") for n, d, c in costs),
        unit="pages, by pending jobs",
        lines=(Line("pages", tuple((float(n), float(c.pages)) for n, _, c in costs)),),
        verdicts=(
            Verdict(f"claim cost at {costs[-1][0]:,} pending, against {costs[0][0]:,}", ratio, 1.1, at_most=True),
        ),
    )


async def held_snapshot(url: str, *, jobs: int, rounds: int) -> Finding:
    """How fast due jobs without anything to do are drained while another session holds a snapshot, by tenths."""
    drains: list[list[float]] = []
    for _ in range(rounds):
        async with connect(url) as connection:
            await bench.remove_people(connection)
            await bench.seed(connection, Population(jobs, apart=A_MILLISECOND))
            await bench.pause_all(connection)
            await bench.settle(connection)
        drains.append(await _drain_by_tenths(url, jobs))
    tenths = [sorted(rates) for rates in zip(*drains, strict=True)]
    ratio = median(rates[-1] / rates[0] for rates in drains)
    return Finding(
        key="snapshot",
        title="Draining while another session holds a snapshot",
        text=f"{jobs:,} due jobs that have nothing to do, on one connection; jobs a second in each tenth, medians of"
        f" {rounds} rounds.",
        columns=("tenth", "jobs/s", "range"),
        rows=tuple(
            (str(place), f"{median(rates):,.0f}", f"{rates[0]:,.0f} to {rates[-1]:,.0f}")
            for place, rates in enumerate(tenths, 1)
        ),
        unit="jobs/s",
        bars=tuple(
            Bar(f"tenth {place}", median(rates), rates[0], rates[-1], True) for place, rates in enumerate(tenths, 1)
        ),
        verdicts=(Verdict("drain under a held snapshot, last tenth against first", ratio, 0.9),),
    )


async def _drain_by_tenths(url: str, jobs: int) -> list[float]:
    """Jobs a second in each tenth. Raises Refused where fewer were done than there are."""
    rates: list[float] = []
    async with connect(url) as holder, holder.transaction(), open_pool(url) as pool:
        await bench.hold_snapshot(holder)
        processor = Processor(pool=pool, lanes=1)
        done, since, before = 0, time.perf_counter(), 0
        while did := (await processor.process_once()).jobs:
            done += did
            if done >= jobs * (len(rates) + 1) // 10:
                now = time.perf_counter()
                rates.append((done - before) / (now - since))
                since, before = now, done
    if done != jobs:
        raise Refused(f"Of {jobs:,} due jobs {done:,} were done.")
    return rates


async def crew_sizes(url: str, *, texts: int, sizes: tuple[int, ...] = (1, 8, 100, 1000, 5000)) -> Finding:
    """Reminder texts a second for crews of different sizes of whom nobody has answered."""
    found: list[tuple[int, int, float]] = []
    first = 1
    async with connect(url) as connection, open_pool(url) as pool:
        for size in sizes:
            syncs = max(1, texts // size)
            await bench.seed(connection, Population(syncs, first=first, crew=size, answered=0))
            before = time.perf_counter()
            done = await Processor(pool=pool).process_due()
            found.append((size, done.messages, done.messages / (time.perf_counter() - before)))
            if done.messages != syncs * (size + 1):
                raise Refused(f"Crews of {size:,}: {done.messages:,} texts were written.")
            await bench.remove_people(connection)
            first += syncs
    return Finding(
        key="crews",
        title="Crews of different sizes",
        text="Reminder texts written a second, with nobody's answer there yet.",
        columns=("crew", "texts", "texts/s"),
        rows=tuple((f"{size:,}", f"{count:,}", f"{rate:,.0f}") for size, count, rate in found),
        unit="texts/s",
        bars=tuple(Bar(f"crew of {size:,}", rate, rate, rate, True) for size, _, rate in found),
    )


async def memory(url: str, *, backlogs: tuple[int, int]) -> Finding:
    """The most memory of a process that works off a backlog, for a small and a large one."""
    peaks: list[float] = []
    for jobs in backlogs:
        async with connect(url) as connection:
            await bench.remove_people(connection)
            await bench.seed(connection, Population(jobs, apart=A_MILLISECOND, crew=1, answered=0))
        command = (sys.executable, "-m", "autosync.bench.work", "engine", "2")
        environment = {**os.environ, "DATABASE_URL": as_url(url)}
        process = await asyncio.create_subprocess_exec(*command, env=environment, stdin=PIPE, stdout=PIPE)
        assert process.stdin is not None  # noqa: S101
        assert process.stdout is not None  # noqa: S101
        await process.stdout.readline()
        process.stdin.write(b"go\n")
        await process.stdin.drain()
        await process.stdout.readline()
        status = await asyncio.to_thread(Path(f"/proc/{process.pid}/status").read_text)
        peaks.append(int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024)
        process.kill()
        await process.wait()
    labels = [f"backlog of {jobs:,}" for jobs in backlogs]
    return Finding(
        key="memory",
        title="A process's most memory over a backlog",
        text="The peak of its resident memory, from its start until nothing is due.",
        columns=("backlog", "MiB"),
        rows=tuple((f"{jobs:,}", f"{peak:.0f}") for jobs, peak in zip(backlogs, peaks, strict=True)),
        unit="MiB",
        bars=tuple(Bar(label, peak, peak, peak, True) for label, peak in zip(labels, peaks, strict=True)),
        verdicts=(
            Verdict(f"peak memory, {labels[1]} against {backlogs[0]:,}", peaks[1] / peaks[0], 1.1, at_most=True),
        ),
    )


async def inserts(url: str, *, syncs: int, rounds: int) -> Finding:
    """Syncs inserted a second, one a transaction as an API does and many a statement, with and without the trigger."""
    kinds = (("one a transaction", 1, max(1, syncs // 5)), ("500 a statement", min(500, syncs), syncs))
    rates: dict[tuple[str, bool], list[float]] = {(name, has): [] for name, _, _ in kinds for has in (True, False)}
    async with connect(url) as connection:
        await bench.seed(connection, Population(1, crew=1, answered=0))
        first = 2
        for round_ in range(rounds):
            for has_trigger in (True, False) if round_ % 2 else (False, True):
                await bench.let_first_reminder_be_scheduled(connection, has_trigger)
                for name, at_once, count in kinds:
                    before = time.perf_counter()
                    for start in range(first, first + count, at_once):
                        await bench.insert_syncs(connection, range(start, start + at_once))
                    rates[name, has_trigger].append(count / (time.perf_counter() - before))
                    first += count + at_once
    middle = {kind: median(found) for kind, found in rates.items()}
    labels = {(name, has): f"{name}, {'with' if has else 'without'} the trigger" for name, has in rates}
    return Finding(
        key="inserts",
        title="Syncs inserted, with the trigger that schedules the first reminder and without it",
        text=f"One connection, everything durable. Medians of {rounds} rounds that take turns.",
        columns=("inserted", "syncs/s", "of the rate without it"),
        rows=tuple(
            (labels[kind], f"{rate:,.0f}", f"{rate / middle[kind[0], False]:.2f}") for kind, rate in middle.items()
        ),
        unit="syncs/s",
        bars=tuple(Bar(labels[k], middle[k], min(found), max(found), k[1]) for k, found in rates.items()),
    )
