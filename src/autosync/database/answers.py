"""The statements on what people answer: texts that came in, and responses."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement


@dataclass(frozen=True, slots=True)
class Ask:
    """A text that asked somebody for times: the initial one or a reminder."""

    message_id: UUID
    sync_id: UUID
    contact_id: UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """The ask that a text answers. `open`: its sync takes answers; `waits`: it does, and has none since this ask."""

    ask: Ask
    open: bool
    waits: bool
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a text that came in, in one sentence, and whose text in which sync it was."""

    sentence: str
    sync_id: UUID | None = None
    contact_id: UUID | None = None


async def keep_inbound(
    connection: Connection, *, gateway: str, gateway_message_id: str, phone_number: str, body: str
) -> UUID | None:
    """Keeps a text that came in and returns its id; None if it has been there."""
    cursor = await connection.execute(
        statement("insert_inbound"),
        {
            "gateway": gateway,
            "gateway_message_id": gateway_message_id,
            "phone_number": phone_number,
            "body": body,
        },
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def close_inbound(connection: Connection, inbound_id: UUID, outcome: Outcome) -> None:
    """Notes what became of a text that came in."""
    await connection.execute(
        statement("close_inbound"),
        {
            "id": inbound_id,
            "outcome": outcome.sentence,
            "sync_id": outcome.sync_id,
            "contact_id": outcome.contact_id,
        },
    )


async def find_ask(connection: Connection, phone_number: str) -> Asked | None:
    """The ask that a text from this E.164 number answers, if there is any."""
    cursor = await connection.execute(statement("find_ask"), {"phone_number": phone_number})
    row = await cursor.fetchone()
    return None if row is None else Asked(Ask(*row[:3]), *row[3:])


async def is_invitee(connection: Connection, sync_id: UUID, contact_id: UUID) -> bool:
    """Whether this contact was asked in this sync."""
    cursor = await connection.execute(statement("is_invitee"), {"sync_id": sync_id, "contact_id": contact_id})
    row = await cursor.fetchone()
    return bool(row and row[0])


async def save(connection: Connection, sync_id: UUID, contact_id: UUID, option_ids: Collection[UUID]) -> None:
    """Keeps somebody's answer, the options that they can make; none: not available. Resolves their asks."""
    await connection.execute(
        statement("save_answer"),
        {
            "sync_id": sync_id,
            "contact_id": contact_id,
            "option_ids": list(option_ids),
            "response_type": "available" if option_ids else "not_available",
        },
    )
    await connection.execute(statement("resolve_asks"), {"sync_id": sync_id, "contact_id": contact_id})
