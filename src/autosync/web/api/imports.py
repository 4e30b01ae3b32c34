"""`POST /api/imports`: an address book, vCard or CSV, into a crew; what went in, and what did not, by its line."""

from __future__ import annotations

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from autosync.address_book import UnreadableAddressBook, read_address_book
from autosync.contacts import LONGEST_CREW_NAME, bring_in
from autosync.database import people
from autosync.web.api.fields import OneLine
from autosync.web.api.signed_in import Me
from autosync.web.errors import NotAllowedError, problems
from autosync.web.limits import LimitedRoute

LARGEST_FILE = 2 * 1024 * 1024
"""Bytes."""

LONGEST_WAIT = 60.0
"""Seconds for the whole file."""

TOO_LARGE = "The file is larger than 2 MB: leave photos out, or bring it in in parts."

_FILE = {
    "requestBody": {
        "required": True,
        "description": "The file itself, at most 2 MB.",
        "content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ("text/vcard", "text/csv")},
    }
}


class FileRoute(LimitedRoute):
    """A route that takes a file, and waits longer for it."""

    largest_body = LARGEST_FILE
    longest_wait = LONGEST_WAIT
    too_large = TOO_LARGE


router = APIRouter(prefix="/imports", tags=["contacts"], route_class=FileRoute)


class BadRowDocument(BaseModel):
    """A row of the file that did not go in."""

    line: int
    reason: str


class ImportDocument(BaseModel):
    """What an import did."""

    crew_id: UUID
    crew_name: str
    added: int = Field(description="New contacts.")
    known: int = Field(description="People whose number you had.")
    joined: int = Field(description="How many of both are new in the crew.")
    bad_rows: list[BadRowDocument]


@router.post("", summary="Import an address book", responses=problems(409, 413), openapi_extra=_FILE)
async def import_file(
    me: Me,
    request: Request,
    crew: Annotated[
        str,
        Query(min_length=1, max_length=LONGEST_CREW_NAME, description="Its name, or its id; made if missing."),
        OneLine,
    ],
) -> ImportDocument:
    """Brings the people of a vCard or CSV file into your contacts and a crew. The good rows go in, the others are told.

    Nobody goes in twice. 409 if nobody of the file can go in, or if you have several crews of that name.
    """
    data = await request.body()
    try:
        book = await asyncio.to_thread(read_address_book, data, default_region=me.api.region)
    except UnreadableAddressBook as refusal:
        raise NotAllowedError(422, str(refusal)) from refusal
    async with me.own_rows() as connection:
        if await people.find_profile(connection, me.id) is None:
            raise NotAllowedError(409, "This account has no profile yet, so it can have no contacts.")
        done = await bring_in(connection, book, organizer_id=me.id, crew=crew, region=me.api.region)
    return ImportDocument.model_validate(done, from_attributes=True)
