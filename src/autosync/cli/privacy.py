"""`autosync privacy`: everything about a person, shown or deleted."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from autosync import privacy
from autosync.cli.output import say, show_json
from autosync.cli.session import Session, as_id, run, who
from autosync.database.pool import Connection
from autosync.model import Unusable
from autosync.phone_numbers import to_e164
from autosync.privacy import Whose

app = typer.Typer(no_args_is_help=True, help="Show or delete everything about a contact, a number or an organizer.")

ContactOption = Annotated[str | None, typer.Option("--contact", metavar="ID", help="A contact of one organizer.")]
NumberOption = Annotated[str | None, typer.Option("--number", metavar="NUMBER", help="Whoever has it, at everybody's.")]
OwnerOption = Annotated[str | None, typer.Option("--organizer", metavar="ID", help="An organizer with all of theirs.")]


@app.command()
def export(
    context: typer.Context, contact: ContactOption = None, number: NumberOption = None, organizer: OwnerOption = None
) -> None:
    """Prints everything that is kept about a person.

    One JSON document, without secrets. It changes nothing, but is noted: who looked, not at whom.
    """
    session: Session = context.obj

    async def find() -> dict[str, Any]:
        async with session.connection() as connection:
            whose = await _whose(session, connection, contact, number, organizer)
            return await privacy.export(connection, whose, who=who())

    show_json(run(find))


@app.command()
def delete(
    context: typer.Context,
    contact: ContactOption = None,
    number: NumberOption = None,
    organizer: OwnerOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say whom it is about.")] = False,
) -> None:
    """Deletes everything about a person, for good.

    Also answers, texts, and the words of what others were told of them. That a number said stop stays, as a hash. What
    the gateway and Google keep, and what is in back-ups, is not deleted; what an organizer allowed at Google is
    withdrawn there. Noted with who did it, but not whom it was about.
    """
    session: Session = context.obj

    async def do() -> tuple[Whose, dict[str, int]]:
        # Deleting an organizer takes as long as it takes: a pool would hang up after LONGEST_STATEMENT.
        async with session.pool() as pool, session.connection() as connection:
            whose = await _whose(session, connection, contact, number, organizer)
            if dry_run:
                return whose, {}
            connections = session.calendar_connections(pool)
            return whose, await privacy.delete(connection, whose, who=who(), connections=connections)

    whose, deleted = run(do)
    if dry_run:
        say(f"Would delete {len(whose.contact_ids)} contacts and all about {len(whose.numbers)} numbers.")
        return
    say(f"Deleted: {', '.join(f'{count} {name}' for name, count in deleted.items())}.")


async def _whose(
    session: Session, connection: Connection, contact: str | None, number: str | None, organizer: str | None
) -> Whose:
    region = session.settings.default_region
    if sum(each is not None for each in (contact, number, organizer)) != 1:
        raise Unusable("Say whom it is about: one of --contact, --number and --organizer.")
    if contact is not None:
        return await privacy.of_contact(connection, as_id(contact, "contact"), region=region)
    if number is not None:
        return await privacy.of_number(connection, to_e164(number, default_region=region), region=region)
    return await privacy.of_organizer(connection, as_id(organizer or "", "organizer"), region=region)
