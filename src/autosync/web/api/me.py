"""`/api/me`: who is signed in, what they say of themselves, and signing out of the pages everywhere."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from autosync import profile
from autosync.database import people
from autosync.sign_in import SignIn
from autosync.web.api.fields import Body, OneLine
from autosync.web.api.signed_in import Me, SignedIn
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(tags=["me"], route_class=LimitedRoute)


class Profile(BaseModel):
    """The organizer as invitees and the texts know them."""

    id: UUID
    name: str
    phone_number: str | None = Field(description="Where your own texts go.")
    timezone: str | None = Field(description="An IANA name; what syncs of yours are in unless they say otherwise.")


class ProfileBody(Body):
    """What you say of yourself, whole: what is left out is left empty."""

    first_name: Annotated[str, Field(max_length=100, description="Your people read it in every text."), OneLine]
    last_name: Annotated[str, Field(max_length=100), OneLine] = ""
    phone_number: Annotated[
        str, Field(max_length=50, description="Where your own texts go, in any usual form."), OneLine
    ]
    timezone: Annotated[str, Field(max_length=64, description="An IANA name such as America/New_York."), OneLine]


@router.get("/me", summary="Who you are", responses=problems(404))
async def get_me(me: Me) -> Profile:
    """Your profile; 404 if your account has none yet."""
    return await _show(me)


@router.put("/me", summary="Write your profile", responses=problems(400, 409))
async def put_me(me: Me, body: ProfileBody) -> Profile:
    """Writes your profile, new or anew. 409 if nobody has signed up as you."""
    said = people.Profile(body.first_name, body.last_name, body.phone_number, body.timezone)
    async with me.own_rows() as connection:
        await profile.save_profile(connection, said, organizer_id=me.id, region=me.api.region)
    return await _show(me)


@router.delete("/me/sessions", summary="Sign out of the pages everywhere", status_code=204, responses=problems(404))
async def delete_sessions(me: Me, request: Request) -> None:
    """Ends your sessions in every browser; Supabase's own tokens stay. 404 where there are no pages."""
    sign_in: SignIn | None = request.app.state.sign_in
    if sign_in is None:
        raise NotAllowedError(404, "There are no pages here to sign out of.")
    await sign_in.sign_out_everywhere(me.id)


async def _show(me: SignedIn) -> Profile:
    async with me.own_rows() as connection:
        found = await people.find_organizers(connection, me.id)
    if not found:
        raise NotAllowedError(404, "Your account has no profile yet.")
    (own,) = found
    return Profile(id=own.id, name=own.name, phone_number=own.phone_number, timezone=own.timezone)
