"""Who visits: `Visitor` in a page's signature is the organizer who is signed in; everybody else is sent to sign in.

What they read is read as themselves (`me.own_rows()`), as in the API: row-level security guards it.
"""

from __future__ import annotations

import json
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request, Response
from starlette.responses import RedirectResponse

from autosync.sign_in import SignIn
from autosync.web.api.signed_in import SignedIn
from autosync.web.callers import Person
from autosync.web.pages.cookies import read_session
from autosync.web.pages.layout import PageRoute, ToOtherPage
from autosync.web.pages.same_origin import refuse_other_origins
from autosync.web.pages.ways import sign_in_first


async def find_visitor(request: Request) -> SignedIn | None:
    """The organizer whose session the request carries; None: nobody's."""
    sign_in: SignIn = request.app.state.sign_in
    token = read_session(request, "organizer")
    organizer_id = await sign_in.organizer_of(token) if token else None
    return None if organizer_id is None else as_signed_in(request, organizer_id)


def as_signed_in(request: Request, organizer_id: UUID) -> SignedIn:
    """The organizer with what the database is told of them."""
    claims = json.dumps({"sub": str(organizer_id), "role": "authenticated", "aud": "authenticated"})
    return SignedIn(Person(organizer_id, claims), request.app.state.api)


async def _require_visitor(request: Request) -> SignedIn:
    refuse_other_origins(request)
    visitor = await find_visitor(request)
    if visitor is None:
        raise ToOtherPage(sign_in_first(request))
    return visitor


Visitor = Annotated[SignedIn, Depends(_require_visitor)]

__all__ = ["PageRoute", "Visitor", "as_signed_in", "find_visitor", "see"]


def see(path: str) -> Response:
    """After a form: the page to look at, by GET, so that a reload sends nothing twice."""
    return RedirectResponse(path, status_code=303)
