"""`autosync suppressions`: the numbers that said stop, for every organizer."""

from __future__ import annotations

from typing import Annotated

import typer

from autosync import suppressions
from autosync.cli.output import DryOption, JsonOption, say, show
from autosync.cli.session import Session, only_trying, run, who
from autosync.phone_numbers import to_e164
from autosync.suppressions import Suppression

app = typer.Typer(no_args_is_help=True, help="Look at the numbers that said stop, and put numbers on or off the list.")

NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The phone number, as people write it.")]


@app.command("list")
def list_suppressions(
    context: typer.Context,
    *,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, max=10_000, help="At most this many, the newest first.")
    ] = 100,
    as_json: JsonOption = False,
) -> None:
    """Lists the numbers that are texted by nobody.

    One that no contact has any more is forgotten, and shown without its digits, but still holds.
    """
    session: Session = context.obj

    async def find() -> list[Suppression]:
        async with session.connection() as connection:
            return await suppressions.list_suppressions(connection, limit=limit)

    forgotten = None if as_json else "number forgotten"
    show(
        ("phone_number", "suppressed_at", "source", "reason"),
        [(s.phone_number or forgotten, s.suppressed_at, s.source, s.reason) for s in run(find)],
        as_json=as_json,
        empty="No number is suppressed.",
    )


@app.command()
def add(
    context: typer.Context,
    number: NumberArgument,
    reason: Annotated[str, typer.Option(metavar="WORDS", help="Why, in a few words; kept with the number.")],
    dry_run: DryOption = False,
) -> None:
    """Lets nobody text a number any more.

    As if its owner had said STOP: for every organizer, at once, after a text that is on its way. Texts that wait for it
    are canceled when their turn comes. Noted with who did it, but not the number.
    """
    session: Session = context.obj
    e164 = to_e164(number, default_region=session.settings.default_region)

    async def suppress() -> bool:
        async with session.connection() as connection, only_trying(connection, dry_run):
            return await suppressions.add(connection, e164, reason=reason, who=who())

    gets = "would get" if dry_run else "gets"
    say(
        f"{e164} {gets} no texts any more."
        if run(suppress)
        else f"{e164} was suppressed already; that stays as it was."
    )


@app.command()
def remove(context: typer.Context, number: NumberArgument, dry_run: DryOption = False) -> None:
    """Lets a number be texted again.

    Only for somebody who asked for it. A stop that the carrier keeps itself is not lifted by it: that takes START from
    the phone. Exit 1 if the number is not on the list. Noted with who did it, but not the number.
    """
    session: Session = context.obj
    e164 = to_e164(number, default_region=session.settings.default_region)

    async def lift() -> None:
        async with session.connection() as connection, only_trying(connection, dry_run):
            await suppressions.remove(connection, e164, who=who())

    run(lift)
    if dry_run:
        say(f"{e164} would be texted again.")
        return
    say(
        f"{e164} may be texted again. START by text from that phone would have done the same, and is the only thing "
        "that also lifts a stop that the carrier keeps itself."
    )
