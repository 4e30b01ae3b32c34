"""The statements on `auto_sync_events`: what is to stand in organizers' calendars, claimed, recorded, shown.

Rows are made and changed by the triggers of syncs, options and connected calendars, whoever writes these.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from autosync.database import arrays
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.explanations import EventFacts, presentable
from autosync.model import Delivery, EventStatus, Option, ResponseGoal, Sync, SyncStatus

LEASE = timedelta(seconds=120)
"""How long a claimed event counts as being sent; longer than any inviter works on one."""

LONGEST_REASON = 400


@dataclass(frozen=True, slots=True)
class Claimed:
    """An event that this process, and no other, is putting into a calendar: its attempt fences a late result.

    `known_sequence`: the last that the calendar is known to have; `in_doubt`: an earlier attempt may have done more.
    `failing_for`: since when attempts at this sequence have come to nothing.
    """

    sync_id: UUID
    organizer_id: UUID
    attempt: int
    option_id: UUID
    status: EventStatus
    sequence: int
    known_sequence: int | None
    in_doubt: bool
    calendar_id: str
    is_over: bool
    failing_for: timedelta


@dataclass(frozen=True, slots=True)
class Told:
    """What an event tells: of which sync (without invitees), for when, and to whom (addresses as written)."""

    sync: Sync
    chosen: Option
    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an attempt. `pause`: until it is tried, or looked at, again; `is_failing`: it came to nothing.

    `forget_calendar`: there is no such calendar, so another may be chosen. `is_disconnected`: no calendar is connected.
    `calendar_id`: the address of the calendar that has it, once known; `has_begun`: False leaves what was said before.
    """

    delivery: Delivery
    known_sequence: int | None
    in_doubt: bool = False
    reason: str | None = None
    pause: timedelta | None = None
    is_failing: bool = False
    forget_calendar: bool = False
    is_disconnected: bool = False
    calendar_id: str | None = None
    has_begun: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of a list of events. `event_name`: None where the sync is gone."""

    sync_id: UUID
    event_name: str | None
    status: EventStatus
    sequence: int
    delivery: Delivery
    attempt: int
    next_attempt_at: datetime | None
    changed_at: datetime
    reason: str | None


@dataclass(frozen=True, slots=True)
class Due:
    """The project's now, and when the next event is due (None: none will be); both aware."""

    now: datetime
    event: datetime | None


async def claim(connection: Connection, *, limit: int) -> tuple[list[Claimed], dict[UUID, Told]]:
    """Marks up to `limit` due events as being sent; and what each tells, by sync, as far as it is still there."""
    cursor = await connection.execute(statement("claim_due_events"), {"limit": limit})
    claimed = [
        Claimed(sync_id, organizer_id, attempt, option_id, EventStatus(status), *rest)
        for sync_id, organizer_id, attempt, option_id, status, *rest in await cursor.fetchall()
    ]
    return claimed, await _load_told(connection, claimed) if claimed else {}


async def _load_told(connection: Connection, claimed: Sequence[Claimed]) -> dict[UUID, Told]:
    cursor = await connection.execute(
        statement("load_event_facts"),
        {
            "sync_ids": arrays.uuids(event.sync_id for event in claimed),
            "option_ids": arrays.uuids(event.option_id for event in claimed),
            "owner_ids": arrays.uuids(event.organizer_id for event in claimed),
            "organizer_ids": arrays.uuids({event.organizer_id for event in claimed}),
        },
    )
    chosen = {event.sync_id: event.option_id for event in claimed}
    return {
        sync_id: Told(
            Sync(sync_id, SyncStatus.COMPLETED, name, place, timezone, ResponseGoal.EVERYONE, "", ()),
            Option(chosen[sync_id], number, start, end),
            tuple(addresses),
        )
        for sync_id, name, place, timezone, number, start, end, addresses in await cursor.fetchall()
    }


async def record(connection: Connection, event: Claimed, result: Result) -> Delivery | None:
    """Records what became of a claimed event; where it is now, None where a later attempt has begun."""
    parameters = {
        "sync_id": event.sync_id,
        "attempt": event.attempt,
        "sequence": event.sequence,
        "delivery": result.delivery,
        "known_sequence": result.known_sequence,
        "in_doubt": result.in_doubt,
        "reason": None if result.reason is None else result.reason[:LONGEST_REASON],
        "pause": result.pause,
        "is_failing": result.is_failing,
        "forget_calendar": result.forget_calendar,
        "is_disconnected": result.is_disconnected,
        "calendar_id": result.calendar_id,
        "has_begun": result.has_begun,
    }
    async with connection.transaction():
        await connection.execute(statement("lock_events"), {"sync_ids": [event.sync_id]})
        row = await (await connection.execute(statement("record_event"), parameters)).fetchone()
    return Delivery(row[0]) if row else None


async def give_up_stale(connection: Connection) -> int:
    """Puts events in doubt whose inviter has not reported back within its lease; returns how many."""
    return (await connection.execute(statement("give_up_stale_events"), {"lease": LEASE})).rowcount


async def next_due(connection: Connection) -> Due:
    """When the next event is due."""
    row = await (await connection.execute(statement("next_event_at"))).fetchone()
    assert row is not None, "next_event_at returns one row"  # noqa: S101
    return Due(*row)


async def find(connection: Connection, sync_id: UUID) -> EventFacts | None:
    """The calendar's part of a sync, also for its organizer themselves; None: no time was ever chosen."""
    row = await (await connection.execute(statement("find_event"), {"sync_id": sync_id})).fetchone()
    if row is None:
        return None
    id_, status, sequence, option_id, delivery, known, attempt, claimed_at, due_at, reason, changed_at = row
    return EventFacts(
        id_, EventStatus(status), sequence, option_id, Delivery(delivery), known, attempt, claimed_at, due_at,
        presentable(reason), changed_at,
    )  # fmt: skip


async def list_all(connection: Connection, *, delivery: Delivery | None, limit: int) -> list[Listed]:
    """Up to `limit` events, the last changed first, in one state of delivery or in any (None)."""
    cursor = await connection.execute(statement("list_events"), {"delivery": delivery, "limit": limit})
    return [
        Listed(
            sync_id, name, EventStatus(status), sequence, Delivery(state), attempt, due_at, changed, presentable(why)
        )
        for sync_id, name, status, sequence, state, attempt, due_at, changed, why in await cursor.fetchall()
    ]


async def lock(connection: Connection, sync_id: UUID) -> tuple[Delivery, bool] | None:
    """Where an event is, and whether its organizer has a calendar connected; locks it. None: there is none."""
    row = await (await connection.execute(statement("lock_event"), {"sync_id": sync_id})).fetchone()
    return (Delivery(row[0]), row[1]) if row else None


async def keep(connection: Connection, sync_id: UUID) -> None:
    """Makes the event of a completed sync that has none; locks the sync."""
    await connection.execute(statement("keep_event"), {"sync_id": sync_id})


async def requeue(connection: Connection, sync_id: UUID) -> None:
    """Makes a locked event due that is not in flight."""
    await connection.execute(statement("requeue_event"), {"sync_id": sync_id})


async def requeue_of_organizer(connection: Connection, organizer_id: UUID) -> None:
    """Makes due what lies ahead and is in no calendar, or was refused: they have another calendar than before."""
    await connection.execute(statement("requeue_events_of_organizer"), {"organizer_id": organizer_id})


async def delete_orphaned(connection: Connection, *, limit: int) -> int:
    """Deletes up to `limit` events of deleted syncs of which nothing is left to do; returns how many."""
    return (await connection.execute(statement("delete_orphaned_events"), {"limit": limit})).rowcount


async def count(connection: Connection) -> dict[str, int]:
    """How many events are due, waiting, sending, unknown or failed, each counted up to 10,000."""
    cursor = await connection.execute(statement("count_open_events"))
    return dict(await cursor.fetchall())
