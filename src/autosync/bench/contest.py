"""Runs contestants against each other on one workload, in rounds that take turns, and times them.

Before each run the database is made anew from the same template and written out; the clock runs from the word to go
until nothing is left, seen by a look every few milliseconds, the same for everybody. What was written is counted.
"""

from __future__ import annotations

import asyncio
import os
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import astuple, dataclass
from statistics import median

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from autosync.bench.contestants import Contestant
from autosync.bench.costs import Cost, read_spent
from autosync.database import bench
from autosync.database.bench import Population
from autosync.database.pool import Connection, connect
from autosync.model import Refused

LOOK_EVERY = 0.01
"""Seconds between two looks at what is left."""

PATIENCE = 600
"""Seconds after which a run counts as failed."""

_TEMPLATE, _RUN = "seeded", "run"


@dataclass(frozen=True, slots=True)
class Standing:
    """A contestant's jobs a second, and what they cost, one figure a round."""

    contestant: Contestant
    rates: tuple[float, ...]
    costs: tuple[Cost, ...]

    @property
    def median(self) -> float:
        """The middle one of the rates."""
        return median(self.rates)

    @property
    def cost(self) -> Cost:
        """The middle one of each of the costs."""
        return Cost(*(median(figures) for figures in zip(*map(astuple, self.costs), strict=True)))


def address(url: str, database: str) -> str:
    """The same server's database of this name."""
    return make_conninfo(url, dbname=database)


async def compete(
    url: str, contestants: Sequence[Contestant], workload: str, *, jobs: int, rounds: int, say: Callable[[str], None]
) -> list[Standing]:
    """The standings on a workload, `reminder` or `empty`, whose template is there (see `prepare_template`).

    Raises Refused where a contestant fails, or has not written what it should.
    """
    rates: list[list[float]] = [[] for _ in contestants]
    costs: list[list[Cost]] = [[] for _ in contestants]
    for round_ in range(rounds):
        for turn in range(len(contestants)):
            place = (turn + round_) % len(contestants)
            seconds, cost = await _run(url, contestants[place], workload, jobs)
            rates[place].append(jobs / seconds)
            costs[place].append(cost / jobs)
            say(f"{workload}, round {round_ + 1}: {contestants[place].name}: {jobs / seconds:,.0f} jobs/s")
    return [Standing(one, tuple(rates[place]), tuple(costs[place])) for place, one in enumerate(contestants)]


async def prepare_template(url: str, workload: str, *, jobs: int, migrate: Callable[[str], object]) -> None:
    """Makes the database that each run begins with. `migrate` brings one to the newest schema."""
    async with connect(url) as server:
        await bench.copy_database(server, source="template1", name=_TEMPLATE)
    await asyncio.to_thread(migrate, address(url, _TEMPLATE))
    async with connect(address(url, _TEMPLATE)) as connection:
        await bench.seed(connection, Population(jobs))
        if workload == "empty":
            await bench.pause_all(connection)
            await bench.settle(connection)


async def _run(url: str, contestant: Contestant, workload: str, jobs: int) -> tuple[float, Cost]:
    async with connect(url) as server:
        await bench.copy_database(server, source=_TEMPLATE, name=_RUN)
    environment = {**os.environ, "DATABASE_URL": as_url(address(url, _RUN))}
    if contestant.prepare:
        async with connect(address(url, _RUN)) as connection:
            await prepare_peer(connection, contestant, environment)
            await bench.settle(connection)
    timed = await _time(address(url, _RUN), contestant, environment)
    if workload == "reminder":
        async with connect(address(url, _RUN)) as connection:
            written = await bench.count_written(connection)
        follow_ups = 0 if contestant.is_peer else jobs
        if written != bench.Written(6 * jobs, jobs, follow_ups):
            raise Refused(f"{contestant.name} has not written what it should: {written}.")
    return timed


async def prepare_peer(
    connection: Connection, contestant: Contestant, environment: dict[str, str], *arguments: str
) -> None:
    """Gives a peer plain tables, and has it enqueue its jobs by its own API. Raises Refused with what it said last."""
    await bench.take_own_machinery_away(connection)
    await run_command((*contestant.prepare, *arguments), environment)


async def run_command(command: Sequence[str], environment: dict[str, str]) -> None:
    """Raises Refused with what it said last where it fails."""
    process = await asyncio.create_subprocess_exec(*command, env=environment, stdout=DEVNULL, stderr=PIPE)
    _, said = await process.communicate()
    if process.returncode:
        last = said.decode(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
        raise Refused(f"The jobs of a peer could not be enqueued: {last[0]}")


async def _time(url: str, contestant: Contestant, environment: dict[str, str]) -> tuple[float, Cost]:
    """Seconds from the word to go until nothing is left, and what it cost."""
    async with connect(url) as connection, started(contestant, environment) as processes:
        spent = await read_spent(connection, processes)
        before = time.perf_counter()
        await say_go(processes)
        while True:
            row = await (await connection.execute(contestant.remaining.encode())).fetchone()
            if row is not None and not row[0]:
                seconds = time.perf_counter() - before
                return seconds, await read_spent(connection, processes) - spent
            if time.perf_counter() - before > PATIENCE or any(process.returncode for process in processes):
                raise Refused(f"{contestant.name} has not come to an end.")
            await asyncio.sleep(LOOK_EVERY)


async def say_go(processes: Iterable[Process]) -> None:
    """Lets processes that are ready begin."""
    for process in processes:
        assert process.stdin is not None, "it is a pipe"  # noqa: S101
        process.stdin.write(b"go\n")
        await process.stdin.drain()


@asynccontextmanager
async def started(contestant: Contestant, environment: dict[str, str]) -> AsyncIterator[list[Process]]:
    """Its processes, ready to go; they are gone at the end."""
    processes: list[Process] = []
    try:
        for _ in range(contestant.processes):
            processes.append(
                await asyncio.create_subprocess_exec(
                    *contestant.work, env=environment, stdin=PIPE, stdout=PIPE, stderr=DEVNULL
                )
            )
        for process in processes:
            assert process.stdout is not None, "it is a pipe"  # noqa: S101
            while (line := await asyncio.wait_for(process.stdout.readline(), PATIENCE)).strip() != b"ready":
                if not line:
                    raise Refused(f"{contestant.name} did not start.")
        yield processes
    finally:
        for process in processes:
            if process.returncode is None:
                process.kill()
            await process.wait()


def as_url(conninfo: str) -> str:
    """A connection string in the form that every driver reads."""
    parts = conninfo_to_dict(conninfo)
    return f"postgresql://{parts.get('user', 'postgres')}@/{parts['dbname']}?host={parts['host']}"
