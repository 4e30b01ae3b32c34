"""`autosync organizers`, `contacts` and `crews`: who starts syncs, and whom they may ask."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import psycopg
import typer

from autosync import texts
from autosync.cli.output import JsonOption, say, show, show_json
from autosync.cli.session import Session, as_id, note, pick_organizer, run
from autosync.contacts import import_address_book
from autosync.database import people
from autosync.model import Refused, Unusable
from autosync.phone_numbers import to_e164

organizers = typer.Typer(no_args_is_help=True, help="Who starts syncs.")
contacts_app = typer.Typer(no_args_is_help=True, help="An organizer's address book.")
crews = typer.Typer(no_args_is_help=True, help="Named groups of contacts.")

OrganizerOption = Annotated[
    str | None,
    typer.Option(envvar="AUTOSYNC_ORGANIZER", metavar="ID", help="Whose; may be left out where there is only one."),
]


SignInArgument = Annotated[
    str | None, typer.Argument(metavar="ID", help="Whose; may be left out where there is only one.")
]


@organizers.command("add")
def add_organizer(
    context: typer.Context,
    first_name: Annotated[str, typer.Option(metavar="NAME", help="As invitees know them.")],
    phone: Annotated[str, typer.Option(metavar="NUMBER", help="Where the organizer's own texts go.")],
    last_name: Annotated[str, typer.Option(metavar="NAME", help="May be left out.")] = "",
    timezone: Annotated[str, typer.Option(metavar="ZONE", help="IANA name, such as Europe/Madrid.")] = "UTC",
    user_id: Annotated[
        str | None, typer.Option("--id", metavar="ID", help="On Supabase: the auth user that it belongs to.")
    ] = None,
) -> None:
    """Makes an organizer.

    On Supabase for an auth user who has signed up, by --id. Prints the organizer's id. Exit 1 if there is one with this
    number or id already. Noted with who did it.
    """
    session: Session = context.obj
    number = to_e164(phone, default_region=session.settings.default_region)
    if not first_name.strip():
        raise Unusable("The organizer has no first name: invitees must know who asks.")
    try:
        texts.zone(timezone)
    except ValueError as error:
        raise Unusable(str(error)) from error
    id_ = as_id(user_id, "auth user") if user_id else uuid4()

    async def add() -> None:
        async with session.connection() as connection, connection.transaction():
            for known in await people.find_organizers(connection):
                if known.id == id_ or known.phone_number == number:
                    raise Refused(f"There is an organizer with this number or id already: {known.name} ({known.id}).")
            if await people.is_stand_in(connection):
                await people.insert_auth_user(connection, id_)
            elif user_id is None:
                raise Refused("On Supabase an organizer signs up first: give the id of their auth user with --id.")
            try:
                await people.insert_organizer(
                    connection,
                    id_=id_,
                    first_name=first_name.strip(),
                    last_name=last_name.strip(),
                    phone_number=number,
                    timezone=timezone,
                )
                await note(connection, "organizers add", subject_id=id_)
            except psycopg.errors.ForeignKeyViolation:
                raise Refused(f"There is no auth user {id_}: an organizer signs up first.") from None

    run(add)
    say(str(id_))


@organizers.command("list")
def list_organizers(context: typer.Context, as_json: JsonOption = False) -> None:
    """Lists who starts syncs."""
    session: Session = context.obj

    async def find() -> list[people.Organizer]:
        async with session.connection() as connection:
            return await people.find_organizers(connection)

    show(
        ("id", "name", "phone_number", "timezone"),
        [(o.id, o.name, o.phone_number, o.timezone) for o in run(find)],
        as_json=as_json,
        empty="There is no organizer yet: `autosync organizers add` makes one.",
    )


@organizers.command("sign-in")
def sign_in(context: typer.Context, organizer: SignInArgument = None) -> None:
    """Prints a link that signs an organizer in to the pages.

    Once, within five minutes. Whoever has it gets in: hand it to nobody else. Noted with who did it.
    """
    session: Session = context.obj

    async def make() -> str:
        async with session.pool() as pool:
            async with pool.connection() as connection:
                id_ = await pick_organizer(connection, organizer)
                await note(connection, "organizers sign-in", subject_id=id_)
            return await session.sign_in(pool).make_link(id_)

    say(f"{session.settings.public_url or 'http://127.0.0.1:8000'}/sign-in/link/{run(make)}")


@contacts_app.command("import")
def import_contacts(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="vCard or CSV, as phones and address books export them.")
    ],
    crew: Annotated[str, typer.Option(metavar="NAME", help="The crew they join, made if missing.")],
    organizer: OrganizerOption = None,
    as_json: JsonOption = False,
) -> None:
    """Reads people from a file into a crew.

    vCard or CSV, as phones and address books export them. Whoever has a number that is known is not added again. Bad
    rows are listed by line, and the good ones go in. Nobody is texted. Noted with who did it.
    """
    session: Session = context.obj
    if file.is_dir():
        raise Unusable(f"{file} is a folder: give a vCard or CSV file.")
    data = file.read_bytes()

    async def bring_in() -> None:
        async with session.connection() as connection, connection.transaction():
            organizer_id = await pick_organizer(connection, organizer)
            done = await import_address_book(
                connection, data, organizer_id=organizer_id, crew=crew, region=session.settings.default_region
            )
            how_many = f"{done.added} added"
            await note(connection, "contacts import", subject_id=organizer_id, details=how_many)
        if as_json:
            show_json(
                {
                    "crew_id": done.crew_id,
                    "crew": done.crew_name,
                    "added": done.added,
                    "known": done.known,
                    "joined": done.joined,
                    "bad_rows": [{"line": bad.line, "reason": bad.reason} for bad in done.bad_rows],
                }
            )
            return
        say(f"{done.added} added, {done.known} known already, {done.joined} new in the crew {done.crew_name!r}.")
        for bad in done.bad_rows:
            say(f"{file.name}:{bad.line}: {bad.reason}")

    run(bring_in)


@crews.command("list")
def list_crews(context: typer.Context, organizer: OrganizerOption = None, as_json: JsonOption = False) -> None:
    """Lists an organizer's crews."""
    session: Session = context.obj

    async def find() -> list[tuple[people.Crew, int]]:
        async with session.connection() as connection:
            return await people.list_crews(connection, await pick_organizer(connection, organizer))

    show(
        ("id", "name", "members"),
        [(crew.id, crew.name, members) for crew, members in run(find)],
        as_json=as_json,
        empty="There is no crew yet: `autosync contacts import FILE --crew NAME` makes one.",
    )
