"""`/people/crews/ID`: who belongs to a crew; add people, take them out, rename it, delete it."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync import contacts
from autosync.database import people
from autosync.database.address_book import leaf_through
from autosync.database.pool import again_if_overtaken
from autosync.model import Refused
from autosync.web.api.signed_in import SignedIn, require_crew
from autosync.web.errors import NotAllowedError
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.people import ON_A_PAGE, Search, read_id
from autosync.web.pages.person_form import PersonProblem, add_person, read_person
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(prefix="/people/crews/{crew_id}", route_class=PageRoute, include_in_schema=False)

TO_ADD = 12
"""Contacts that are offered to be added at once."""


@router.get("")
async def show_crew(request: Request, me: Visitor, crew_id: UUID) -> Response:
    """The crew with a page of its members; `?q=` looks for people to add."""
    return await crew_page(me, crew_id, Search.of(request))


@router.post("/members")
async def add_members(request: Request, me: Visitor, crew_id: UUID) -> Response:
    """Puts the ticked contacts into the crew."""
    form = await read_form(request)
    chosen = {id_ for id_ in map(read_id, form.texts("contact")) if id_}
    if not chosen:
        return await crew_page(me, crew_id, problems={"contact": "Tick somebody first."})
    async with me.own_rows() as connection:
        await require_crew(me, connection, crew_id)
        await people.join_crew(connection, crew_id, await people.find_own_contacts(connection, me.id, chosen))
    return see(f"/people/crews/{crew_id}")


@router.post("/members/{contact_id}/remove")
async def remove_member(me: Visitor, crew_id: UUID, contact_id: UUID) -> Response:
    """Takes a contact out of the crew."""
    async with me.own_rows() as connection:
        await require_crew(me, connection, crew_id)
        await people.leave_crew(connection, crew_id, contact_id)
    return see(f"/people/crews/{crew_id}")


@router.post("/people")
async def add_new_person(request: Request, me: Visitor, crew_id: UUID) -> Response:
    """Adds somebody to the contacts, unless they are known by their number, and to the crew."""
    typed = read_person(await read_form(request))
    try:
        async with me.own_rows() as connection:
            await require_crew(me, connection, crew_id)
            contact, _ = await add_person(me, connection, typed)
            await people.join_crew(connection, crew_id, [contact.id])
    except PersonProblem as error:
        return await crew_page(me, crew_id, typed=typed, problems=error.problems)
    return see(f"/people/crews/{crew_id}")


@router.post("/name")
async def rename(request: Request, me: Visitor, crew_id: UUID) -> Response:
    """Gives the crew another name."""
    name = (await read_form(request)).text("crew_name")
    try:
        async with me.own_rows() as connection:
            if not await contacts.rename_crew(connection, crew_id, name, organizer_id=me.id):
                raise _missing(crew_id)
    except Refused as refusal:
        return await crew_page(me, crew_id, typed={"crew_name": name}, problems={"crew_name": str(refusal)})
    return see(f"/people/crews/{crew_id}")


@router.get("/delete")
async def ask_before_deleting(me: Visitor, crew_id: UUID) -> Response:
    """Says what it means."""
    async with me.own_rows() as connection:
        crew = await require_crew(me, connection, crew_id)
    return app_page(
        "confirm.html",
        here="people",
        question=f"Delete the crew {crew.name}?",
        consequence="Its people stay in your contacts. Syncs that were started with it go on, and whoever was asked "
        "can still answer.",
        yes="Delete the crew",
        action=f"/people/crews/{crew_id}/delete",
        back=f"/people/crews/{crew_id}",
    )


@router.post("/delete")
async def delete(me: Visitor, crew_id: UUID) -> Response:
    """Deletes the crew, and nobody in it."""

    async def do() -> bool:
        async with me.own_rows() as connection:
            return await contacts.delete_crew(connection, crew_id, organizer_id=me.id)

    if not await again_if_overtaken(do):
        raise _missing(crew_id)
    return see("/people")


async def crew_page(
    me: SignedIn,
    crew_id: UUID,
    search: Search | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """The page; `typed` and `problems` by field, where a form of it was refused. `search`: for people to add.

    Raises NotAllowedError (404) for a crew that is not the person's.
    """
    wanted = search or Search("", None)
    async with me.own_rows() as connection:
        crew = await require_crew(me, connection, crew_id)
        size = next((members for known, members in await people.list_crews(connection, me.id) if known == crew), 0)
        leaf = await leaf_through(connection, me.id, crew_id=crew_id, after=wanted.after, limit=ON_A_PAGE)
        others = await leaf_through(connection, me.id, search=wanted.text, crew_id=crew_id, is_in=False, limit=TO_ADD)
    return app_page(
        "crew.html",
        here="people",
        status=422 if problems else 200,
        crew=crew,
        size=size,
        leaf=leaf,
        others=others,
        listed=Search("", wanted.after),
        search=wanted,
        typed=typed or {},
        problems=problems or {},
    )


def _missing(crew_id: UUID) -> NotAllowedError:
    return NotAllowedError(404, f"You have no crew {crew_id}.")
