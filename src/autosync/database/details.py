"""One sync with all that hangs on it, as a document for whoever looks at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from autosync import texts
from autosync.database import syncs
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Invitee, Option, Sync, full_name


async def sync_document(connection: Connection, sync_id: UUID) -> dict[str, Any] | None:
    """The sync with its options and how many can make each, who answered what, its jobs and its texts.

    Keys: id, organizer_id, organizer, event_name, event_location, status, timezone, response_goal, options, invitees,
    jobs, texts; times are aware. None if there is no such sync.
    """
    sync = await syncs.load(connection, sync_id)
    owner = await (await connection.execute(statement("find_sync_owner"), {"sync_id": sync_id})).fetchone()
    if sync is None or owner is None:
        return None
    jobs = await (await connection.execute(statement("list_sync_jobs"), {"sync_id": sync_id})).fetchall()
    messages = await (await connection.execute(statement("list_sync_texts"), {"sync_id": sync_id})).fetchall()
    tally = texts.counts(sync)
    return {
        "id": sync.id,
        "organizer_id": owner[0],
        "organizer": sync.organizer_name,
        "event_name": sync.event_name,
        "event_location": sync.event_location,
        "status": sync.status,
        "timezone": sync.timezone,
        "response_goal": sync.response_goal,
        "options": [
            {
                "id": option.id,
                "number": option.number,
                "start": option.start,
                "end": option.end,
                "when": _when(option, sync.timezone),
                "can": tally[option.id],
            }
            for option in sync.options
        ],
        "invitees": [{"name": invitee.name, "answer": _answer(sync, invitee)} for invitee in sync.invitees],
        "jobs": [
            {
                "id": id_,
                "job_type": job_type,
                "status": status,
                "scheduled_at": scheduled_at,
                "processed_at": processed_at,
                "reason": reason,
            }
            for id_, job_type, status, scheduled_at, processed_at, reason in jobs
        ],
        "texts": [
            {
                "id": id_,
                "type": type_,
                "to": full_name(first, last) if contact_id else "organizer",
                "status": status,
                "at": at,
                "reason": reason,
                "body": body,
            }
            for id_, type_, contact_id, first, last, status, at, reason, body in messages
        ],
    }


def _when(option: Option, timezone: str) -> str:
    """As people read it; in UTC where another client has written a time zone that is none."""
    try:
        return texts.when(option, timezone)
    except ValueError:
        return texts.when(option, "UTC")


def _answer(sync: Sync, invitee: Invitee) -> str:
    if invitee.answer is None:
        return "none yet"
    numbers = [str(option.number) for option in sync.options if option.id in invitee.answer]
    return ", ".join(numbers) or "not available"
