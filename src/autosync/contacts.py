"""An organizer's contacts and crews: brings people in, one or those of an address-book file, and writes them anew.

Each verb is one transaction: all good rows go in, or none. The same person, by number, never goes in twice, however
often they are added. It reads no file itself: bytes come in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from autosync.address_book import AddressBook, BadRow, Person, read_address_book
from autosync.database import people
from autosync.database.people import Contact, Crew, NewContact
from autosync.database.pool import Connection
from autosync.model import Refused, Unusable, full_name
from autosync.phone_numbers import UntextableNumber, to_e164

LONGEST_CREW_NAME = 100
LONGEST_NAME = 100
LONGEST_EMAIL = 320
MOST_REASONS = 5


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did. `added`: new contacts; `known`: people that the organizer had; `joined`: new in the crew."""

    crew_id: UUID
    crew_name: str
    added: int
    known: int
    joined: int
    bad_rows: tuple[BadRow, ...]


async def import_address_book(
    connection: Connection, data: bytes, *, organizer_id: UUID, crew: str, region: str
) -> Imported:
    """Imports a vCard or CSV file; `crew` is a name (made if missing) or an id; `region` as in settings.

    Raises UnreadableAddressBook where the file is neither, Refused for a missing organizer or an ambiguous crew.
    """
    book = read_address_book(data, default_region=region)
    return await bring_in(connection, book, organizer_id=organizer_id, crew=crew, region=region)


async def bring_in(
    connection: Connection, book: AddressBook, *, organizer_id: UUID, crew: str, region: str
) -> Imported:
    """The same with an address book that is read already, which takes seconds for a large one."""
    name = _crew_name(crew)
    if not book.people:
        raise Refused(f"The file has no usable row. {_listed(book.bad_rows)}")
    async with connection.transaction():
        if not await people.lock_address_book(connection, organizer_id):
            raise Refused(f"There is no organizer {organizer_id}: `autosync organizers list` shows them.")
        found = await people.find_crews(connection, organizer_id, name)
        if len(found) > 1:
            raise Refused(f"The organizer has {len(found)} crews named {name!r}: give the id of one.")
        into = found[0] if found else await people.insert_crew(connection, organizer_id, name)
        known = await _known_numbers(connection, organizer_id, region)
        new = [person for person in book.people if person.phone_number not in known]
        added = await people.insert_contacts(
            connection,
            organizer_id,
            [_contact_of(person) for person in new],
        )
        everybody = [*(known[p.phone_number] for p in book.people if p.phone_number in known), *added]
        joined = await people.join_crew(connection, into.id, everybody)
    return Imported(into.id, into.name, len(added), len(book.people) - len(added), joined, book.bad_rows)


async def add_contact(
    connection: Connection, new: NewContact, *, organizer_id: UUID, region: str
) -> tuple[Contact, bool]:
    """Adds one person, whose number may be written in any way: the contact, and whether it is new.

    Raises UntextableNumber, and Refused for a missing organizer.
    """
    number = to_e164(new.phone_number, default_region=region)
    async with connection.transaction():
        if not await people.lock_address_book(connection, organizer_id):
            raise Refused("This account has no profile yet, so it can have no contacts.")
        known = (await _known_numbers(connection, organizer_id, region)).get(number)
        person = replace(new, phone_number=number)
        id_ = known or (await people.insert_contacts(connection, organizer_id, [person]))[0]
        contact = await people.find_contact(connection, organizer_id, id_)
        if contact is None:
            raise Refused("This contact was deleted by somebody else just now; try again.")
    return contact, known is None


async def edit_contact(connection: Connection, contact: Contact, *, organizer_id: UUID, region: str) -> Contact | None:
    """Writes a contact anew, whose number may be written in any way, or be left as it was; None: there is none such.

    Raises UntextableNumber, Unusable for a person without a first name, and Refused where another contact has the
    number.
    """
    first_name, last_name = contact.first_name.strip(), (contact.last_name or "").strip()
    if not first_name:
        raise Unusable("A contact needs a first name.")
    async with connection.transaction():
        await people.lock_address_book(connection, organizer_id)
        before = await people.find_contact(connection, organizer_id, contact.id)
        if before is None:
            return None
        number = contact.phone_number
        if number != before.phone_number:
            number = to_e164(number or "", default_region=region)
            await _refuse_known_number(connection, number, contact.id, organizer_id=organizer_id, region=region)
        after = Contact(contact.id, first_name, last_name or None, number, (contact.email or "").strip() or None)
        return after if await people.update_contact(connection, organizer_id, after) else None


async def _refuse_known_number(
    connection: Connection, number: str, contact_id: UUID, *, organizer_id: UUID, region: str
) -> None:
    """Raises Refused where another contact of the organizer has this number."""
    known = (await _known_numbers(connection, organizer_id, region)).get(number)
    if known in (None, contact_id):
        return
    other = await people.find_contact(connection, organizer_id, known)
    name = full_name(other.first_name, other.last_name) if other else "somebody else"
    raise Refused(f"You have this number already, as that of {name or 'a contact without a name'}.")


async def add_crew(connection: Connection, name: str, *, organizer_id: UUID) -> tuple[Crew, bool]:
    """Makes a crew without members, unless there is one of this name: the crew, and whether it is new.

    Raises Unusable for a name that is none, Refused for a missing organizer.
    """
    name = _crew_name(name)
    async with connection.transaction():
        if not await people.lock_address_book(connection, organizer_id):
            raise Refused("This account has no profile yet, so it can have no crews.")
        found = [crew for crew in await people.find_crews(connection, organizer_id, name) if crew.name == name]
        if found:
            return found[0], False
        return await people.insert_crew(connection, organizer_id, name), True


async def rename_crew(connection: Connection, crew_id: UUID, name: str, *, organizer_id: UUID) -> bool:
    """Gives a crew another name; False: there is none such. Raises Unusable for no name, Refused for a taken one."""
    name = _crew_name(name)
    async with connection.transaction():
        await people.lock_address_book(connection, organizer_id)
        found = await people.find_crews(connection, organizer_id, name)
        if any(crew.name == name and crew.id != crew_id for crew in found):
            raise Refused("You have another crew of this name.")
        return await people.rename_crew(connection, organizer_id, crew_id, name)


async def delete_crew(connection: Connection, crew_id: UUID, *, organizer_id: UUID) -> bool:
    """Deletes a crew, but nobody in it; its syncs stay and go on without it. False: there is none such."""
    async with connection.transaction():
        return await people.delete_crew(connection, organizer_id, crew_id)


def _contact_of(person: Person) -> NewContact:
    """As it goes in: files hold whatever somebody typed or pasted, the address book takes names of a sane length."""
    email = person.email if person.email and len(person.email) <= LONGEST_EMAIL else None
    return NewContact(person.first_name[:LONGEST_NAME], person.last_name[:LONGEST_NAME], person.phone_number, email)


def _crew_name(name: str) -> str:
    if not 0 < len(name.strip()) <= LONGEST_CREW_NAME:
        raise Unusable(f"A crew's name has 1 to {LONGEST_CREW_NAME} characters.")
    return name.strip()


async def _known_numbers(connection: Connection, organizer_id: UUID, region: str) -> dict[str, UUID]:
    """The organizer's contacts by E.164 number, in whatever way it was written down; the oldest where two share one."""
    known: dict[str, UUID] = {}
    for contact_id, number in await people.list_numbers(connection, organizer_id):
        try:
            known.setdefault(to_e164(number, default_region=region), contact_id)
        except UntextableNumber:
            continue  # such a number cannot be in the file either
    return known


def _listed(bad_rows: Sequence[BadRow]) -> str:
    shown = " ".join(f"Line {bad.line}: {bad.reason}" for bad in bad_rows[:MOST_REASONS])
    rest = len(bad_rows) - MOST_REASONS
    return f"{shown} And {rest} more." if rest > 0 else shown
