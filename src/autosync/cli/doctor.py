"""`autosync doctor`: the review of a live database, for a terminal, a ticket or a program."""

from __future__ import annotations

import shutil
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.text import Text

from autosync.cli.output import JsonOption, say, show_json
from autosync.cli.session import Session, run
from autosync.doctor import report
from autosync.doctor import review as doctor_review
from autosync.doctor.findings import Level

_STYLES = {
    Level.OK: "green", Level.NOTE: "cyan", Level.WARNING: "yellow", Level.UNKNOWN: "magenta", Level.WRONG: "bold red"
}  # fmt: skip
_WIDEST = 110


def doctor(
    context: typer.Context,
    form: Annotated[
        Literal["text", "markdown", "json"],
        typer.Option("--format", help="For people, for a ticket, or for a program."),
    ] = "text",
    as_json: JsonOption = False,
) -> None:
    """Reviews a live database, and says what to do.

    Migrations, schema, policies, rights, timings, jobs, texts, workers, pg_cron, the server. It writes nothing, and
    shows no names, numbers or secrets. Exit 0: all well; 1: something is wrong; 2: cannot tell.
    """
    session: Session = context.obj

    async def look() -> doctor_review.Review:
        async with session.bare_connection() as connection:
            return await doctor_review.review(connection)

    found = run(look)
    if as_json or form == "json":
        show_json(report.as_json(found))
    elif form == "markdown":
        say(report.render_markdown(found))
    else:
        width = min(shutil.get_terminal_size((_WIDEST, 0)).columns, _WIDEST)
        Console(highlight=False, soft_wrap=True).print(_coloured(report.render_text(found, width=width)))
    raise typer.Exit(report.exit_code(found))


def _coloured(review: str) -> Text:
    """The marks in their colours, areas bold, advice dim; without a terminal none of it shows."""
    text = Text(review)
    for level, mark in report.MARKS.items():
        text.highlight_regex(rf"(?m)^ *\{mark}(?= )", _STYLES[level])
    text.highlight_regex(r"(?m)^\S [a-z]+", "bold")
    text.highlight_regex(r"`[^`]+`", "cyan")
    return text
