"""`/api/me`: who is signed in."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, Field

from autosync.database import people
from autosync.web.api.signed_in import Me
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(tags=["me"], route_class=LimitedRoute)


class Profile(BaseModel):
    """The organizer as invitees and the texts know them."""

    id: UUID
    name: str
    phone_number: str | None = Field(description="Where your own texts go.")
    timezone: str | None = Field(description="An IANA name; what syncs of yours are in unless they say otherwise.")


@router.get("/me", summary="Who you are", responses=problems(404))
async def get_me(me: Me) -> Profile:
    """Your profile; 404 if your account has none yet."""
    async with me.own_rows() as connection:
        found = await people.find_organizers(connection, me.id)
    if not found:
        raise NotAllowedError(404, "Your account has no profile yet.")
    (own,) = found
    return Profile(id=own.id, name=own.name, phone_number=own.phone_number, timezone=own.timezone)
