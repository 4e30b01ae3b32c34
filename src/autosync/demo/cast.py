"""Who plays: Maya, who organizes, and five friends, each with a phone; and how they come onto an empty stage.

`await seat(connection)` makes them and sets the demo's clock to ten in the morning.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from importlib.resources import files
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from autosync import syncs
from autosync.contacts import import_address_book
from autosync.database import clock, people
from autosync.database.pool import Connection
from autosync.model import ResponseGoal

ZONE = ZoneInfo("America/New_York")
REGION = "US"
ORGANIZER = "Maya"
ORGANIZERS_NUMBER = "+12125550110"
CREW_NAME = "Friends"
NUMBERS = {
    "Ann": "+12125550111",
    "Ben": "+12125550112",
    "Chloé": "+12125550113",
    "Dev": "+12125550114",
    "Eli": "+12125550115",
}
CREW = sorted(NUMBERS)

Hours = tuple[int, int, int]
"""A time: days from now, the hour when it begins, the hour when it ends."""


async def seat(connection: Connection) -> UUID:
    """Makes everybody on a database that has nobody yet, at ten in the morning; returns Maya's id."""
    await clock.activate(connection, "demo")
    await _move_to_ten_in_the_morning(connection)
    organizer = uuid4()
    await people.insert_auth_user(connection, organizer)
    await people.insert_organizer(
        connection,
        id_=organizer,
        first_name=ORGANIZER,
        last_name="Lopez",
        phone_number=ORGANIZERS_NUMBER,
        timezone=ZONE.key,
    )
    crew = files("autosync.demo").joinpath("crew.vcf").read_bytes()
    await import_address_book(connection, crew, organizer_id=organizer, crew=CREW_NAME, region=REGION)
    return organizer


async def plan(connection: Connection, organizer: UUID, event: str, place: str, hours: tuple[Hours, ...]) -> syncs.Plan:
    """What Maya asks her crew, counted from the demo's today."""
    now, _ = await clock.read(connection)
    today = now.astimezone(ZONE).replace(minute=0, second=0, microsecond=0)
    return syncs.Plan(
        organizer_id=organizer,
        crew=CREW_NAME,
        event_name=event,
        event_location=place,
        timezone=ZONE.key,
        response_goal=ResponseGoal.CRITICAL_MASS,
        options=tuple((_at(today, days, begins), _at(today, days, ends)) for days, begins, ends in hours),
    )


async def _move_to_ten_in_the_morning(connection: Connection) -> None:
    """Nobody is texted at night, not even in a demo."""
    now, _ = await clock.read(connection)
    local = now.astimezone(ZONE)
    ten = local.replace(hour=10, minute=0, second=0, microsecond=0)
    ahead = (ten if ten > local else _at(ten, 1, 10)).astimezone(now.tzinfo) - now
    await clock.move_ahead(connection, ahead)


def _at(day: datetime, days: int, hour: int) -> datetime:
    return (day + timedelta(days=days)).replace(hour=hour, minute=0)
