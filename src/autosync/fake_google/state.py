"""Everything the stand-in remembers, and how one call to it is answered, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

from fastapi import Request, Response
from fastapi.responses import PlainTextResponse

from autosync.fake_google import errors
from autosync.fake_google.calendars import Calendars, Person
from autosync.fake_google.clock import Clock
from autosync.fake_google.dropping import Drop, until_gone
from autosync.fake_google.errors import Refusal
from autosync.fake_google.faults import Call, Fault, Misbehaviour
from autosync.fake_google.grants import Grants
from autosync.fake_google.tally import Tally

Do = Callable[[], Awaitable[Response]]

_LIMITS = {
    Fault.THROTTLE: (429, "rateLimitExceeded", "Rate Limit Exceeded"),
    Fault.RATE_LIMIT: (403, "rateLimitExceeded", "Rate Limit Exceeded"),
    Fault.USER_RATE_LIMIT: (403, "userRateLimitExceeded", "User Rate Limit Exceeded"),
    Fault.QUOTA: (403, "quotaExceeded", "Calendar usage limits exceeded."),
}


@dataclass(slots=True)
class State:
    """The one Google that there is. `people`: who has an account at first; `lasts`: how long access tokens are good."""

    people: Collection[str]
    lasts: timedelta
    clock: Clock = field(init=False)
    tally: Tally = field(init=False)
    plan: Misbehaviour = field(init=False)
    calendars: Calendars = field(init=False)
    grants: Grants = field(init=False)

    def __post_init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Is as it was at first."""
        self.clock, self.tally, self.plan = Clock(), Tally(), Misbehaviour()
        self.calendars = Calendars(self.clock)
        self.calendars.set_people(Person(email) for email in self.people)
        self.grants = Grants(clock=self.clock, lasts=self.lasts)

    async def answer(self, fault: Fault | None, request: Request, do: Do) -> Response:
        """Does it, or not, and answers, or not. Raises Refusal."""
        match fault:
            case None:
                return await do()
            case Fault.SLOW:
                await asyncio.sleep(self.plan.slow_seconds)
                return await do()
            case Fault.FORBIDDEN:
                raise errors.calendar_error(403, "forbidden", "Forbidden")
            case Fault.NOT_FOUND:
                raise errors.not_found()
            case Fault.DUPLICATE:
                raise errors.duplicate()
            case Fault.DELETED:
                raise errors.deleted()
            case Fault.EXPIRED:
                raise errors.invalid_credentials()
        if fault in _LIMITS:
            status, reason, message = _LIMITS[fault]
            after = {} if self.plan.retry_after is None else {"Retry-After": str(self.plan.retry_after)}
            raise errors.calendar_error(status, reason, message, domain="usageLimits", headers=after)
        return await self._without_an_answer(fault, request, do)

    async def _without_an_answer(self, fault: Fault, request: Request, do: Do) -> Response:
        if fault.endswith("_after"):
            with suppress(Refusal):  # whatever it was, nobody learns of it
                await do()
        match fault.rpartition("_")[0]:
            case "timeout":
                await until_gone(request)
                return Response(status_code=504)
            case "error":
                raise _of_the_server(request, 503, "Service is unavailable")
            case "internal":
                raise _of_the_server(request, 500, "Backend Error")
            case "garbage":
                return PlainTextResponse("<html>Everything is fi", status_code=200)
        return Drop()


def fault_of(state: State, call: Call, person: str | None) -> Fault | None:
    """What goes wrong with a call; a grant that ends just now is ended here."""
    fault = state.plan.pick(call, person)
    if fault is Fault.INVALID_GRANT:
        if person is not None:
            state.grants.end(person)
        return None  # what is left of it is the refusal of a grant that is over
    return fault


def _of_the_server(request: Request, status: int, message: str) -> Refusal:
    if request.url.path in ("/token", "/revoke"):
        return errors.oauth_error(status, "internal_failure", message)
    return errors.calendar_error(status, "backendError", message)
