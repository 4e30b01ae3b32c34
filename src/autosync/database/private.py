"""The statements that show, and delete, everything about a person."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement


async def find_contacts(
    connection: Connection, *, contact_ids: Collection[UUID] = (), numbers: Collection[str] = ()
) -> list[tuple[UUID, UUID, str | None]]:
    """(id, organizer, number as written) of these contacts, and of all whose number may be one of these (E.164)."""
    parameters = {"contact_ids": list(contact_ids), "endings": [number[-7:] for number in numbers]}
    return list(await (await connection.execute(statement("find_contacts_by_ending"), parameters)).fetchall())


async def list_people_of(connection: Connection, organizer_id: UUID) -> list[tuple[UUID | None, str | None]]:
    """(id, number as written) of an organizer's contacts, and of themselves (None); empty: there is none such."""
    parameters = {"organizer_id": organizer_id}
    return list(await (await connection.execute(statement("list_people_of"), parameters)).fetchall())


async def export_people(
    connection: Connection, contact_ids: Collection[UUID], numbers: Collection[str]
) -> dict[str, Any]:
    """Everything about these contacts and numbers (E.164)."""
    parameters = {"contact_ids": list(contact_ids), "numbers": list(numbers)}
    row = await (await connection.execute(statement("export_people"), parameters)).fetchone()
    return dict(row[0]) if row else {}


async def export_organizer(connection: Connection, organizer_id: UUID, numbers: Collection[str]) -> dict[str, Any]:
    """Everything about this organizer; empty: there is none."""
    parameters = {"organizer_id": organizer_id, "numbers": list(numbers)}
    row = await (await connection.execute(statement("export_organizer"), parameters)).fetchone()
    return dict(row[0]) if row else {}


async def delete(
    connection: Connection, contact_ids: Collection[UUID], numbers: Collection[str], organizer_id: UUID | None
) -> dict[str, int]:
    """Deletes them, in the caller's transaction; how many rows of each kind."""
    parameters = {"contact_ids": list(contact_ids), "numbers": list(numbers), "organizer_id": organizer_id}

    async def run(name: str) -> int:
        return (await connection.execute(statement(name), parameters)).rowcount

    reworded = await run("forget_words_about")
    received = await run("forget_inbound")
    contacts = await run("delete_contacts")
    organizers = await run("delete_profile") if organizer_id is not None else 0
    reworded += await run("forget_texts_to_numbers")
    await run("forget_numbers")
    return {"contacts": contacts, "organizers": organizers, "received texts": received, "reworded texts": reworded}
