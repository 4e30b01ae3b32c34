"""The statements on what organizers are asked by text: the reports of a pause, and the questions that follow them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import MessageType

REPORTS = (MessageType.PAUSE_SUMMARY, MessageType.GOAL_MET)
ALL = (*REPORTS, MessageType.CHOOSE_OPTION, MessageType.CONFIRM_STOP)


@dataclass(frozen=True, slots=True)
class Question:
    """A text that left for an organizer and asks for a choice. `waits`: unsettled, and its sync is paused."""

    id: UUID
    type: MessageType
    sync_id: UUID
    waits: bool
    left_at: datetime


async def find_organizers(connection: Connection, phone_number: str) -> list[tuple[UUID, str]]:
    """Who may have this E.164 number: (profile, number as its owner wrote it), also of those texted there before."""
    cursor = await connection.execute(statement("find_organizers_of_number"), {"phone_number": phone_number})
    return await cursor.fetchall()


async def find_numbers(connection: Connection, phone_numbers: Collection[str]) -> set[str]:
    """Those of these E.164 numbers that may be an organizer's."""
    cursor = await connection.execute(statement("find_numbers_of_organizers"), {"phone_numbers": list(phone_numbers)})
    return {number for (number,) in await cursor.fetchall()}


async def find(connection: Connection, phone_number: str, organizer_ids: Collection[UUID]) -> Question | None:
    """The latest question to one of these organizers at this E.164 number; one that waits comes first."""
    cursor = await connection.execute(
        statement("find_question"),
        {"phone_number": phone_number, "organizer_ids": list(organizer_ids), "types": list(ALL)},
    )
    row = await cursor.fetchone()
    return None if row is None else Question(row[0], MessageType(row[1]), *row[2:])


async def find_open(connection: Connection, sync_id: UUID, types: Collection[MessageType] = ALL) -> UUID | None:
    """The newest unsettled question of these types of a sync, whether it has left or is about to."""
    cursor = await connection.execute(statement("find_open_question"), {"sync_id": sync_id, "types": list(types)})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def settle(connection: Connection, sync_id: UUID, types: Collection[MessageType] = ALL) -> None:
    """Marks the questions of these types of a sync as settled."""
    await connection.execute(statement("settle_questions"), {"sync_id": sync_id, "types": list(types)})


async def find_latest_sync(connection: Connection, organizer_ids: Collection[UUID]) -> UUID | None:
    """The newest sync of these organizers, in any state."""
    cursor = await connection.execute(statement("find_latest_sync"), {"organizer_ids": list(organizer_ids)})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def list_active_syncs(connection: Connection, organizer_ids: Collection[UUID], *, limit: int) -> list[UUID]:
    """Up to `limit` running and paused syncs of these organizers, paused ones first, then the newest."""
    cursor = await connection.execute(
        statement("list_active_syncs"), {"organizer_ids": list(organizer_ids), "limit": limit}
    )
    return [id_ for (id_,) in await cursor.fetchall()]


async def were_helped_lately(connection: Connection, organizer_ids: Collection[UUID]) -> bool:
    """Whether a help text to one of these organizers was queued within the last ten minutes."""
    cursor = await connection.execute(statement("were_helped_lately"), {"organizer_ids": list(organizer_ids)})
    row = await cursor.fetchone()
    return bool(row and row[0])
