"""How commands say things: tables on a terminal, tab-separated lines in a pipe, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]

DryOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be done.")]
OverOption = Annotated[
    str, typer.Option("--over", metavar="SPAN", help="Spread evenly over this time, such as 30m, instead of at once.")
]

_console = Console(highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """A line for whoever ran the command, to the letter: neither markup nor `:smile:` means anything in it."""
    _console.print(Text(text))


def show(columns: Sequence[str], rows: Sequence[Sequence[object]], *, as_json: bool, empty: str) -> None:
    """A list, in the form that fits where it goes; `empty` is said instead where there is nothing to list."""
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(cell(value).replace("\t", " ").replace("\n", " ") for value in row) + "\n")
    elif not rows:
        say(empty)
    else:
        _table(columns, rows)


def show_json(document: object) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(document, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A table where the terminal is wide enough for it, else one block of lines a row."""
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(map(cell_len, column)) for column in zip(columns, *cells, strict=True)]
    if sum(widths) + 2 * len(widths) <= _console.width:
        table = Table(*(column.replace("_", " ") for column in columns), box=None, header_style="bold", pad_edge=False)
        for row in cells:
            table.add_row(*map(Text, row))
        _console.print(table)
        return
    margin = max(map(len, columns))
    for row in cells:
        for column, text in zip(columns, row, strict=True):
            if text:
                _console.print(Text.assemble((f"{column.replace('_', ' '):>{margin}}  ", "dim"), text))
        _console.print()


def cell(value: object) -> str:
    """One value as people read it; times in UTC."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        case timedelta():
            return duration(value)
        case Enum():
            return str(value.value)
    return str(value)


def duration(span: timedelta) -> str:
    """A span as people say it, such as `24 h` or `5 min`; a day is not a unit, since not every day has 24 hours."""
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{count} {unit}" for count, unit in ((hours, "h"), (minutes, "min"), (seconds, "s")) if count]
    return " ".join(parts) or "0 s"


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no JSON form")
