"""One sync with all that hangs on it, as a document for whoever looks at it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from autosync import calendar_words, texts
from autosync.database import events, own_syncs, syncs
from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Invitee, Sync, full_name


async def sync_document(connection: Connection, sync_id: UUID, *, is_set_up: bool = True) -> dict[str, Any] | None:
    """The sync with its options and who can make each, who answered what, its jobs and its texts.

    Keys: id, organizer_id, organizer, event_name, event_location, status, timezone, response_goal, options,
    best_options (the numbers that most can make), invitees, jobs, texts, calendar (None as long as no time was chosen);
    times are aware. None: there is no such sync. `is_set_up`: whether calendars can be reached from here.
    """
    sync = await syncs.load(connection, sync_id)
    owner = await syncs.find_owner(connection, sync_id)
    if sync is None or owner is None:
        return None
    return await _document(connection, sync, owner, is_set_up=is_set_up)


async def own_sync_document(
    connection: Connection, organizer_id: UUID, sync_id: UUID, *, is_set_up: bool = True
) -> dict[str, Any] | None:
    """The same of one of the organizer's own syncs, for a connection that acts as them; None if they have none such."""
    sync = await own_syncs.load_own(connection, organizer_id, sync_id)
    return None if sync is None else await _document(connection, sync, organizer_id, is_set_up=is_set_up)


async def _document(connection: Connection, sync: Sync, owner: UUID, *, is_set_up: bool) -> dict[str, Any]:
    jobs = await (await connection.execute(statement("list_sync_jobs"), {"sync_id": sync.id})).fetchall()
    event = await events.find(connection, sync.id)
    messages = await (await connection.execute(statement("list_sync_texts"), {"sync_id": sync.id})).fetchall()
    tally = texts.counts(sync)
    most = max(tally.values(), default=0)
    return {
        "id": sync.id,
        "organizer_id": owner,
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
                "when": texts.when_shown(option, sync.timezone),
                "can": tally[option.id],
                "who": [invitee.name for invitee in sync.invitees if option.id in (invitee.answer or ())],
            }
            for option in sync.options
        ],
        "best_options": [option.number for option in sync.options if tally[option.id] == most > 0],
        "invitees": [
            {
                "contact_id": invitee.contact_id,
                "name": invitee.name,
                "answer": _answer(sync, invitee),
                "options": _numbers(sync, invitee),
            }
            for invitee in sync.invitees
        ],
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
        "calendar": None
        if event is None
        else {
            "wanted": event.status,
            "delivery": event.delivery,
            "sequence": event.sequence,
            "in_words": calendar_words.standing(event.status, event.delivery, event.reason, is_set_up=is_set_up),
        },
    }


def _numbers(sync: Sync, invitee: Invitee) -> list[int] | None:
    """The numbers of the options that somebody can make; None while there is no answer."""
    answer = invitee.answer
    return None if answer is None else [option.number for option in sync.options if option.id in answer]


def _answer(sync: Sync, invitee: Invitee) -> str:
    numbers = _numbers(sync, invitee)
    if numbers is None:
        return "none yet"
    return ", ".join(map(str, numbers)) or "not available"
