"""Every command's help is complete, fits a terminal of 80 columns, and ends with examples that the parser takes."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

import commands_page
from autosync.cli import examples
from autosync.cli.app import app
from commands import autosync
from commands_page import Command, command_tree

ROOT = Path(__file__).parents[1]
TREE = {command.name: command for command in command_tree()}
LEAVES = [command for command in TREE.values() if not command.commands]
each = pytest.mark.parametrize("command", TREE.values(), ids=TREE)


@each
def test_the_help_says_in_one_line_what_a_command_does_and_then_more(command: Command) -> None:
    summary, _, rest = command.help.partition("\n\n")
    assert re.fullmatch(r"[A-Z][^\n]{10,70}\.", summary), summary
    if not command.commands and command.takes_something:
        assert rest or command.name.endswith(" list"), f"{command.name}: what it does, and what it does not do?"


@each
def test_every_option_and_argument_says_what_it_is_for(command: Command) -> None:
    assert [name for name, said in command.parameters if not said.endswith((".", "."))] == []


@each
def test_the_help_fits_80_columns_and_cuts_nothing_off(command: Command) -> None:
    lines = command.page.splitlines()
    assert [line for line in lines if len(line) > 80] == []
    assert [line for line in lines if line.endswith("...") and not line.startswith("Usage:")] == []


def test_in_a_pipe_the_help_is_the_same(capfd: pytest.CaptureFixture[str]) -> None:
    ran = autosync("jobs", "retry", "--help", COLUMNS="80")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.rstrip() == TREE["jobs retry"].page.rstrip()
    assert "\x1b" not in ran.out


def test_every_command_has_an_example_and_every_example_a_command() -> None:
    assert set(examples.EXAMPLES) == {command.name for command in LEAVES}
    for command in LEAVES:
        assert command.page.rstrip().endswith(examples.EXAMPLES[command.name][-1].split("\n")[-1])


def words_of(example: str) -> list[str]:
    """The arguments of the command in a line of shell."""
    words = shlex.split(example.replace("\\\n", " "))
    words = words[words.index("autosync") + 1 :]
    return words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize(
    ("name", "example"), [(name, line) for name, lines in examples.EXAMPLES.items() for line in lines]
)
def test_every_example_is_taken_by_the_parser(name: str, example: str, tmp_path: Path) -> None:
    words = words_of(example)
    assert " ".join(words[: name.count(" ") + 1]) == name
    parsed = commands_page.parse(words)
    assert parsed.command.name == name.rsplit(maxsplit=1)[-1]


@pytest.mark.parametrize("words", [["jobs", "run"], ["jobs", "retry", "--evenly"], ["timings", "slow"]])
def test_what_the_parser_does_not_take_is_found(words: list[str]) -> None:
    with pytest.raises(Exception, match=r"Missing parameter|No such option|is not one of"):
        commands_page.parse(words)


def test_the_page_of_all_commands_is_what_their_help_says() -> None:
    page = (ROOT / "docs" / "commands.md").read_text()
    assert page == commands_page.markdown(), "make docs writes it anew"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_is_there_for_every_usual_shell(shell: str) -> None:
    shown = CliRunner().invoke(app, ["--show-completion", shell], prog_name="autosync")
    script = shown.output if shown.exit_code == 0 else ""
    assert "_AUTOSYNC_COMPLETE" in script
    assert "autosync" in script


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("autosync jo", ["jobs"]),
        ("autosync jobs ", ["list", "explain", "run", "retry", "cancel"]),
        ("autosync jobs list --st", ["--status"]),
        ("autosync jobs list --status f", ["failed"]),
        ("autosync timings ", ["production", "demo"]),
    ],
)
def test_bash_is_offered_what_fits(typed: str, offered: list[str]) -> None:
    words = typed.split(" ")
    ran = autosync(_AUTOSYNC_COMPLETE="complete_bash", COMP_WORDS="\n".join(words), COMP_CWORD=str(len(words) - 1))
    assert ran.out.split() == offered
