"""The statements on organizers, their contacts and their crews."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import full_name

MOST_LISTED = 1000


@dataclass(frozen=True, slots=True)
class Organizer:
    """A `profiles` row. `timezone`: the IANA name that they prefer, if any."""

    id: UUID
    name: str
    phone_number: str | None
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Profile:
    """What an organizer says of themselves, as it is written down."""

    first_name: str | None
    last_name: str | None
    phone_number: str | None
    timezone: str | None


@dataclass(frozen=True, slots=True)
class Crew:
    """A named group of contacts."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """A contact in a crew. `phone_number` as it was written down."""

    contact_id: UUID
    name: str
    phone_number: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """A person in an organizer's address book, as written down there."""

    id: UUID
    first_name: str
    last_name: str | None
    phone_number: str | None
    email: str | None


@dataclass(frozen=True, slots=True)
class NewContact:
    """A contact yet to be written; `phone_number`: E.164."""

    first_name: str
    last_name: str
    phone_number: str
    email: str | None


async def find_organizers(connection: Connection, organizer_id: UUID | None = None) -> list[Organizer]:
    """The organizer of this id, or all of them up to MOST_LISTED."""
    cursor = await connection.execute(statement("find_profiles"), {"id": organizer_id, "limit": MOST_LISTED})
    return [
        Organizer(id_, full_name(first, last), number, timezone)
        for id_, first, last, number, timezone in await cursor.fetchall()
    ]


async def is_stand_in(connection: Connection) -> bool:
    """Whether the database is a plain PostgreSQL, where nobody else makes auth users."""
    cursor = await connection.execute(statement("is_stand_in"))
    row = await cursor.fetchone()
    return bool(row and row[0])


async def insert_auth_user(connection: Connection, id_: UUID) -> None:
    """Makes the auth user of a profile, on the stand-in."""
    await connection.execute(statement("insert_auth_user"), {"id": id_})


async def insert_organizer(
    connection: Connection, *, id_: UUID, first_name: str, last_name: str, phone_number: str, timezone: str
) -> None:
    """Adds the profile of an auth user."""
    await connection.execute(
        statement("insert_profile"),
        {
            "id": id_,
            "first_name": first_name,
            "last_name": last_name,
            "phone_number": phone_number,
            "timezone": timezone,
        },
    )


async def find_profile(connection: Connection, organizer_id: UUID) -> Profile | None:
    """The profile of this organizer, None if there is none."""
    cursor = await connection.execute(statement("find_profile"), {"id": organizer_id})
    row = await cursor.fetchone()
    return None if row is None else Profile(*row)


async def save_profile(connection: Connection, organizer_id: UUID, profile: Profile) -> None:
    """Writes the profile of an auth user, new or anew."""
    await connection.execute(
        statement("save_profile"),
        {
            "id": organizer_id,
            "first_name": profile.first_name,
            "last_name": profile.last_name,
            "phone_number": profile.phone_number,
            "timezone": profile.timezone,
        },
    )


async def lock_address_book(connection: Connection, organizer_id: UUID) -> bool:
    """Lets imports of one organizer follow one another; False if there is no such organizer."""
    cursor = await connection.execute(statement("lock_profile"), {"organizer_id": organizer_id})
    return await cursor.fetchone() is not None


async def find_crews(connection: Connection, organizer_id: UUID, crew: str) -> list[Crew]:
    """An organizer's crews whose name or id this is."""
    cursor = await connection.execute(statement("find_crews"), {"organizer_id": organizer_id, "crew": crew})
    return [Crew(*row) for row in await cursor.fetchall()]


async def list_crews(connection: Connection, organizer_id: UUID) -> list[tuple[Crew, int]]:
    """An organizer's crews, and how many belong to each."""
    cursor = await connection.execute(statement("list_crews"), {"organizer_id": organizer_id})
    return [(Crew(id_, name), members) for id_, name, members in await cursor.fetchall()]


async def insert_crew(connection: Connection, organizer_id: UUID, name: str) -> Crew:
    """Makes a crew without members."""
    cursor = await connection.execute(statement("insert_crew"), {"organizer_id": organizer_id, "name": name})
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"  # noqa: S101
    return Crew(row[0], name)


async def rename_crew(connection: Connection, organizer_id: UUID, crew_id: UUID, name: str) -> bool:
    """Gives a crew another name; False if the organizer has none such."""
    cursor = await connection.execute(
        statement("rename_crew"), {"organizer_id": organizer_id, "crew_id": crew_id, "name": name}
    )
    return cursor.rowcount == 1


async def delete_crew(connection: Connection, organizer_id: UUID, crew_id: UUID) -> bool:
    """Deletes a crew; its people and its syncs stay. False if the organizer has none such."""
    values = {"organizer_id": organizer_id, "crew_id": crew_id}
    await connection.execute(statement("detach_crew"), values)
    return (await connection.execute(statement("delete_crew"), values)).rowcount == 1


async def list_members(connection: Connection, crew_id: UUID) -> list[Member]:
    """The contacts of a crew by name."""
    cursor = await connection.execute(statement("list_crew_members"), {"crew_id": crew_id})
    return [Member(id_, full_name(first, last), number) for id_, first, last, number in await cursor.fetchall()]


async def list_numbers(connection: Connection, organizer_id: UUID) -> list[tuple[UUID, str]]:
    """The contacts of an organizer that have a number: (id, number as it was written down)."""
    cursor = await connection.execute(statement("list_contact_numbers"), {"organizer_id": organizer_id})
    return [(id_, number) for id_, number in await cursor.fetchall()]


async def find_contact(connection: Connection, organizer_id: UUID, contact_id: UUID) -> Contact | None:
    """The organizer's contact of this id, None if they have none such."""
    cursor = await connection.execute(
        statement("find_contact"), {"organizer_id": organizer_id, "contact_id": contact_id}
    )
    row = await cursor.fetchone()
    return None if row is None else Contact(*row)


async def delete_contact(connection: Connection, organizer_id: UUID, contact_id: UUID) -> bool:
    """Deletes a contact with all their answers and texts; False if the organizer has none such."""
    cursor = await connection.execute(
        statement("delete_contact"), {"organizer_id": organizer_id, "contact_id": contact_id}
    )
    return cursor.rowcount == 1


async def update_contact(connection: Connection, organizer_id: UUID, contact: Contact) -> bool:
    """Writes a contact anew; False if the organizer has none of its id."""
    cursor = await connection.execute(
        statement("update_contact"),
        {
            "organizer_id": organizer_id,
            "contact_id": contact.id,
            "first_name": contact.first_name,
            "last_name": contact.last_name,
            "phone_number": contact.phone_number,
            "email": contact.email,
        },
    )
    return cursor.rowcount == 1


async def find_own_contacts(connection: Connection, organizer_id: UUID, ids: Collection[UUID]) -> list[UUID]:
    """Those of these ids that are contacts of the organizer."""
    cursor = await connection.execute(
        statement("find_own_contacts"), {"organizer_id": organizer_id, "contact_ids": list(ids)}
    )
    return [id_ for (id_,) in await cursor.fetchall()]


async def insert_contacts(connection: Connection, organizer_id: UUID, people: Sequence[NewContact]) -> list[UUID]:
    """Adds these people to an organizer's contacts; returns their ids."""
    cursor = await connection.execute(
        statement("insert_contacts"),
        {
            "organizer_id": organizer_id,
            "first_names": [person.first_name for person in people],
            "last_names": [person.last_name for person in people],
            "phone_numbers": [person.phone_number for person in people],
            "emails": [person.email for person in people],
        },
    )
    return [id_ for (id_,) in await cursor.fetchall()]


async def join_crew(connection: Connection, crew_id: UUID, contact_ids: Sequence[UUID]) -> int:
    """Puts contacts into a crew; returns how many were not in it yet."""
    cursor = await connection.execute(statement("join_crew"), {"crew_id": crew_id, "contact_ids": list(contact_ids)})
    return cursor.rowcount


async def leave_crew(connection: Connection, crew_id: UUID, contact_id: UUID) -> None:
    """Takes a contact out of a crew, if they are in it."""
    await connection.execute(statement("leave_crew"), {"crew_id": crew_id, "contact_id": contact_id})
