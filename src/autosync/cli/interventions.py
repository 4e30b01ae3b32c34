"""`autosync interventions`: what operators have done by hand."""

from __future__ import annotations

from typing import Annotated

import typer

from autosync.cli.output import JsonOption, show
from autosync.cli.session import Session, as_id, run
from autosync.database import interventions
from autosync.explanations import Intervention

app = typer.Typer(no_args_is_help=True, help="What operators have done by hand: who, when, what.")


@app.command("list")
def list_interventions(
    context: typer.Context,
    about: Annotated[
        str | None, typer.Option(metavar="ID", help="Only what was done to this job, text or sync.")
    ] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many, the latest first.")
    ] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists what was done by hand, the latest first.

    By this command or on the page for operators; what organizers do on their own pages is not by hand. Nobody can
    change what is noted, or remove it.
    """
    session: Session = context.obj
    row_id = as_id(about, "job, text or sync") if about else None

    async def find() -> list[Intervention]:
        async with session.connection() as connection:
            return await interventions.list_latest(connection, row_id, limit=limit)

    show(
        ("at", "by", "verb", "sync_id", "subject_id", "details"),
        [(i.at, i.done_by, i.verb, i.sync_id, i.subject_id, i.details) for i in run(find)],
        as_json=as_json,
        empty="Nothing was done by hand.",
    )
