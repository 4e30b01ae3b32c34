"""`/api/contacts`: the organizer's address book. Row-level security guards all of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field

from autosync.contacts import add_contact
from autosync.database import people
from autosync.database.people import NewContact
from autosync.database.pool import again_after_deadlock
from autosync.web.api.fields import Body, OneLine
from autosync.web.api.signed_in import Me, SignedIn, require_contact
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

router = APIRouter(prefix="/contacts", tags=["contacts"], route_class=LimitedRoute)


class ContactDocument(BaseModel):
    """A person in your address book."""

    id: UUID
    first_name: str
    last_name: str | None
    phone_number: str | None
    email: str | None


class ContactList(BaseModel):
    """Contacts by name."""

    contacts: list[ContactDocument]


class ContactBody(Body):
    """A person to add."""

    first_name: Annotated[str, Field(max_length=100, description="As they are called."), OneLine]
    last_name: Annotated[str, Field(max_length=100), OneLine] = ""
    phone_number: Annotated[
        str, Field(max_length=50, description="In any usual form; without a country code it is a local one."), OneLine
    ]
    email: Annotated[str, Field(max_length=320), OneLine] | None = None


@router.get("", summary="List contacts", responses=problems(404))
async def list_contacts(
    me: Me,
    limit: Annotated[int, Query(ge=1, le=500, description="At most this many.")] = 100,
    after: Annotated[
        UUID | None, Query(description="Only those behind this contact: the last one of the page before.")
    ] = None,
) -> ContactList:
    """Your contacts by name, a page at a time."""
    async with me.own_rows() as connection:
        if after is not None:
            await require_contact(me, connection, after)
        found = await people.list_contacts(connection, me.id, after=after, limit=limit)
    return ContactList(contacts=[ContactDocument.model_validate(c, from_attributes=True) for c in found])


@router.post(
    "",
    summary="Add a contact",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": ContactDocument, "description": "You had this number already."}, **problems(400, 409)},
)
async def create_contact(me: Me, body: ContactBody, response: Response) -> ContactDocument:
    """Adds a person, unless you have their number already: then it is 200 with the contact as you have it."""
    new = NewContact(body.first_name.strip(), body.last_name.strip(), body.phone_number, body.email or None)
    if not new.first_name:
        raise NotAllowedError(422, "The contact has no first name.")
    async with me.own_rows() as connection:
        contact, is_new = await add_contact(connection, new, organizer_id=me.id, region=me.api.region)
    if not is_new:
        response.status_code = status.HTTP_200_OK
    return ContactDocument.model_validate(contact, from_attributes=True)


@router.delete("/{contact_id}", summary="Delete a contact", status_code=204, responses=problems(404))
async def delete_contact(me: Me, contact_id: UUID) -> None:
    """Deletes a person with all their answers and texts. If they said stop, that is still known by their number."""
    await again_after_deadlock(lambda: _delete(me, contact_id))


async def _delete(me: SignedIn, contact_id: UUID) -> None:
    async with me.own_rows() as connection:
        if not await people.delete_contact(connection, me.id, contact_id):
            raise NotAllowedError(404, f"You have no contact {contact_id}.")
