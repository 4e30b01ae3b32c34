"""`POST /people/import`: an address book from the browser into a crew; what went in, and what did not, by its line."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter, Request, Response
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from autosync.address_book import AddressBook, UnreadableAddressBook, read_address_book
from autosync.contacts import Imported, bring_in
from autosync.database import people
from autosync.model import Refused, Unusable
from autosync.web.api.imports import LARGEST_FILE, LONGEST_WAIT, TOO_LARGE
from autosync.web.api.signed_in import SignedIn, require_crew
from autosync.web.errors import NotAllowedError
from autosync.web.pages.crews import crew_page
from autosync.web.pages.forms import Form
from autosync.web.pages.layout import PageRoute, app_page
from autosync.web.pages.people import people_page, read_id
from autosync.web.pages.visitor import Visitor

MOST_SHOWN = 200
"""Bad rows that are told one by one."""


class UploadRoute(PageRoute):
    """A route that takes a file besides the fields of a form, and waits longer for it."""

    largest_body = LARGEST_FILE + 16 * 1024
    longest_wait = LONGEST_WAIT
    too_large = TOO_LARGE


router = APIRouter(prefix="/people/import", route_class=UploadRoute, include_in_schema=False)


@dataclass(frozen=True, slots=True)
class _Upload:
    """What was sent. `crew`: the id of the crew from whose page it came; `into`: otherwise a name."""

    crew: UUID | None
    into: str
    data: bytes


@router.post("")
async def take_file(request: Request, me: Visitor) -> Response:
    """Brings the people of the file into the contacts and the crew."""
    upload = await _read(request)
    if not upload.crew and not upload.into:
        return await _again(me, upload, "into", "Say into which crew.")
    if not upload.data:
        return await _again(me, upload, "file", "Choose a file first.")
    try:
        book = await asyncio.to_thread(read_address_book, upload.data, default_region=me.api.region)
    except UnreadableAddressBook as refusal:
        return await _again(me, upload, "file", str(refusal))
    try:
        done = await _bring_in(me, upload, book)
    except Unusable as refusal:
        return await _again(me, upload, "into", str(refusal))
    except Refused as refusal:
        return await _again(me, upload, "file", str(refusal))
    return app_page("imported.html", here="people", done=done, most=MOST_SHOWN)


async def _bring_in(me: SignedIn, upload: _Upload, book: AddressBook) -> Imported:
    """Raises Unusable for a crew that cannot be meant, Refused where nobody of the book can go in."""
    crew = str(upload.crew or upload.into)
    async with me.own_rows() as connection:
        if upload.crew:
            await require_crew(me, connection, upload.crew)
        elif len(await people.find_crews(connection, me.id, crew)) > 1:
            raise Unusable("You have several crews of this name: open the one that you mean.")
        return await bring_in(connection, book, organizer_id=me.id, crew=crew, region=me.api.region)


async def _again(me: SignedIn, upload: _Upload, field: str, sentence: str) -> Response:
    """The page that the form stands on. Browsers keep no file, so it has to be chosen again."""
    if upload.crew:
        return await crew_page(me, upload.crew, problems={field: sentence})
    return await people_page(me, typed={"into": upload.into}, problems={field: sentence})


async def _read(request: Request) -> _Upload:
    """The fields and the file. Raises NotAllowedError (400) for what no form of ours sends."""
    try:
        async with request.form(max_files=1, max_fields=10) as sent:
            fields = Form({name: [value] for name, value in sent.multi_items() if isinstance(value, str)})
            file = sent.get("file")
            data = await file.read() if isinstance(file, UploadFile) else b""
    except HTTPException as error:
        raise NotAllowedError(400, "The form cannot be read; open the page again and send it from there.") from error
    if len(data) > LARGEST_FILE:
        raise NotAllowedError(413, TOO_LARGE)
    return _Upload(read_id(fields.text("crew")), fields.text("into"), data)
