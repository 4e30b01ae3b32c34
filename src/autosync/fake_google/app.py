"""The stand-in's HTTP: Google's consent page, token endpoint and Calendar API, and `/fake/…` to look in and to disturb.

| call | what it does |
|---|---|
| `GET /fake/ledger` | every event that was taken, once each, with what was done to it and who was told |
| `GET /fake/requests` | how often was asked what, by call and by person, the most at once, and what is in hand |
| `GET /fake/violations` | every request that did not fit the interface; what was sent though it is read-only |
| `GET /fake/grants` | who allows what at present |
| `POST /fake/people` | `{"people": [{"email", "zone", "calendars"}]}`: who has an account |
| `POST /fake/busy` | `{"person", "calendar", "busy": [{"start", "end"}]}`: something else is in a calendar then |
| `POST /fake/misbehave` | `{"probabilities", "by_call", "calls", "people", "seed", …}`: replaces the plan of faults |
| `POST /fake/revoke` | `{"person"}`: they end what they allowed, at Google's side |
| `POST /fake/expire` | `{"person"}`: their access tokens are over now; `{}`: everybody's |
| `POST /fake/lasts` | `{"seconds"}`: how long access tokens are good from now on |
| `POST /fake/wait` | `{"seconds"}`: as if so much time had passed |
| `POST /fake/forget` | all is as it was at first |
| `POST /fake/delete_event` | `{"id"}`: the person deletes it by hand |
| `POST /fake/edit_event` | `{"id", "changes"}`: the person changes it by hand |
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp

from autosync.fake_google.calendar_api import CalendarApi
from autosync.fake_google.controls import Controls
from autosync.fake_google.dropping import Droppable
from autosync.fake_google.errors import Refusal, calendar_error
from autosync.fake_google.oauth import Oauth
from autosync.fake_google.state import State

DEFAULT_PERSON = "you@example.com"

_EVENTS = "/calendar/v3/calendars/{calendar}/events"
_EVENT = f"{_EVENTS}/{{event}}"


def create_app(
    *,
    client_id: str,
    client_secret: str,
    redirect_uris: Collection[str] | None = None,
    people: Collection[str] = (DEFAULT_PERSON,),
    lasts: float = 3599,
) -> ASGIApp:
    """One client. `redirect_uris`: None: any that Google would admit; `people`: accounts, by their addresses.

    `lasts`: seconds that an access token is good.
    """
    state = State(people=tuple(people), lasts=timedelta(seconds=lasts))
    oauth = Oauth(state, client_id=client_id, client_secret=client_secret, redirect_uris=redirect_uris)
    calendar = CalendarApi(state)
    app = FastAPI(redirect_slashes=False, openapi_url=None, docs_url=None, redoc_url=None)
    app.add_exception_handler(Refusal, _refuse)

    async def refuse_unknown(request: Request, error: Exception) -> JSONResponse:
        status = error.status_code if isinstance(error, HTTPException) else 404
        problem = f"There is no {request.method} {request.url.path}."
        if not request.url.path.startswith("/fake/"):
            state.tally.violated("unknown", None, [problem])
        return await _refuse(request, calendar_error(status, "notFound", problem))

    app.add_exception_handler(HTTPException, refuse_unknown)
    for method, path, endpoint in (
        ("GET", "/o/oauth2/v2/auth", oauth.ask),
        ("POST", "/o/oauth2/v2/auth", oauth.decide),
        ("POST", "/token", oauth.token),
        ("POST", "/revoke", oauth.revoke),
        ("POST", "/calendar/v3/freeBusy", calendar.free_busy),
        ("POST", _EVENTS, calendar.insert),
        ("GET", _EVENT, calendar.get),
        ("PATCH", _EVENT, calendar.patch),
        ("PUT", _EVENT, calendar.update),
        ("DELETE", _EVENT, calendar.delete),
    ):
        app.add_api_route(path, endpoint, methods=[method], response_model=None)
    Controls(state).add_to(app)
    return Droppable(app)


async def _refuse(_: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, Refusal):
        raise error
    return JSONResponse(error.body, status_code=error.status, headers=error.headers)
