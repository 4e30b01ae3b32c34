"""`/calendar/connect` leads to Google, which asks the organizer, and `/calendar/callback` takes what they answered.

The question goes with the browser, in a sealed cookie of its own. The address of the callback holds a code: it is never
logged, does not outlive a sign-in, and leads away at once.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from starlette.responses import RedirectResponse

from autosync.calendar_connections import CalendarConnections
from autosync.calendar_consent import LIVES, Envelope, Question, take
from autosync.database import clock
from autosync.model import Refused
from autosync.web.api.signed_in import SignedIn
from autosync.web.pages.cookies import forget_note, keep_note, read_note
from autosync.web.pages.layout import PageRoute, ToOtherPage, sentence
from autosync.web.pages.visitor import Visitor, find_visitor, see

router = APIRouter(prefix="/calendar", route_class=PageRoute, include_in_schema=False)

CALLBACK = "/calendar/callback"
"""Where Google sends people back to, below the public URL; Google's console knows the whole address."""

_NOTE = "consent"


@router.post("/connect")
async def connect(request: Request, me: Visitor) -> Response:
    """Sends the browser to Google."""
    connections, envelope, public_url = _google(me)
    question = Question.new(f"{public_url}{CALLBACK}")
    async with me.service() as connection:
        now = await clock.read_server(connection)
    response = RedirectResponse(question.address(connections.google), status_code=303)
    keep_note(request, response, _NOTE, envelope.close(question, me.id, now=now), LIVES)
    return response


async def _who_comes_back(request: Request) -> SignedIn:
    """Whoever is not signed in any more begins anew: a code waits for nobody."""
    visitor = await find_visitor(request)
    if visitor is None:
        raise ToOtherPage("/sign-in?next=/calendar")
    return visitor


@router.get("/callback")
async def come_back(request: Request, me: Annotated[SignedIn, Depends(_who_comes_back)]) -> Response:
    """Takes the answer, once."""
    connections, envelope, _ = _google(me)
    async with me.service() as connection:
        now = await clock.read_server(connection)
    brought = request.query_params
    try:
        question = envelope.open(read_note(request, _NOTE), me.id, now=now)
        await take(
            connections,
            me.id,
            question,
            state=brought.get("state", ""),
            code=brought.get("code", ""),
            error=brought.get("error", ""),
        )
    except Refused as refusal:
        response = sentence("Nothing was connected", str(refusal), status=409, to="/calendar")
    else:
        response = see("/calendar?connected")
    forget_note(request, response, _NOTE)
    return response


def _google(me: SignedIn) -> tuple[CalendarConnections, Envelope, str]:
    """What connecting needs. Raises ToOtherPage, to where it says that it is not set up."""
    api = me.api
    if api.connections is None or api.envelope is None or api.public_url is None:
        raise ToOtherPage("/calendar")
    return api.connections, api.envelope, api.public_url
