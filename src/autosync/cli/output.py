"""How commands say things: tables on a terminal, tab-separated lines in a pipe, JSON on request."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.table import Table

JsonOption = Annotated[bool, typer.Option("--json", help="One JSON document instead of a table.")]

_console = Console(highlight=False, soft_wrap=True)


def say(text: str = "") -> None:
    """A line for whoever ran the command."""
    _console.print(text, markup=False)


def show(columns: Sequence[str], rows: Sequence[Sequence[object]], *, as_json: bool, empty: str) -> None:
    """A list, in the form that fits where it goes; `empty` is said instead where there is nothing to list."""
    if as_json:
        show_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif not sys.stdout.isatty():
        for row in rows:
            sys.stdout.write("\t".join(_cell(value).replace("\t", " ").replace("\n", " ") for value in row) + "\n")
    elif not rows:
        say(empty)
    else:
        _table(columns, rows)


def show_json(document: object) -> None:
    """One JSON document."""
    sys.stdout.write(json.dumps(document, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    table = Table(box=None, header_style="bold", pad_edge=False)
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold", no_wrap=column == "id")
    for row in rows:
        table.add_row(*(_cell(value) for value in row))
    _console.print(table, markup=False)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return f"{value:%Y-%m-%d %H:%M:%S%z}"
        case Enum():
            return str(value.value)
    return str(value)


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
    raise TypeError(f"{type(value).__name__} has no JSON form")
