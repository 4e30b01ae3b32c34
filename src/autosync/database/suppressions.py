"""The statements on `auto_sync_suppressions`, the numbers that said stop; each is found by its keyed hash."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from autosync.database import messages
from autosync.database.pool import Connection
from autosync.database.statements import statement

Source = Literal["inbound", "operator", "gateway"]
"""Who said so: the person by text, an operator by hand, or the carrier by refusing a text."""


@dataclass(frozen=True, slots=True)
class Suppression:
    """A number that is texted by nobody; `phone_number`: E.164, None once nobody has it any more."""

    phone_number: str | None
    suppressed_at: datetime
    source: Source
    reason: str


async def suppress(connection: Connection, phone_number: str, *, source: Source, reason: str) -> bool:
    """Takes an E.164 number off every organizer's list; False if it was off already. Call it in a transaction.

    Nothing leaves for the number once this is stored: what is on its way is waited for first. Whoever lets the number
    go at the same moment waits for this, so that it is forgotten then.
    """
    await messages.wait_for_departures_to_number(connection, phone_number)
    await connection.execute(statement("lock_holders_of_number"), {"phone_number": phone_number})
    cursor = await connection.execute(
        statement("suppress_number"), {"phone_number": phone_number, "source": source, "reason": reason}
    )
    return cursor.rowcount > 0


async def lift(connection: Connection, phone_number: str) -> bool:
    """Lets an E.164 number be texted again; False if it was not suppressed. Call it in a transaction.

    A suppression that still waits for texts on their way is waited for: who said it first has not the last word.
    """
    await connection.execute(statement("lock_number_for_suppressing"), {"phone_number": phone_number})
    cursor = await connection.execute(statement("lift_suppression"), {"phone_number": phone_number})
    return cursor.rowcount > 0


async def list_suppressions(connection: Connection, *, limit: int) -> list[Suppression]:
    """Up to `limit` suppressed numbers, the newest first."""
    cursor = await connection.execute(statement("list_suppressions"), {"limit": limit})
    return [Suppression(*row) for row in await cursor.fetchall()]
