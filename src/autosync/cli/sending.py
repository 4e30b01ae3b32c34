"""`autosync sending`: pause and resume all texts, or one organizer's."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import typer

from autosync import sending
from autosync.cli.output import DryOption, JsonOption, say, show
from autosync.cli.session import Session, as_id, only_trying, run, who
from autosync.sending import Pause

app = typer.Typer(no_args_is_help=True, help="Keep texts from leaving, all or one organizer's, and let them go again.")

WhoseOption = Annotated[str | None, typer.Option("--organizer", metavar="ID", help="Only this organizer's texts.")]


@app.command()
def pause(
    context: typer.Context,
    reason: Annotated[str, typer.Option(metavar="WORDS", help="Why, in a few words; kept with the pause.")],
    organizer: WhoseOption = None,
    dry_run: DryOption = False,
) -> None:
    """Keeps texts from leaving until they are resumed.

    At once, for every process, and whatever is restarted meanwhile. What is on its way arrives; jobs go on, and write
    texts that wait. Noted with who did it.
    """
    session: Session = context.obj
    whose = as_id(organizer, "organizer") if organizer else None

    async def do() -> int:
        async with session.connection() as connection, only_trying(connection, dry_run):
            waiting = await sending.count_waiting(connection, whose)
            await sending.pause(connection, whose, reason=reason, who=who())
            return waiting

    waiting = run(do)
    say(f"{'Would pause' if dry_run else 'Paused'}{_whose(whose)}. Texts that wait now: {waiting}.")


@app.command()
def resume(context: typer.Context, organizer: WhoseOption = None, dry_run: DryOption = False) -> None:
    """Lets texts leave again.

    Those that were held leave a tenth of a second apart; each passes its checks as ever, so what has become pointless
    is canceled. Exit 1 if nothing was paused. Noted with who did it.
    """
    session: Session = context.obj
    whose = as_id(organizer, "organizer") if organizer else None

    async def do() -> int:
        async with session.connection() as connection, only_trying(connection, dry_run):
            waiting = await sending.count_waiting(connection, whose)
            await sending.resume(connection, whose, who=who())
            return waiting

    waiting = run(do)
    say(f"{'Would resume' if dry_run else 'Resumed'}{_whose(whose)}. Texts that wait now: {waiting}.")


@app.command()
def status(context: typer.Context, as_json: JsonOption = False) -> None:
    """Says what is paused, since when, by whom and why.

    Exit 1 if anything is.
    """
    session: Session = context.obj

    async def find() -> list[Pause]:
        async with session.connection() as connection:
            return await sending.list_all(connection)

    found = run(find)
    show(
        ("whose", "organizer_id", "paused_at", "paused_by", "reason"),
        [(p.organizer or "everybody", p.organizer_id, p.paused_at, p.paused_by, p.reason) for p in found],
        as_json=as_json,
        empty="Nothing is paused.",
    )
    if found:
        raise typer.Exit(1)


def _whose(organizer_id: UUID | None) -> str:
    return f" the texts of organizer {organizer_id}" if organizer_id else " all texts"
