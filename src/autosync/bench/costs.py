"""What a run costs: processor time of the program and of the server, and what is written ahead to disk.

Processor time is read from Linux's /proc, to the hundredth of a second; elsewhere it is not known (nan).
"""

from __future__ import annotations

import os
from asyncio.subprocess import Process
from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from pathlib import Path

from autosync.database import bench
from autosync.database.pool import Connection

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds of processor time in the program and in the server, and bytes of WAL."""

    program: float
    server: float
    wal: float

    def __sub__(self, earlier: Cost) -> Cost:
        return Cost(self.program - earlier.program, self.server - earlier.server, self.wal - earlier.wal)

    def __truediv__(self, jobs: int) -> Cost:
        return Cost(self.program / jobs, self.server / jobs, self.wal / jobs)


async def read_spent(connection: Connection, processes: Iterable[Process]) -> Cost:
    """What these processes and the connection's server have spent so far."""
    server = await bench.read_spent(connection)
    return Cost(
        program=sum(_own_seconds(_stat(process.pid)) for process in processes),
        server=_family_seconds(server.pid),
        wal=server.wal_bytes,
    )


def _family_seconds(backend: int) -> float:
    """Of a backend's parent, its children, and those of them that have ended."""
    if (one := _stat(backend)) is None:
        return nan
    parent = _stat(int(one[1]))
    family = [stat for stat in map(_stat, _processes()) if stat is not None and stat[1] == one[1]]
    ended = nan if parent is None else _seconds(parent[13:15])
    return ended + _own_seconds(parent) + sum(map(_own_seconds, family))


def _processes() -> list[int]:
    return [int(path.name) for path in _PROC.iterdir() if path.name.isdigit()]


def _stat(pid: int) -> list[str] | None:
    """The fields of a process behind its name, of which the second is its parent; None where it has ended."""
    try:
        return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def _own_seconds(stat: list[str] | None) -> float:
    return nan if stat is None else _seconds(stat[11:13])


def _seconds(ticks: list[str]) -> float:
    return sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
