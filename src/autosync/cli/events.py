"""`autosync events`: chosen times on their way into organizers' calendars, and trying one again."""

from __future__ import annotations

from typing import Annotated

import typer

from autosync import operations
from autosync.cli.output import DryOption, JsonOption, say, show
from autosync.cli.session import Session, as_id, only_trying, run, who
from autosync.database import events
from autosync.database.events import Listed
from autosync.model import Delivery

app = typer.Typer(no_args_is_help=True, help="Look at chosen times on their way into calendars, and try one again.")


@app.command("list")
def list_events(
    context: typer.Context,
    delivery: Annotated[Delivery | None, typer.Option(help="Only those that are this far.")] = None,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many, the last changed first.")
    ] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists chosen times on their way into calendars.

    By their syncs: what is wanted in the organizer's calendar, how far it got, and why.
    """
    session: Session = context.obj

    async def find() -> list[Listed]:
        async with session.connection() as connection:
            return await events.list_all(connection, delivery=delivery, limit=limit)

    show(
        ("sync_id", "event", "wanted", "sequence", "delivery", "attempts", "next_attempt_at", "changed_at", "reason"),
        [
            (
                e.sync_id, e.event_name, e.status, e.sequence, e.delivery, e.attempt, e.next_attempt_at, e.changed_at,
                e.reason,
            )
            for e in run(find)
        ],
        as_json=as_json,
        empty="No time has been chosen yet.",
    )  # fmt: skip


@app.command()
def retry(
    context: typer.Context,
    sync: Annotated[str, typer.Argument(metavar="ID", help="The sync's id.")],
    dry_run: DryOption = False,
) -> None:
    """Puts a chosen time into the calendar again, now.

    Where it may be there already, it is looked for first. It does not go to the calendar itself: a worker does, or
    `autosync process`. Exit 1 if there is nothing to put there. Noted with who did it.
    """
    session: Session = context.obj
    sync_id = as_id(sync, "sync")

    async def again() -> None:
        async with session.connection() as connection, only_trying(connection, dry_run):
            await operations.retry_event(connection, sync_id, who=who())

    run(again)
    say(f"The calendar event of sync {sync_id} {'would be' if dry_run else 'is'} due now.")
