"""Every command of the command line as it describes itself, and docs/commands.md made of that.

`python tests/commands_page.py` writes the page anew; `make docs` does so before it makes the site.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from autosync.cli.app import app

PAGE = Path(__file__).parents[1] / "docs" / "commands.md"
WIDTH = 80
OPENING = """# Commands

What `autosync COMMAND --help` says, for all of them. Made by `make docs`; do not edit.
"""


@dataclass(frozen=True)
class Command:
    """A command or a group of them. `name`: the words behind `autosync`; `parameters`: each with its help."""

    name: str
    help: str
    page: str
    parameters: list[tuple[str, str]]
    commands: list[str]

    @property
    def takes_something(self) -> bool:
        return bool(self.parameters)


def command_tree() -> list[Command]:
    """All commands, each group before what is in it."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("autosync", [], resilient_parsing=True, terminal_width=WIDTH, max_content_width=WIDTH)
    return [*_below(root, context, ())]


def _below(command: Any, context: Any, path: tuple[str, ...]) -> list[Command]:
    names = command.list_commands(context) if hasattr(command, "list_commands") else []
    found = []
    if path:
        parameters = [
            (each.opts[-1], getattr(each, "help", None) or "") for each in command.params if each.name != "help"
        ]
        found.append(Command(" ".join(path), command.help or "", command.get_help(context), parameters, names))
    for name in names:
        below = command.get_command(context, name)
        inner = type(context)(below, parent=context, info_name=name)
        found += _below(below, inner, (*path, name))
    return found


def parse(words: list[str]) -> Any:
    """The context in which the command would run. Raises what the parser raises."""
    root: Any = typer.main.get_command(app)
    context = root.make_context("autosync", list(words))
    while hasattr(context.command, "resolve_command"):
        arguments = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, arguments)
        context = command.make_context(name, rest, parent=context)
    return context


def markdown() -> str:
    """The page: a heading and the help of each command."""
    parts = [OPENING]
    for command in command_tree():
        heading = "##" if " " not in command.name else "###"
        parts.append(f"{heading} {command.name}\n\n```text\n{command.page.rstrip()}\n```\n")
    return "\n".join(parts)


if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
