"""An operator's verbs on sending as a whole: pause it, resume it, say what is paused; everybody's, or one organizer's.

A pause is a row, so it holds at once for every dispatcher, and for those that are started later. What has been handed
to the gateway arrives. While one organizer's sending is paused, their texts are held one by one, with the reason; while
everybody's is, no text is taken up at all. Resuming lets what was held leave a tenth of a second apart.
"""

from __future__ import annotations

from uuid import UUID

import psycopg

from autosync.database import interventions, pauses
from autosync.database.pauses import Pause, count_waiting, list_all
from autosync.database.pool import Connection
from autosync.model import Refused, Unusable

__all__ = ["Pause", "count_waiting", "list_all", "pause", "resume"]

LONGEST_REASON = 200


async def pause(connection: Connection, organizer_id: UUID | None, *, reason: str, who: str) -> None:
    """Keeps texts from leaving until `resume`. `organizer_id`: whose; None: everybody's. `who`: kept with it.

    Raises Unusable where the reason is missing or too long, Refused where it is paused already or for nobody.
    """
    reason = " ".join(reason.split())
    if not reason:
        raise Unusable("There is no reason: say in a few words why no text may leave.")
    if len(reason) > LONGEST_REASON:
        raise Unusable(f"The reason has {len(reason)} characters; at most {LONGEST_REASON} are kept.")
    try:
        async with connection.transaction():
            paused = await pauses.pause(connection, organizer_id, paused_by=who[:LONGEST_REASON], reason=reason)
            if paused:
                await interventions.record(connection, "sending pause", [(None, organizer_id)], who=who)
    except psycopg.errors.ForeignKeyViolation:
        raise Refused(f"There is no organizer {organizer_id}: `autosync organizers list` shows them.") from None
    if not paused:
        raise Refused("That is paused already: `autosync sending status` says by whom and why.")


async def resume(connection: Connection, organizer_id: UUID | None, *, who: str) -> int:
    """Lets texts leave again; returns how many had been held one by one. Raises Refused where nothing was paused."""
    async with connection.transaction():
        if not await pauses.resume(connection, organizer_id):
            raise Refused("That is not paused: `autosync sending status` says what is.")
        released = await pauses.release(connection, organizer_id) if organizer_id is not None else 0
        await interventions.record(connection, "sending resume", [(None, organizer_id)], who=who)
    return released
