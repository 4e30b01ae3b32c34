"""The addresses of the Calendar API: who asks, whether they may, whether it fits the interface, and then what it does.

A request that does not fit is noted whether it is then refused for that or for something else.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from autosync.fake_google import errors
from autosync.fake_google.discovery import METHODS
from autosync.fake_google.events import Event
from autosync.fake_google.faults import Call, Fault
from autosync.fake_google.state import State, fault_of
from autosync.fake_google.times import zone_of

Answer = Callable[[str, dict[str, Any]], Response]


class CalendarApi:
    """Freebusy: query, and Events: insert, get, patch, update, delete."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def free_busy(self, request: Request) -> Response:
        """When a person's calendars are busy."""

        def tell(person: str, body: dict[str, Any]) -> Response:
            return JSONResponse(self._state.calendars.free_busy(person, body))

        return await self._answer(request, Call.FREEBUSY, tell)

    async def insert(self, request: Request, calendar: str) -> Response:
        """Takes a new event."""

        def take(person: str, body: dict[str, Any]) -> Response:
            return self._done(request, self._state.calendars.insert(person, calendar, body), None)

        return await self._answer(request, Call.INSERT, take)

    async def get(self, request: Request, calendar: str, event: str) -> Response:
        """Shows an event."""

        def show(person: str, _: dict[str, Any]) -> Response:
            found = self._state.calendars.get(person, calendar, event)
            zone = request.query_params.get("timeZone")
            if request.headers.get("If-None-Match") == found.etag:
                return Response(status_code=304, headers={"ETag": found.etag})
            return JSONResponse(found.resource(zone_of(zone) if zone else None), headers={"ETag": found.etag})

        return await self._answer(request, Call.GET, show)

    async def patch(self, request: Request, calendar: str, event: str) -> Response:
        """Changes what the body names."""

        def change(person: str, body: dict[str, Any]) -> Response:
            before = self._state.calendars.get(person, calendar, event).body
            match = request.headers.get("If-Match")
            return self._done(request, self._state.calendars.patch(person, calendar, event, body, match), before)

        return await self._answer(request, Call.PATCH, change)

    async def update(self, request: Request, calendar: str, event: str) -> Response:
        """Replaces the whole."""

        def replace(person: str, body: dict[str, Any]) -> Response:
            before = self._state.calendars.get(person, calendar, event).body
            match = request.headers.get("If-Match")
            return self._done(request, self._state.calendars.update(person, calendar, event, body, match), before)

        return await self._answer(request, Call.UPDATE, replace)

    async def delete(self, request: Request, calendar: str, event: str) -> Response:
        """Deletes an event."""

        def delete(person: str, _: dict[str, Any]) -> Response:
            before = self._state.calendars.get(person, calendar, event).body
            gone = self._state.calendars.delete(person, calendar, event, request.headers.get("If-Match"))
            self._done(request, gone, before)
            return Response(status_code=204)

        return await self._answer(request, Call.DELETE, delete)

    def _done(self, request: Request, event: Event, before: dict[str, Any] | None) -> Response:
        self._state.calendars.tell(event, before, request.query_params.get("sendUpdates"))
        return JSONResponse(event.resource(), headers={"ETag": event.etag})

    async def _answer(self, request: Request, call: Call, do: Answer) -> Response:
        state, method = self._state, METHODS[call]
        token = _bearer(request)
        grant = state.grants.of_access(token)
        person = grant.person if grant else state.grants.person_of(token)
        with state.tally.in_hand(call, person):
            body, problems = await _read(request)
            problems += method.problems(request.query_params.multi_items(), body)
            state.tally.violated(call, person, problems)
            fault = fault_of(state, call, person)
            if fault is Fault.EXPIRED:
                state.grants.expire_token(token)

            async def done() -> Response:
                if not token:
                    raise errors.login_required()
                if grant is None:
                    raise errors.invalid_credentials()
                if not grant.scopes & method.scopes:
                    raise errors.insufficient_scopes(method.id)
                if problems:
                    raise errors.invalid(problems[0])
                kept, ignored = method.split(body if isinstance(body, dict) else {})
                state.tally.ignored(call, person, ignored)
                return do(grant.person, kept)

            return await state.answer(fault, request, done)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme.lower() == "bearer" else ""


async def _read(request: Request) -> tuple[object, list[str]]:
    """The body, None if there is none, and what is wrong with its form."""
    raw = await request.body()
    if not raw:
        return None, []
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    problems = [] if kind == "application/json" else [f"The body's type is {kind!r}, not application/json."]
    try:
        return json.loads(raw), problems
    except ValueError:
        return None, [*problems, "The body is not JSON."]
