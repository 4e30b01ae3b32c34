"""The release before this one, as it was built, run in a process of its own with the dependencies of this one."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from commands import Ran, environment

WHEEL = Path(__file__).with_name("releases") / "autosync-0.1.0-py3-none-any.whl"


@dataclass(frozen=True)
class PreviousRelease:
    """Its command line, from the folder that its wheel was unpacked into."""

    folder: Path

    @classmethod
    def unpack(cls, folder: Path) -> PreviousRelease:
        """Unpacks the wheel, and makes sure that it is what runs."""
        with zipfile.ZipFile(WHEEL) as wheel:
            wheel.extractall(folder)
        release = cls(folder)
        origin = subprocess.run(
            [sys.executable, "-c", "import autosync; print(autosync.__file__)"],
            env=release._environment(None),
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert Path(origin.strip()).is_relative_to(folder)
        return release

    def autosync(self, *arguments: str, database_url: str) -> Ran:
        """Runs one command to its end."""
        done = subprocess.run(
            [sys.executable, "-m", "autosync", *arguments],
            env=self._environment(database_url),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    @contextmanager
    def worker(self, database_url: str, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """`autosync worker`, killed at the end if it still runs."""
        with worker(self._environment(database_url, **settings), self.folder) as process:
            yield process

    def _environment(self, database_url: str | None, **settings: str) -> dict[str, str]:
        return environment(database_url, PYTHONPATH=str(self.folder), **settings)


@contextmanager
def worker(surroundings: dict[str, str], folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`autosync worker` of the release that these environment variables lead to, killed at the end if it still runs."""
    process = subprocess.Popen([sys.executable, "-m", "autosync", "worker"], env=surroundings, cwd=folder)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
