"""What one invitee may see of a sync that they were asked in: their own answer, and nothing of anybody else's."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from autosync.database import clock, syncs
from autosync.database.answers import Ask
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import EventStatus, Option, Sync


@dataclass(frozen=True, slots=True)
class Invitation:
    """An ask and its sync (without invitees) at the time `now`, aware.

    `phone_number` as the organizer wrote it; `answer`: the ids of the options that they can make, None while there is
    no answer; `chosen`: the option that invites were sent for last, None as long as there is none; `event_status`: what
    has become of its event since, and `event_sequence`, how often it was changed.
    """

    ask: Ask
    sync: Sync
    first_name: str | None
    phone_number: str | None
    answer: frozenset[UUID] | None
    chosen: Option | None
    event_status: EventStatus
    event_sequence: int
    now: datetime


async def load(connection: Connection, message_id: UUID) -> Invitation | None:
    """The invitation that a text of this id brought, None if there is none (any more). Four statements."""
    cursor = await connection.execute(statement("load_invitation"), {"message_id": message_id})
    row = await cursor.fetchone()
    if row is None:
        return None
    id_, sync_id, contact_id, first_name, phone_number, can_make, chosen_id, event_status, sequence = row
    found = await (await connection.execute(statement("load_syncs"), {"sync_ids": [sync_id]})).fetchone()
    if found is None:
        return None
    options = (await syncs.load_options(connection, [sync_id])).get(sync_id, ())
    now, _ = await clock.read(connection)
    return Invitation(
        ask=Ask(id_, sync_id, contact_id),
        sync=replace(syncs.to_sync(found), options=options),
        first_name=first_name,
        phone_number=phone_number,
        answer=None if can_make is None else frozenset(can_make),
        chosen=next((option for option in options if str(option.id) == chosen_id), None),
        event_status=EventStatus(event_status or EventStatus.CONFIRMED),
        event_sequence=sequence or 0,
        now=now,
    )
