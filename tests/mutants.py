"""Planted bugs: each patch in `mutants/` breaks one promise, and each test that it names must then fail.

    make mutants                                            # all of them
    .venv/bin/python tests/mutants.py forget_the_answer     # one

A patch begins with `Breaks: ` and the promise, and with `Caught by: ` and a test, once or more. It is tried on a copy
of the tree. First each of these tests is run on a copy without a bug, within the same time: one that is red there
catches nothing. A bug that no test notices, a patch that no longer fits and a test that cannot run are each a failure.
So is a test that does not come to its end, which may be the machine's fault; unless the patch says `Hangs: ` and why.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATCHES = Path(__file__).with_name("mutants")
COPIED = ("src", "supabase", "tests", "deploy", "docs", "pyproject.toml", "Makefile", "README.md")
PATIENCE = 300
"""Seconds that one test may take, with a bug or without: many times what it takes on a quiet machine."""
GOODBYE = 20
"""Seconds that it may take to stop its servers then."""
PASSED, TESTS_FAILED, NO_END = 0, 1, None
"""What pytest exits with where tests ran; other codes say that they could not run."""


class Verdict(StrEnum):
    """What came of a trial."""

    CAUGHT = "caught"
    SURVIVED = "SURVIVED"
    TIMED_OUT = "TIMED OUT"
    UNFIT = "UNFIT"


@dataclass(frozen=True)
class Mutant:
    """One planted bug. `hangs`: why a test of it may wait for what never comes; None: none does."""

    patch: Path
    breaks: str
    caught_by: tuple[str, ...]
    hangs: str | None = None

    @property
    def name(self) -> str:
        """As it is asked for."""
        return self.patch.stem

    def is_noticed(self, verdict: Verdict) -> bool:
        """Whether this is what has to come of it."""
        return verdict is Verdict.CAUGHT or (verdict is Verdict.TIMED_OUT and self.hangs is not None)


def read(patch: Path) -> Mutant:
    """The patch with what it says of itself. Raises ValueError where it does not say it."""
    words = patch.read_text()
    breaks = re.findall(r"^Breaks: (.+)$", words, re.MULTILINE)
    caught_by = re.findall(r"^Caught by: (.+)$", words, re.MULTILINE)
    if len(breaks) != 1 or not caught_by:
        raise ValueError(f"{patch.name} begins with one line 'Breaks: …' and lines 'Caught by: …'.")
    hangs = re.search(r"^Hangs: (.+)$", words, re.MULTILINE)
    return Mutant(patch, breaks[0], tuple(caught_by), hangs and hangs[1])


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


def run(tree: Path, test: str) -> tuple[int | None, str]:
    """What pytest exits with in this tree, or NO_END; and the last line that it says."""
    pytest = subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n0", "-x", test],
        cwd=tree, env=os.environ | {"PYTHONPATH": str(tree / "src"), "AUTOSYNC_TEST_WITHOUT_SHRINKING": "1"},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        out, err = pytest.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        _end(pytest)
        return NO_END, f"It did not come to its end within {PATIENCE} s."
    said = [line for line in out.splitlines() if line.strip()] or [err.strip()]
    return pytest.returncode, said[-1]


def _end(pytest: subprocess.Popen[str]) -> None:
    """Lets it stop its servers, if it can."""
    pytest.send_signal(signal.SIGINT)
    try:
        pytest.communicate(timeout=GOODBYE)
    except subprocess.TimeoutExpired:
        pytest.kill()
        pytest.communicate()


def not_green(tests: Iterable[str]) -> list[tuple[str, str]]:
    """The control: which of these tests do not pass where no bug is planted, with the last line that pytest said."""
    distinct = sorted(set(tests))
    with copied() as tree, ThreadPoolExecutor(max_workers=2) as two_at_once:
        ran = list(two_at_once.map(lambda test: run(tree, test), distinct))
    return [(test, said) for test, (code, said) in zip(distinct, ran, strict=True) if code != PASSED]


def tried(mutant: Mutant, test: str) -> tuple[Verdict, str]:
    """What becomes of the test on a copy of the tree with the bug; and the last line that pytest said."""
    with copied() as tree:
        if not applies(mutant, tree):
            return Verdict.UNFIT, "The patch does not fit any more."
        code, said = run(tree, test)
    if code is NO_END:
        return Verdict.TIMED_OUT, said
    return (Verdict.CAUGHT if code == TESTS_FAILED else Verdict.SURVIVED), said


def main(names: list[str]) -> int:
    """Tries them; returns 0 if each was caught by each test that it names."""
    mutants = [mutant for mutant in every() if not names or mutant.name in names]
    if unknown := set(names) - {mutant.name for mutant in mutants}:
        sys.stderr.write(f"There is no mutant {', '.join(sorted(unknown))} in {PATCHES}.\n")
        return 2
    red = not_green(test for mutant in mutants for test in mutant.caught_by)
    for test, said in red:
        sys.stdout.write(f"without a bug: {test}: {said}\n")
    if red:
        sys.stderr.write("These tests fail, or cannot run, without any bug: they would seem to catch each.\n")
        return 1
    sys.stdout.write("without a bug: all of these tests pass\n")
    survived = 0
    for mutant in mutants:
        for test in mutant.caught_by:
            began = time.monotonic()
            verdict, said = tried(mutant, test)
            survived += not mutant.is_noticed(verdict)
            sys.stdout.write(f"{verdict:10}{mutant.name:36}{time.monotonic() - began:5.1f} s  {test}\n")
            if not mutant.is_noticed(verdict):
                sys.stdout.write(f"          {mutant.breaks} {said}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(mutants)} planted bugs, {survived} not caught\n")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
