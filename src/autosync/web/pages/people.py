"""`/people`: the organizer's crews and contacts, a page at a time, and where both are added."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response

from autosync.contacts import add_crew
from autosync.database import people
from autosync.database.address_book import leaf_through
from autosync.database.pool import Connection
from autosync.model import Refused
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.forms import read_form
from autosync.web.pages.layout import PageRoute, ToOtherPage, app_page
from autosync.web.pages.visitor import Visitor, see

router = APIRouter(prefix="/people", route_class=PageRoute, include_in_schema=False)

ON_A_PAGE = 50
"""Contacts."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for in a list of contacts, and behind whom the list goes on."""

    text: str
    after: UUID | None

    @classmethod
    def of(cls, request: Request) -> Search:
        """Of `?q=TEXT&after=ID`; what is no id is passed over."""
        text = " ".join(request.query_params.get("q", "").replace("\0", " ").split())[:100]
        return cls(text, read_id(request.query_params.get("after", "")))


def read_id(text: str) -> UUID | None:
    """The id that this is, if it is one."""
    try:
        return UUID(text)
    except ValueError:
        return None


@router.get("")
async def show_people(request: Request, me: Visitor) -> Response:
    """All of it."""
    return await people_page(me, Search.of(request))


@router.post("/crews")
async def make_crew(me: Visitor, request: Request) -> Response:
    """Makes a crew, or finds the one of this name, and shows it."""
    form = await read_form(request)
    name = form.text("crew_name")
    try:
        async with me.own_rows() as connection:
            crew, _ = await add_crew(connection, name, organizer_id=me.id)
    except Refused as refusal:
        return await people_page(me, typed={"crew_name": name}, problems={"crew_name": str(refusal)})
    return see(f"/people/crews/{crew.id}")


async def people_page(
    me: SignedIn,
    search: Search | None = None,
    *,
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """The page; `typed` and `problems` by field, where a form of it was refused.

    Raises ToOtherPage where the person has not said who they are.
    """
    wanted = search or Search("", None)
    async with me.own_rows() as connection:
        await require_profile(me, connection)
        crews = await people.list_crews(connection, me.id)
        leaf = await leaf_through(connection, me.id, search=wanted.text, after=wanted.after, limit=ON_A_PAGE)
    return app_page(
        "people.html",
        here="people",
        status=422 if problems else 200,
        crews=crews,
        leaf=leaf,
        search=wanted,
        typed=typed or {},
        problems=problems or {},
    )


async def require_profile(me: SignedIn, connection: Connection) -> people.Organizer:
    """Who the visitor is. Raises ToOtherPage where they have not said it yet."""
    found = await people.find_organizers(connection, me.id)
    if not found or not found[0].name:
        raise ToOtherPage("/me")
    return found[0]
