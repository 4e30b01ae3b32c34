"""What an organizer wants of their calendar: `await save(connection, user_id, wishes)` refuses what makes no sense.

Whether Google shows these calendars is for `unseen` to ask; nothing else here asks Google.
"""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import UUID

import psycopg

from autosync.calendar_connections import CalendarConnections, NotConnected
from autosync.calendars.google_errors import GoogleError
from autosync.database import calendars, clock
from autosync.database.calendars import Wishes
from autosync.database.pool import Connection, Pool
from autosync.model import Refused, Unusable

MOST_CALENDARS = 10
LONGEST_BUFFER = timedelta(hours=4)

CALENDAR_ID = r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~@-]{1,254}"
"""An address as Google writes them, or `primary`."""

_NO_ADDRESSES = (".", "..")
"""What an address of Google's API must not hold as a name."""


async def save(connection: Connection, user_id: UUID, wishes: Wishes) -> Wishes:
    """Keeps what they want, each calendar once. Raises Unusable, and Refused for whoever has no profile."""
    kept = Wishes(tuple(dict.fromkeys(wishes.calendar_ids)), wishes.day_begins, wishes.day_ends, wishes.buffer)
    for problem in problems_of(kept).values():
        raise Unusable(problem)
    try:
        async with connection.transaction():
            await calendars.save(connection, user_id, kept)
    except psycopg.errors.ForeignKeyViolation:
        raise Refused("This account has no profile yet: say first who you are.") from None
    return kept


def problems_of(wishes: Wishes) -> dict[str, str]:
    """What is wrong, by field: calendars, day_ends, buffer."""
    problems = {}
    wrong = [id_ for id_ in wishes.calendar_ids if not re.fullmatch(CALENDAR_ID, id_) or id_ in _NO_ADDRESSES]
    if not wishes.calendar_ids:
        problems["calendars"] = "Name at least one calendar: your main one is called primary."
    elif len(wishes.calendar_ids) > MOST_CALENDARS:
        problems["calendars"] = f"These are {len(wishes.calendar_ids)} calendars; {MOST_CALENDARS} are the most."
    elif wrong:
        problems["calendars"] = (
            f"“{wrong[0][:50]}” is not a calendar's address: those look like name@example.com, one on each line."
        )
    if wishes.day_begins >= wishes.day_ends:
        problems["day_ends"] = "The day has to end after it begins."
    if not timedelta() <= wishes.buffer <= LONGEST_BUFFER:
        problems["buffer"] = "Between nothing and four hours can be kept free."
    return problems


async def unseen(pool: Pool, connections: CalendarConnections, user_id: UUID, wishes: Wishes) -> tuple[str, ...]:
    """Which of these calendars Google does not show us; none where it cannot be asked, or they are not connected."""
    async with pool.connection() as connection:
        now = await clock.read_server(connection)
    try:
        found = await connections.with_access(
            user_id,
            lambda token: connections.google.busy(
                token, wishes.calendar_ids, begins=now, ends=now + timedelta(hours=1)
            ),
        )
    except (GoogleError, NotConnected):  # what is wanted can be kept all the same
        return ()
    return tuple(id_ for id_ in wishes.calendar_ids if found.unreadable.get(id_) == "notFound")
