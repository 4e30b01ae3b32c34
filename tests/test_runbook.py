"""The runbook's commands lead from each symptom to its cause and to the repair, and print what the runbook says."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from commands import autosync
from factories import Factory
from incidents import INCIDENTS
from runbook import RUNBOOK, Step, filled, read

SECTIONS = read(RUNBOOK.read_text(encoding="utf-8"))


def test_every_incident_has_its_entry_and_every_entry_its_incident() -> None:
    assert list(SECTIONS) == list(INCIDENTS)
    assert len(SECTIONS) >= 20
    assert all(len(steps) >= 2 for steps in SECTIONS.values())


@pytest.mark.parametrize("title", INCIDENTS)
async def test_the_runbook_leads_from_the_symptom_to_the_repair(factory: Factory, direct_url: str, title: str) -> None:
    with ExitStack() as stack:
        staged = await INCIDENTS[title](factory, stack)
        for step in SECTIONS[title]:
            program, *arguments = filled(step.words, staged.variables)
            assert program == "autosync"
            ran = autosync(*arguments, database_url=direct_url, COLUMNS="80", **staged.settings)
            assert (ran.code, ran.err if step.code == 0 else "") == (step.code, ""), ran
            assert step.matches(ran.out + ran.err, staged.variables), f"$ {' '.join(step.words)}\n{ran.out}{ran.err}"
        await staged.check()


@pytest.mark.parametrize(
    ("printed", "output", "matches"),
    [
        (["a", "…", "b"], "a\nb\n", True),
        (["a", "…", "b"], "a\nx\ny\nb\n", True),
        (["a … c"], "a b c\n", True),
        (["a … c"], "a b\nc\n", False),
        (["a"], "a\nb\n", False),
        (["(a+)"], "(a+)\n", True),
        ([], "", True),
        ([], "a\n", False),
    ],
)
def test_what_a_transcript_leaves_out_may_be_anything_and_nothing_else_may(
    printed: list[str], output: str, matches: bool
) -> None:
    assert Step(["autosync"], printed).matches(output, {}) is matches
