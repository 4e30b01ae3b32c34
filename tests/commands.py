"""Runs the command `autosync` as a person would: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

AUTOSYNC = str(Path(sys.executable).with_name("autosync"))


@dataclass(frozen=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str


def environment(database_url: str | None, **settings: str) -> dict[str, str]:
    """This process's environment without any setting of the program but these."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AUTOSYNC_")}
    kept.pop("DATABASE_URL", None)
    return kept | ({"DATABASE_URL": database_url} if database_url else {}) | settings


def autosync(*arguments: str, database_url: str | None = None, stdin: str = "", **settings: str) -> Ran:
    """Runs one command to its end."""
    done = subprocess.run(
        [AUTOSYNC, *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        env=environment(database_url, **settings),
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
