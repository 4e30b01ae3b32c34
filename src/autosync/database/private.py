"""The statements that show, and delete, everything about a person."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.questions import REPORTS
from autosync.database.statements import statement
from autosync.model import MessageType


@dataclass(frozen=True, slots=True)
class Report:
    """A report to an organizer that has lost its words and may still leave."""

    id: UUID
    sync_id: UUID
    type: MessageType


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
) -> tuple[dict[str, int], list[Report]]:
    """Deletes them, in the caller's transaction, holding the syncs that they were asked in: how many rows of each kind.

    And the reports that may still leave, to be written anew before the transaction ends.
    """
    parameters = {"contact_ids": list(contact_ids), "numbers": list(numbers), "organizer_id": organizer_id}

    async def run(name: str) -> int:
        return (await connection.execute(statement(name), parameters)).rowcount

    await run("lock_syncs_asked_in")  # so that nobody writes, or claims, a report on them meanwhile
    cursor = await connection.execute(statement("forget_words_about"), {**parameters, "types": list(REPORTS)})
    reports = await cursor.fetchall()
    received = await run("forget_inbound")
    contacts = await run("delete_contacts")
    organizers = await run("delete_profile") if organizer_id is not None else 0
    reworded = len(reports) + await run("forget_texts_to_numbers")
    await run("forget_numbers")
    deleted = {"contacts": contacts, "organizers": organizers, "received texts": received, "reworded texts": reworded}
    return deleted, [
        Report(id_, sync_id, MessageType(type_)) for id_, sync_id, type_, may_leave in reports if may_leave
    ]


async def write_anew(connection: Connection, written: Sequence[tuple[Report, str | None, str | None]]) -> None:
    """Gives these reports their words, or none and the reason."""
    reports, bodies, reasons = zip(*written, strict=True)
    await connection.execute(
        statement("write_anew"),
        {"message_ids": [report.id for report in reports], "bodies": list(bodies), "reasons": list(reasons)},
    )
