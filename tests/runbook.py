"""Reads docs/runbook.md: its titles, and under each the commands with what they print.

A transcript is a block of kind `console`: lines that begin with `$ ` are commands, the others what they print. `…`
stands for anything within a line, and alone on a line for any number of lines. `# exit 1` ends a command that exits so.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

RUNBOOK = Path(__file__).parents[1] / "docs" / "runbook.md"


@dataclass
class Step:
    """One command of a transcript: its words, what it prints, and how it exits."""

    words: list[str]
    printed: list[str] = field(default_factory=list)
    code: int = 0

    def matches(self, output: str, variables: dict[str, object]) -> bool:
        """Whether this is what it printed."""
        lines = [re.sub(r"\$([A-Z]+)", lambda name: str(variables[name[1]]), line) for line in self.printed]
        parts = ["(?:.*\n)*" if line.strip() == "…" else _line(line) + "\n" for line in lines]
        return re.fullmatch("".join(parts), output) is not None


def _line(line: str) -> str:
    return ".*".join(re.escape(part) for part in line.split("…"))


def read(markdown: str) -> dict[str, list[Step]]:
    """The steps under each title of the second level."""
    found: dict[str, list[Step]] = {}
    for section in re.split(r"(?m)^## ", markdown)[1:]:
        title, _, body = section.partition("\n")
        blocks = re.findall(r"(?s)```console\n(.*?)```", body)
        found[title.strip()] = [step for block in blocks for step in _steps(block)]
    return found


def _steps(block: str) -> list[Step]:
    steps: list[Step] = []
    for line in block.splitlines():
        if line.startswith("$ "):
            command, _, exit_ = line[2:].partition("  # exit ")
            steps.append(Step(shlex.split(command), code=int(exit_ or 0)))
        else:
            steps[-1].printed.append(line)
    return steps


def filled(words: list[str], variables: dict[str, object]) -> list[str]:
    """The words with `$NAME` replaced. Raises KeyError for a name that there is not."""
    return [str(variables[word[1:]]) if word.startswith("$") else word for word in words]
