"""What an organizer says of themselves: the name that their people read, their number, and their time zone."""

from __future__ import annotations

from uuid import UUID

import psycopg

from autosync import texts
from autosync.database import people
from autosync.database.people import Profile
from autosync.database.pool import Connection
from autosync.model import Refused, Unusable
from autosync.phone_numbers import to_e164


async def save_profile(connection: Connection, profile: Profile, *, organizer_id: UUID, region: str) -> Profile:
    """Writes the profile of somebody who has signed up, new or anew; the number may be written in any way.

    Raises UntextableNumber, Unusable for no first name or an unknown time zone, Refused where nobody has signed up.
    """
    first_name = (profile.first_name or "").strip()
    if not texts.clean(first_name):
        raise Unusable("Say your first name: your people read it in every text.")
    try:
        texts.zone(profile.timezone or "")
    except ValueError as error:
        raise Unusable(str(error)) from error
    number = to_e164(profile.phone_number or "", default_region=region)
    written = Profile(first_name, (profile.last_name or "").strip(), number, profile.timezone)
    try:
        async with connection.transaction():
            await people.save_profile(connection, organizer_id, written)
    except psycopg.errors.ForeignKeyViolation:
        raise Refused("Your account is gone: sign up again.") from None
    return written
