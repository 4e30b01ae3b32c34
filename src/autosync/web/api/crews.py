"""`/api/crews`: named groups of the organizer's contacts. Row-level security guards all of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Response, status
from pydantic import BaseModel, Field

from autosync import contacts
from autosync.contacts import LONGEST_CREW_NAME, add_crew
from autosync.database import people
from autosync.database.pool import again_if_overtaken
from autosync.web.api.fields import Body, OneLine
from autosync.web.api.signed_in import Me, require_contact, require_crew
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(prefix="/crews", tags=["crews"], route_class=LimitedRoute)


class CrewLine(BaseModel):
    """A crew, and how many belong to it."""

    id: UUID
    name: str
    members: int


class CrewList(BaseModel):
    """Your crews by name."""

    crews: list[CrewLine]


class MemberDocument(BaseModel):
    """A contact in a crew."""

    contact_id: UUID
    name: str
    phone_number: str | None


class CrewDocument(BaseModel):
    """A crew with everybody in it."""

    id: UUID
    name: str
    members: list[MemberDocument]


class CrewBody(Body):
    """A crew to make, or its new name."""

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_CREW_NAME), OneLine]


@router.get("", summary="List crews")
async def list_crews(me: Me) -> CrewList:
    """Your crews by name."""
    async with me.own_rows() as connection:
        found = await people.list_crews(connection, me.id)
    return CrewList(crews=[CrewLine(id=crew.id, name=crew.name, members=members) for crew, members in found])


@router.post(
    "",
    summary="Make a crew",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": CrewDocument, "description": "You had a crew of this name."}, **problems(400, 409)},
)
async def create_crew(me: Me, body: CrewBody, response: Response) -> CrewDocument:
    """Makes a crew without members, unless you have one of this name already: then it is 200 with that one."""
    async with me.own_rows() as connection:
        crew, is_new = await add_crew(connection, body.name, organizer_id=me.id)
        members = await people.list_members(connection, crew.id)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return _document(crew, members)


@router.get("/{crew_id}", summary="Show a crew", responses=problems(404))
async def get_crew(me: Me, crew_id: UUID) -> CrewDocument:
    """One of your crews with everybody in it."""
    async with me.own_rows() as connection:
        crew = await require_crew(me, connection, crew_id)
        return _document(crew, await people.list_members(connection, crew.id))


@router.put("/{crew_id}", summary="Rename a crew", responses=problems(400, 404, 409))
async def rename_crew(me: Me, crew_id: UUID, body: CrewBody) -> CrewDocument:
    """Gives one of your crews another name. 409 if another one has it."""
    async with me.own_rows() as connection:
        if not await contacts.rename_crew(connection, crew_id, body.name, organizer_id=me.id):
            raise _missing(crew_id)
        crew = await require_crew(me, connection, crew_id)
        return _document(crew, await people.list_members(connection, crew_id))


@router.delete("/{crew_id}", summary="Delete a crew", status_code=204, responses=problems(404))
async def delete_crew(me: Me, crew_id: UUID) -> None:
    """Deletes a crew, and nobody in it. Its syncs go on, and whoever was asked can still answer."""

    async def delete() -> bool:
        async with me.own_rows() as connection:
            return await contacts.delete_crew(connection, crew_id, organizer_id=me.id)

    if not await again_if_overtaken(delete):
        raise _missing(crew_id)


@router.put("/{crew_id}/members/{contact_id}", summary="Add a member", status_code=204, responses=problems(404))
async def add_member(me: Me, crew_id: UUID, contact_id: UUID) -> None:
    """Puts one of your contacts into one of your crews. Who joins after a sync has started is not asked in it."""
    async with me.own_rows() as connection:
        await require_crew(me, connection, crew_id)
        await require_contact(me, connection, contact_id)
        await people.join_crew(connection, crew_id, [contact_id])


@router.delete("/{crew_id}/members/{contact_id}", summary="Remove a member", status_code=204, responses=problems(404))
async def remove_member(me: Me, crew_id: UUID, contact_id: UUID) -> None:
    """Takes a contact out of one of your crews; nothing happens if they are not in it."""
    async with me.own_rows() as connection:
        await require_crew(me, connection, crew_id)
        await people.leave_crew(connection, crew_id, contact_id)


def _document(crew: people.Crew, members: list[people.Member]) -> CrewDocument:
    return CrewDocument(
        id=crew.id,
        name=crew.name,
        members=[MemberDocument.model_validate(member, from_attributes=True) for member in members],
    )


def _missing(crew_id: UUID) -> NotAllowedError:
    return NotAllowedError(404, f"You have no crew {crew_id}.")
