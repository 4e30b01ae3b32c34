"""`/people/contacts/ID`: one person in the address book; edit them, or delete them after being asked."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync.contacts import edit_contact
from autosync.database import people
from autosync.database.people import Contact
from autosync.database.pool import again_if_overtaken
from autosync.model import Refused, full_name
from autosync.phone_numbers import UntextableNumber
from autosync.web.api.signed_in import require_contact
from autosync.web.errors import NotAllowedError
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.people import people_page
from autosync.web.pages.person_form import PersonProblem, add_person, check_person, read_person
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(prefix="/people/contacts", route_class=PageRoute, include_in_schema=False)


@router.post("")
async def add(request: Request, me: Visitor) -> Response:
    """Adds a person, or finds the one who has the number, and shows them."""
    typed = read_person(await read_form(request))
    try:
        async with me.own_rows() as connection:
            contact, is_new = await add_person(me, connection, typed)
    except PersonProblem as error:
        return await people_page(me, typed=typed, problems=error.problems)
    return see("/people#contacts-heading" if is_new else f"/people/contacts/{contact.id}?known")


@router.get("/{contact_id}")
async def show(request: Request, me: Visitor, contact_id: UUID) -> Response:
    """The person, in a form."""
    async with me.own_rows() as connection:
        contact = await require_contact(me, connection, contact_id)
    typed = {
        "first_name": contact.first_name,
        "last_name": contact.last_name or "",
        "phone_number": contact.phone_number or "",
        "email": contact.email or "",
    }
    return _page(contact, typed, {}, was_known="known" in request.query_params)


@router.post("/{contact_id}")
async def save(request: Request, me: Visitor, contact_id: UUID) -> Response:
    """Writes the person anew."""
    typed = read_person(await read_form(request))
    after = Contact(contact_id, typed["first_name"], typed["last_name"], typed["phone_number"], typed["email"])

    async def do() -> Contact | None:
        async with me.own_rows() as connection:
            return await edit_contact(connection, after, organizer_id=me.id, region=me.api.region)

    async with me.own_rows() as connection:
        before = await require_contact(me, connection, contact_id)
    try:
        check_person(typed)
        saved = await again_if_overtaken(do)
    except PersonProblem as error:
        return _page(before, typed, error.problems)
    except (Refused, UntextableNumber) as error:
        return _page(before, typed, {"phone_number": str(error)})
    if saved is None:
        raise NotAllowedError(404, f"You have no contact {contact_id}.")
    return see("/people")


@router.get("/{contact_id}/delete")
async def ask_before_deleting(me: Visitor, contact_id: UUID) -> Response:
    """Says what it means."""
    async with me.own_rows() as connection:
        contact = await require_contact(me, connection, contact_id)
    return app_page(
        "confirm.html",
        here="people",
        question=f"Delete {_name(contact)}?",
        consequence="All their answers go too, and all texts to them, in every sync that they were asked in; what "
        "still waits to be sent to them is not sent. If they have said STOP, that stays known.",
        yes="Delete this person",
        action=f"/people/contacts/{contact_id}/delete",
        back=f"/people/contacts/{contact_id}",
    )


@router.post("/{contact_id}/delete")
async def delete(me: Visitor, contact_id: UUID) -> Response:
    """Deletes the person with their answers and texts."""

    async def do() -> bool:
        async with me.own_rows() as connection:
            return await people.delete_contact(connection, me.id, contact_id)

    if not await again_if_overtaken(do):
        raise NotAllowedError(404, f"You have no contact {contact_id}.")
    return see("/people")


def _page(
    contact: Contact, typed: Mapping[str, str], problems: Mapping[str, str], *, was_known: bool = False
) -> Response:
    return app_page(
        "contact.html",
        here="people",
        status=422 if problems else 200,
        id=contact.id,
        name=_name(contact),
        typed=typed,
        problems=problems,
        was_known=was_known,
    )


def _name(contact: Contact) -> str:
    return full_name(contact.first_name, contact.last_name) or "a contact without a name"
