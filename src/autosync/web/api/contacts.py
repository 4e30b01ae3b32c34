"""`/api/contacts`: the organizer's address book. Row-level security guards all of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status
from pydantic import BaseModel, Field

from autosync.contacts import add_contact, edit_contact
from autosync.database import people
from autosync.database.address_book import leaf_through
from autosync.database.people import Contact, NewContact
from autosync.database.pool import again_if_overtaken
from autosync.web.api.fields import Body, OneLine
from autosync.web.api.signed_in import Me, SignedIn, require_contact, require_crew
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
    """A person, whole: what is left out is left empty."""

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
    search: Annotated[
        str, Query(max_length=100, description="Only those whose name, e-mail or number holds this."), OneLine
    ] = "",
    crew_id: Annotated[UUID | None, Query(description="Only the members of this crew.")] = None,
) -> ContactList:
    """Your contacts by name, a page at a time."""
    async with me.own_rows() as connection:
        if after is not None:
            await require_contact(me, connection, after)
        if crew_id is not None:
            await require_crew(me, connection, crew_id)
        leaf = await leaf_through(connection, me.id, search=search, crew_id=crew_id, after=after, limit=limit)
    return ContactList(contacts=[_document(contact) for contact in leaf.contacts])


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
    return _document(contact)


@router.get("/{contact_id}", summary="Show a contact", responses=problems(404))
async def get_contact(me: Me, contact_id: UUID) -> ContactDocument:
    """One of your contacts."""
    async with me.own_rows() as connection:
        return _document(await require_contact(me, connection, contact_id))


@router.put("/{contact_id}", summary="Write a contact anew", responses=problems(400, 404, 409))
async def replace_contact(me: Me, contact_id: UUID, body: ContactBody) -> ContactDocument:
    """Writes a person anew. 409 if another contact of yours has the number."""
    after = Contact(contact_id, body.first_name, body.last_name, body.phone_number, body.email)

    async def write() -> Contact | None:
        async with me.own_rows() as connection:
            return await edit_contact(connection, after, organizer_id=me.id, region=me.api.region)

    written = await again_if_overtaken(write)
    if written is None:
        raise NotAllowedError(404, f"You have no contact {contact_id}.")
    return _document(written)


@router.delete("/{contact_id}", summary="Delete a contact", status_code=204, responses=problems(404))
async def delete_contact(me: Me, contact_id: UUID) -> None:
    """Deletes a person with all their answers and texts. If they said stop, that is still known by their number."""
    await again_if_overtaken(lambda: _delete(me, contact_id))


async def _delete(me: SignedIn, contact_id: UUID) -> None:
    async with me.own_rows() as connection:
        if not await people.delete_contact(connection, me.id, contact_id):
            raise NotAllowedError(404, f"You have no contact {contact_id}.")


def _document(contact: Contact) -> ContactDocument:
    return ContactDocument.model_validate(contact, from_attributes=True)
