"""The project's clock and the timings in force, both kept in `auto_sync_settings`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from autosync.database.pool import Connection
from autosync.database.statements import statement
from autosync.model import Refused, Timings

PROFILES = {
    "production": Timings(timedelta(hours=24), timedelta(hours=48)),
    "demo": Timings(timedelta(minutes=5), timedelta(minutes=10)),
}
"""The delays that a profile is written with where its row is missing."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A row of `auto_sync_settings`."""

    name: str
    active: bool
    timings: Timings
    clock_offset: timedelta


async def read(connection: Connection) -> tuple[datetime, Timings]:
    """The project's now (aware) and the delays in force."""
    cursor = await connection.execute(statement("read_clock"))
    row = await cursor.fetchone()
    assert row is not None, "read_clock returns one row"  # noqa: S101
    now, reminder_delay, pause_delay = row
    return now, Timings(reminder_delay, pause_delay)


async def read_now(connection: Connection) -> datetime:
    """The project's now (aware) at this very moment: the transaction may have begun long ago, and have waited."""
    cursor = await connection.execute(statement("read_now"))
    row = await cursor.fetchone()
    assert row is not None, "read_now returns one row"  # noqa: S101
    now: datetime = row[0]
    return now


async def read_lead(connection: Connection) -> timedelta:
    """By how much the project's clock is ahead of the server's: nothing, but in the demo."""
    row = await (await connection.execute(statement("read_clock_lead"))).fetchone()
    lead: timedelta = row[0] if row else timedelta()
    return lead


async def read_server(connection: Connection) -> datetime:
    """The server's own clock (aware), which no demo moves: for what others outside date."""
    row = await (await connection.execute(statement("read_server_clock"))).fetchone()
    assert row is not None, "read_server_clock returns one row"  # noqa: S101
    now: datetime = row[0]
    return now


async def profiles(connection: Connection) -> list[Profile]:
    """All profiles, the active one first."""
    cursor = await connection.execute(statement("list_timings"))
    return [
        Profile(name, active, Timings(reminder, pause), offset)
        for name, active, reminder, pause, offset in await cursor.fetchall()
    ]


async def activate(connection: Connection, name: str) -> None:
    """Makes the profile of this name (a key of PROFILES) the active one; leaving the demo puts its clock back."""
    timings = PROFILES[name]
    async with connection.transaction():
        await connection.execute(statement("deactivate_timings"), {"profile": name})
        await connection.execute(
            statement("activate_timings"),
            {"profile": name, "reminder_delay": timings.reminder_delay, "pause_delay": timings.pause_delay},
        )


async def move_ahead(connection: Connection, ahead: timedelta) -> datetime:
    """Moves the demo's clock by `ahead` and returns the new now. Raises Refused under any other profile."""
    cursor = await connection.execute(statement("move_clock"), {"ahead": ahead})
    row = await cursor.fetchone()
    if row is None:
        raise Refused("Only the demo's clock can be moved: run `autosync timings demo` first.")
    moved: datetime = row[0]
    return moved
