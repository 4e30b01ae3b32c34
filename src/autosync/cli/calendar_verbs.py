"""What `own_calendar`'s commands do with Google. Loaded by them alone: with its libraries it takes a while."""

from __future__ import annotations

from datetime import timedelta

from autosync import calendar_wishes
from autosync.calendar_connections import CalendarConnections, NotConnected, forget
from autosync.calendar_consent import Question, take
from autosync.calendars.google_errors import GoogleError
from autosync.cli.loopback import listening
from autosync.cli.output import say
from autosync.cli.session import Session, note, pick_organizer
from autosync.database import calendars
from autosync.database.calendars import Changes, Wishes
from autosync.database.pool import Pool
from autosync.model import Refused

PATIENCE = timedelta(minutes=5)
"""How long somebody may take to answer Google."""


async def connect(session: Session, organizer: str | None, port: int) -> None:
    """By way of a browser on this machine. Raises Refused, and Unusable where the port cannot be had."""
    async with session.pool() as pool:
        connections = _require_google(session, pool)
        async with pool.connection() as connection:
            organizer_id = await pick_organizer(connection, organizer)
        async with listening(port) as loopback:
            question = Question.new(loopback.redirect_uri)
            say("Open this address in a browser on this machine, and allow both:")
            say(question.address(connections.google))
            brought = await loopback.wait_for(question, within=PATIENCE)
        await take(connections, organizer_id, question, state=brought.state, code=brought.code, error=brought.error)
        async with pool.connection() as connection:
            await note(connection, "calendars connect", subject_id=organizer_id)


async def disconnect(session: Session, organizer: str | None) -> bool:
    """Whether Google forgets it, too. Raises Refused where nothing is connected."""
    async with session.pool() as pool:
        async with pool.connection() as connection:
            organizer_id = await pick_organizer(connection, organizer)
        connections = session.calendar_connections(pool)
        was_withdrawn = False
        if connections is not None:
            try:
                was_withdrawn = await connections.disconnect(organizer_id)
            except GoogleError as error:
                raise Refused(f"{error} Nothing was changed; try again.") from None
        async with pool.connection() as connection, connection.transaction():
            if connections is None and not await forget(connection, organizer_id):
                raise NotConnected("No calendar is connected.")
            await note(connection, "calendars disconnect", subject_id=organizer_id)
        return was_withdrawn


async def prefer(session: Session, organizer: str | None, changes: Changes) -> tuple[Wishes, tuple[str, ...]]:
    """What is wanted now, and which of those calendars Google does not show. Raises Unusable."""
    async with session.pool() as pool:
        async with pool.connection() as connection, connection.transaction():
            organizer_id = await pick_organizer(connection, organizer)
            was = await calendars.find(connection, organizer_id)
            kept = await calendar_wishes.save(connection, organizer_id, changes.of(was.wishes))
            await note(connection, "calendars prefer", subject_id=organizer_id)
        connections = session.calendar_connections(pool)
        if connections is None or not was.is_connected or changes.calendar_ids is None:
            return kept, ()
        return kept, await calendar_wishes.unseen(pool, connections, organizer_id, kept)


def _require_google(session: Session, pool: Pool) -> CalendarConnections:
    connections = session.calendar_connections(pool)
    if connections is None:
        raise Refused(
            "Google is not set up: AUTOSYNC_GOOGLE_CLIENT_ID and AUTOSYNC_GOOGLE_CLIENT_SECRET come from its console;"
            " see docs/calendars.md."
        )
    return connections
