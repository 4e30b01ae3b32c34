"""The whole benchmark, measurement after measurement, on a server that is there for it alone."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import isnan
from pathlib import Path

from autosync import __version__
from autosync.bench import answer, contest, contestants, curves, lateness, parts, traffic
from autosync.bench.contest import Standing, address
from autosync.bench.plan import WORKLOADS, Plan
from autosync.bench.report import Bar, Finding, Verdict
from autosync.database import bench, embedded, migrate
from autosync.database.pool import connect

Say = Callable[[str], None]

_TEXTS = {
    "reminder": "{jobs:,} due reminders. For each: 8 in the crew of whom 5 have not answered, 5 texts and one to the"
    " organizer written, the sync updated, the next job scheduled, this one completed. Medians of {rounds} rounds that"
    " take turns; the thin line is the range.",
    "empty": "{jobs:,} due jobs that have nothing to do: claimed and completed. Medians of {rounds} rounds that take"
    " turns.",
}

_TIMES_AS_MANY = {"reminder": 1, "empty": 4}
"""As many as `--jobs`: what has nothing to do is done sooner, and would be over before it was looked at often."""


async def run(plan: Plan, say: Say) -> tuple[list[tuple[str, str]], list[Finding]]:
    """The machine, and what was found on it. Raises Refused or Unusable where a contestant cannot take part."""
    with embedded.temporary() as url:
        findings = [await _measure(url, name, plan, say) for name in plan.measurements]
        async with connect(url) as connection:
            server = await bench.read_server(connection)
    return [*_machine(server), *((f"left out: {name}", why) for name, why in plan.left_out.items())], findings


async def _measure(url: str, name: str, plan: Plan, say: Say) -> Finding:
    if name in WORKLOADS:
        return await _contest(url, name, plan, say)
    if name == "lateness":
        return await _lateness(url, plan, say)
    say(f"{name}: begins")
    async with connect(url) as connection:
        await bench.create_database(connection, name)
    alone = address(url, name)
    await asyncio.to_thread(_migrate, alone)
    match name:
        case "parts":
            finding = await parts.of_reminders(alone, jobs=plan.jobs)
        case "answer":
            finding = await answer.of_answers(alone, answers=plan.scaled(6_000))
        case "claim":
            finding = await curves.claim_cost(alone, most=plan.scaled(5_000_000))
        case "snapshot":
            finding = await curves.held_snapshot(alone, jobs=plan.scaled(200_000), rounds=plan.rounds)
        case "crews":
            finding = await curves.crew_sizes(alone, texts=plan.scaled(20_000))
        case "inserts":
            finding = await curves.inserts(alone, syncs=plan.scaled(5_000), rounds=plan.rounds)
        case "dispatch":
            finding = await traffic.dispatch(alone, texts=plan.scaled(4_000), rounds=plan.rounds)
        case "inbound":
            finding = await traffic.inbound(alone, answers=plan.scaled(6_000), rounds=plan.rounds)
        case _:
            finding = await curves.memory(alone, backlogs=(plan.scaled(10_000), plan.scaled(1_000_000)))
    for row in finding.rows:
        say(f"{name}: " + ", ".join(f"{column} {value}" for column, value in zip(finding.columns, row, strict=True)))
    return finding


async def _lateness(url: str, plan: Plan, say: Say) -> Finding:
    peers = [contestants.peer(plan.peers_folder, name, "lateness") for name in dict(plan.peers)]
    return await lateness.lateness(
        url,
        [contestants.worker(), *(peer for peer in peers if peer.add_due)],
        due=plan.scaled(300),
        future=plan.scaled(1_000_000),
        rounds=plan.rounds,
        migrate=_migrate,
        say=say,
    )


async def _contest(url: str, workload: str, plan: Plan, say: Say) -> Finding:
    own = [contestants.engine(lanes=lanes, processes=count) for lanes, count in ((1, 1), (3, 1), (3, 2), (3, 4))]
    limits = [contestants.limit(connections=count) for count in (1, 3)] if workload == "reminder" else []
    peers = [contestants.peer(plan.peers_folder, name, workload, processes=processes) for name, processes in plan.peers]
    jobs = plan.jobs * _TIMES_AS_MANY[workload]
    await contest.prepare_template(url, workload, jobs=jobs, migrate=_migrate)
    standings = await contest.compete(url, [*own, *limits, *peers], workload, jobs=jobs, rounds=plan.rounds, say=say)
    return Finding(
        key=workload,
        title=f"Workload {workload}",
        text=_TEXTS[workload].format(jobs=jobs, rounds=plan.rounds),
        columns=("contestant", "version", "jobs/s", "range", "program µs/job", "server µs/job", "WAL kB/job"),
        rows=tuple(map(_row, standings)),
        unit="jobs/s",
        bars=tuple(_bar(standing) for standing in standings),
        verdicts=verdicts(workload, standings),
    )


def verdicts(workload: str, standings: Sequence[Standing]) -> tuple[Verdict, ...]:
    """The ratios that are wanted of a workload, as far as those whom they speak of took part.

    Standings: ours of one connection, of three, of two processes and of four; in `reminder` SQL by hand; peers.
    """
    one, lanes, two = (standing.median for standing in standings[:3])
    ours = max(lanes, two)
    peers = [standing for standing in standings if standing.contestant.is_peer]
    found: list[Verdict] = []
    if workload == "reminder":
        by_one, by_three = (standing.median for standing in standings[4:6])
        found += [
            Verdict("reminder, against SQL by hand, one connection each", one / by_one, 0.9),
            Verdict("reminder, against SQL by hand, three connections each", lanes / by_three, 0.9),
            Verdict("reminder, two worker processes against one", two / lanes, 1.5),
        ]
        apart = [peer for peer in peers if not peer.contestant.fails_together]
        for name, some in (("best peer", peers), ("best peer that keeps jobs apart", apart)):
            if single := [peer.median for peer in some if peer.contestant.processes == 1]:
                found.append(Verdict(f"reminder, one process, against one of the {name}", lanes / max(single), 8))
            if some:
                best = max(peer.median for peer in some)
                found.append(Verdict(f"reminder, all, against the {name} at its best", ours / best, 10))
    elif in_python := [peer.median for peer in peers if peer.contestant.is_python]:
        found.append(Verdict("empty, against the best Python peer", ours / max(in_python), 2))
    return tuple(found)


def _row(standing: Standing) -> tuple[str, ...]:
    rates = standing.rates
    return (
        standing.contestant.name,
        standing.contestant.version,
        f"{standing.median:,.0f}",
        f"{min(rates):,.0f} to {max(rates):,.0f}",
        _micro(standing.cost.program),
        _micro(standing.cost.server),
        f"{standing.cost.wal / 1000:.1f}",
    )


def _micro(seconds: float) -> str:
    return "" if isnan(seconds) else f"{seconds * 1e6:,.0f}"


def _bar(standing: Standing) -> Bar:
    rates = standing.rates
    is_own = standing.contestant.version == __version__ and not standing.contestant.is_peer
    return Bar(standing.contestant.name, standing.median, min(rates), max(rates), is_own)


def _migrate(url: str) -> None:
    async def bring_up() -> None:
        async with connect(url) as connection:
            await migrate.migrate(connection)

    asyncio.run(bring_up())


def _machine(server: dict[str, str]) -> list[tuple[str, str]]:
    facts = [
        ("command", f"autosync {' '.join(_without_paths(sys.argv[1:]))}"),
        ("processors", f"{os.cpu_count()}, {_named_in('/proc/cpuinfo', 'model name')}"),
        ("memory", _named_in("/proc/meminfo", "MemTotal")),
        ("system", f"{platform.system()} {platform.release()}, {platform.machine()}"),
        ("Python", platform.python_version()),
        ("autosync", __version__),
    ]
    return facts + [(f"PostgreSQL {name}", value) for name, value in sorted(server.items())]


def _without_paths(arguments: Sequence[str]) -> list[str]:
    """As anybody may repeat them: a folder of this machine by its last name."""
    return [Path(argument).name if argument.startswith("/") else argument for argument in arguments]


def _named_in(file: str, name: str) -> str:
    """What Linux says of this; elsewhere nothing is known."""
    with suppress(OSError):
        for line in Path(file).read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == name:
                return value.strip()
    return "unknown"
