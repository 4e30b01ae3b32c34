"""Planted bugs: each patch in `mutants/` breaks one promise, and each test that it names must then fail.

    make mutants                                            # all of them
    .venv/bin/python tests/mutants.py forget_the_answer     # one

A patch begins with `Breaks: ` and the promise, and with `Caught by: ` and a test, once or more. It is tried on a copy
of the tree. First all of these tests are run on a copy without a bug: one that is red there catches nothing. A bug that
no test notices, a patch that no longer fits and a test that cannot run are each a failure.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATCHES = Path(__file__).with_name("mutants")
COPIED = ("src", "supabase", "tests", "deploy", "docs", "pyproject.toml", "Makefile", "README.md")
UNFIT = "The patch does not fit any more."
PATIENCE = 120
"""Seconds. Some bugs make a test wait for what never comes, which is noticed, too."""
TESTS_FAILED = 1
"""What pytest exits with where tests ran and failed; other codes say that they could not run."""


@dataclass(frozen=True)
class Mutant:
    """One planted bug."""

    patch: Path
    breaks: str
    caught_by: tuple[str, ...]

    @property
    def name(self) -> str:
        """As it is asked for."""
        return self.patch.stem


def read(patch: Path) -> Mutant:
    """The patch with what it says of itself. Raises ValueError where it does not say it."""
    words = patch.read_text()
    breaks = re.findall(r"^Breaks: (.+)$", words, re.MULTILINE)
    caught_by = re.findall(r"^Caught by: (.+)$", words, re.MULTILINE)
    if len(breaks) != 1 or not caught_by:
        raise ValueError(f"{patch.name} begins with one line 'Breaks: …' and lines 'Caught by: …'.")
    return Mutant(patch, breaks[0], tuple(caught_by))


def every() -> list[Mutant]:
    """All of them, by name."""
    return [read(patch) for patch in sorted(PATCHES.glob("*.patch"))]


def applies(mutant: Mutant, to: Path, *, only_check: bool = False) -> bool:
    """Plants the bug in a tree; False where the patch does not fit."""
    check = ["--check"] if only_check else []
    # Below a repository, git would look for the paths in it and silently skip those that it does not find.
    environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(to.parent), "GIT_DIR": "/nonexistent"}
    command = ["git", "apply", *check, str(mutant.patch)]
    return subprocess.run(command, cwd=to, env=environment, capture_output=True, check=False).returncode == 0


@contextmanager
def copied() -> Iterator[Path]:
    """A copy of the tree, for a while."""
    with tempfile.TemporaryDirectory(prefix="autosync-mutant-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        for name in COPIED:
            copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy2
            copy(ROOT / name, tree / name)
        yield tree


def run(tree: Path, *arguments: str, patience: float | None = PATIENCE) -> tuple[int, str]:
    """What pytest exits with in this tree, and the last line that it says."""
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree / "src"), "AUTOSYNC_TEST_WITHOUT_SHRINKING": "1"},
        timeout=patience, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = [line for line in ran.stdout.splitlines() if line.strip()] or [ran.stderr.strip()]
    return ran.returncode, said[-1]


def are_green(tests: Iterable[str]) -> tuple[bool, str]:
    """The control: whether these tests pass where no bug is planted; and the last line that pytest said."""
    with copied() as tree:
        code, said = run(tree, *sorted(set(tests)), patience=None)
    return code == 0, said


def is_caught(mutant: Mutant, test: str) -> tuple[bool, str]:
    """Whether the test fails on a copy of the tree with the bug; and the last line that pytest said."""
    with copied() as tree:
        if not applies(mutant, tree):
            return False, UNFIT
        try:
            code, said = run(tree, "-n0", "-x", test)
        except subprocess.TimeoutExpired:
            return True, f"it did not come to its end within {PATIENCE} s"
    return code == TESTS_FAILED, said


def main(names: list[str]) -> int:
    """Tries them; returns 0 if each was caught by each test that it names."""
    mutants = [mutant for mutant in every() if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in mutants}:
        sys.stderr.write(f"There is no mutant {', '.join(sorted(unknown))} in {PATCHES}.\n")
        return 2
    green, said = are_green(test for mutant in mutants for test in mutant.caught_by)
    sys.stdout.write(f"without a bug: {said}\n")
    sys.stdout.flush()
    if not green:
        sys.stderr.write("Some of these tests fail, or cannot run, without any bug: they would seem to catch each.\n")
        return 1
    survived = 0
    for mutant in mutants:
        for test in mutant.caught_by:
            began = time.monotonic()
            caught, said = is_caught(mutant, test)
            survived += not caught
            verdict = "caught" if caught else "SURVIVED"
            sys.stdout.write(f"{verdict:9}{mutant.name:36}{time.monotonic() - began:5.1f} s  {test}\n")
            if not caught:
                sys.stdout.write(f"         {mutant.breaks} {said}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(mutants)} planted bugs, {survived} not caught\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
