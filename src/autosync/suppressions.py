"""An operator's verbs on the list of numbers that said stop: add, remove, list.

Adding waits for texts that are on their way to the number, as a STOP by text does, so that nothing leaves after it is
stored. Removing asks nobody: that the person wants texts again is the operator's word. Both are noted, without the
number.
"""

from __future__ import annotations

from autosync.database import interventions, suppressions
from autosync.database.pool import Connection
from autosync.database.suppressions import Suppression, list_suppressions
from autosync.model import Refused, Unusable

__all__ = ["Suppression", "add", "list_suppressions", "remove"]

LONGEST_REASON = 200


async def add(connection: Connection, phone_number: str, *, reason: str, who: str) -> bool:
    """Suppresses an E.164 number for every organizer; False if it was already, which stays as it was.

    Raises Unusable where the reason is missing or too long.
    """
    reason = reason.strip()
    if not reason:
        raise Unusable("There is no reason: say in a few words why this number must not be texted.")
    if len(reason) > LONGEST_REASON:
        raise Unusable(f"The reason has {len(reason)} characters; at most {LONGEST_REASON} are kept.")
    async with connection.transaction():
        added = await suppressions.suppress(connection, phone_number, source="operator", reason=reason)
        if added:
            await interventions.record(connection, "suppressions add", [(None, None)], who=who)
    return added


async def remove(connection: Connection, phone_number: str, *, who: str) -> None:
    """Lets an E.164 number be texted again. Raises Refused if it was not suppressed."""
    async with connection.transaction():
        if not await suppressions.lift(connection, phone_number):
            raise Refused(f"{phone_number} is not suppressed, so there is nothing to remove.")
        await interventions.record(connection, "suppressions remove", [(None, None)], who=who)
