"""The statements on `auto_sync_calendars`: what organizers want of their calendars, and that one was lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from uuid import UUID

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import MessageType


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an organizer wants: which calendars are looked at (the first takes the events), between which hours of the
    zone that is asked in times are proposed, and how much is to be free before and after what is in a calendar."""

    calendar_ids: tuple[str, ...] = ("primary",)
    day_begins: time = time(9)
    day_ends: time = time(21)
    buffer: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Changes:
    """Some of what is wanted; None: as it was."""

    calendar_ids: tuple[str, ...] | None = None
    day_begins: time | None = None
    day_ends: time | None = None
    buffer: timedelta | None = None

    def of(self, was: Wishes) -> Wishes:
        """All of it."""
        return Wishes(
            was.calendar_ids if self.calendar_ids is None else self.calendar_ids,
            was.day_begins if self.day_begins is None else self.day_begins,
            was.day_ends if self.day_ends is None else self.day_ends,
            was.buffer if self.buffer is None else self.buffer,
        )


@dataclass(frozen=True, slots=True)
class CalendarState:
    """Whether there are tokens, what is wanted, and, where Google let us in no more: since when (aware), and why."""

    is_connected: bool
    wishes: Wishes
    disconnected_at: datetime | None
    disconnected_because: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """The sync in whose name its organizer is told something, and their number as written."""

    sync_id: UUID
    phone_number: str | None


async def find(connection: Connection, user_id: UUID) -> CalendarState:
    """How it stands with this person's calendar; the defaults where nothing was ever said."""
    cursor = await connection.execute(statement("find_calendar"), {"user_id": user_id})
    ((is_connected, calendar_ids, begins, ends, buffer, lost_at, because),) = await cursor.fetchall()
    return CalendarState(is_connected, Wishes(tuple(calendar_ids), begins, ends, buffer), lost_at, because)


async def withdraw_notice(connection: Connection, user_id: UUID, *, cause_id: UUID, reason: str) -> None:
    """Cancels the text of this cause, if it has not left."""
    await connection.execute(
        statement("withdraw_calendar_lost"), {"user_id": user_id, "cause_id": cause_id, "reason": reason}
    )


async def save(connection: Connection, user_id: UUID, wishes: Wishes) -> None:
    """Keeps what they want."""
    calendar_ids: Sequence[str] = list(wishes.calendar_ids)
    await connection.execute(
        statement("save_calendar"),
        {
            "user_id": user_id,
            "calendar_ids": calendar_ids,
            "day_begins": wishes.day_begins,
            "day_ends": wishes.day_ends,
            "buffer": wishes.buffer,
        },
    )


async def note_lost(connection: Connection, user_id: UUID, *, because: str) -> datetime | None:
    """Google lets us in no more, since this moment (aware); None where they have no profile.

    `because`: one sentence for its owner, 200 characters at most.
    """
    cursor = await connection.execute(statement("note_calendar_lost"), {"user_id": user_id, "because": because})
    row = await cursor.fetchone()
    return row[0] if row else None


async def find_place(connection: Connection, organizer_id: UUID) -> Place | None:
    """Where an organizer is told of their calendar: a sync whose event is on its way, or else their latest one."""
    row = await (await connection.execute(statement("find_sync_to_tell_in"), {"user_id": organizer_id})).fetchone()
    return Place(*row) if row else None


async def queue_notice(
    connection: Connection, sync_id: UUID, *, type_: MessageType, cause_id: UUID, body: str, send_after: datetime
) -> None:
    """Queues a text to an organizer that leaves no earlier than `send_after` (aware)."""
    parameters = {
        "sync_id": sync_id,
        "message_type": type_,
        "cause_id": cause_id,
        "body": body,
        "send_after": send_after,
    }
    await connection.execute(statement("queue_calendar_lost"), parameters)


async def note_connected(connection: Connection, user_id: UUID) -> None:
    """It is connected (again)."""
    await connection.execute(statement("note_calendar_connected"), {"user_id": user_id})


async def note_left(connection: Connection, user_id: UUID) -> None:
    """Its owner has disconnected it; the hours that they prefer stay."""
    await connection.execute(statement("note_calendar_left"), {"user_id": user_id})
