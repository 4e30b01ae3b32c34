"""Notes that Google lets us into somebody's calendar no more, and tells its owner so, once, by text.

Whoever noticed it, the text is queued in the transaction of the note, so no crash can part them. Where there is no sync
yet in whose name an organizer could be told, the pages say it, which they do in any case.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from autosync import quiet_hours, texts
from autosync.database import calendars, clock, syncs
from autosync.database.pool import Connection
from autosync.model import MessageType
from autosync.phone_numbers import UntextableNumber, to_e164


class CalendarLosses:
    """Knows how its owner is told of a loss."""

    def __init__(self, *, region: str, page: str | None = None) -> None:
        """`region`: of numbers without a country code; `page`: the address where a calendar is connected again."""
        self._region = region
        self._page = page

    async def note(self, connection: Connection, user_id: UUID, *, because: str) -> None:
        """Does both in the caller's transaction; `because`: one sentence for its owner, 200 characters at most."""
        lost_at = await calendars.note_lost(connection, user_id, because=because)
        place = await calendars.find_place(connection, user_id) if lost_at else None
        sync = await syncs.load(connection, place.sync_id) if place else None
        if lost_at is None or place is None or sync is None:
            return
        now, _ = await clock.read(connection)
        await calendars.queue_notice(
            connection,
            sync.id,
            # A type that the release before knows, too: it shares the queue while machines are upgraded one by one.
            type_=MessageType.STATUS,
            cause_id=_cause(user_id, lost_at),
            body=texts.calendar_lost(sync, address=self._page),
            send_after=self._awake(place.phone_number, sync.timezone, now),
        )

    async def withdraw(self, connection: Connection, user_id: UUID, *, reason: str) -> None:
        """Before somebody connects or disconnects it themselves: they know, so a text that waits does not leave."""
        lost_at = (await calendars.find(connection, user_id)).disconnected_at
        if lost_at is not None:
            await calendars.withdraw_notice(connection, user_id, cause_id=_cause(user_id, lost_at), reason=reason)

    def _awake(self, phone_number: str | None, timezone: str, now: datetime) -> datetime:
        """When the organizer may be told: it answers nothing that they have just done, so not at night."""
        try:
            number = to_e164(phone_number or "", default_region=self._region)
        except UntextableNumber:
            return now  # the dispatcher says so, and why
        return quiet_hours.next_awake(number, fallback=timezone, now=now)


def _cause(user_id: UUID, lost_at: datetime) -> UUID:
    return uuid5(user_id, lost_at.isoformat())
