"""`/fake/…`: looking into the stand-in, and disturbing it. Nothing of this is Google's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator

from autosync.fake_google.calendars import Person
from autosync.fake_google.faults import read_plan
from autosync.fake_google.state import State

_DONE = 204


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Misbehave(_Body):
    """The body of `POST /fake/misbehave`; the names of faults and calls are those of `Fault` and `Call`.

    `probabilities`: of each fault in any call; `by_call`: those of a call, instead. `calls`, `people`: what goes wrong
    with the next calls of a kind, or of a person, one after another.
    """

    probabilities: dict[str, float] = Field(default_factory=dict)
    by_call: dict[str, dict[str, float]] = Field(default_factory=dict)
    calls: dict[str, list[str]] = Field(default_factory=dict)
    people: dict[str, list[str]] = Field(default_factory=dict)
    seed: int | None = None
    slow_seconds: float = 1.0
    retry_after: int | None = None


class _Account(_Body):
    email: str
    zone: str = "UTC"
    calendars: list[str] = Field(default_factory=list)

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str) -> str:
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, OSError):
            raise ValueError(f"{zone} is no time zone") from None
        return zone


class _People(_Body):
    people: list[_Account] = Field(min_length=1)


class _Span(_Body):
    start: AwareDatetime
    end: AwareDatetime


class _Busy(_Body):
    person: str
    calendar: str = "primary"
    busy: list[_Span]


class _Of(_Body):
    person: str


class _OfAnybody(_Body):
    person: str | None = None


class _Seconds(_Body):
    seconds: float = Field(ge=0)


class _Event(_Body):
    id: str


class _Edit(_Event):
    changes: dict[str, Any]


class Controls:
    """The stand-in's own addresses."""

    def __init__(self, state: State) -> None:
        self._state = state

    def add_to(self, app: FastAPI) -> None:
        """Adds them."""
        for path in ("ledger", "requests", "violations", "grants"):
            app.add_api_route(f"/fake/{path}", getattr(self, path), methods=["GET"], response_model=None)
        for path in (
            "people", "busy", "misbehave", "revoke", "expire", "lasts", "wait", "forget", "delete_event", "edit_event",
        ):  # fmt: skip
            app.add_api_route(
                f"/fake/{path}", getattr(self, path), methods=["POST"], response_model=None, status_code=_DONE
            )

    async def ledger(self) -> dict[str, Any]:
        """Every event that was taken."""
        return {"events": self._state.calendars.ledger()}

    async def requests(self) -> dict[str, object]:
        """How often was asked what, by whom, and how much is not done yet."""
        return self._state.tally.requests()

    async def violations(self) -> dict[str, object]:
        """What did not fit the interface."""
        return self._state.tally.violations()

    async def grants(self) -> dict[str, list[str]]:
        """Who allows what."""
        return self._state.grants.living()

    async def people(self, wanted: _People) -> None:
        """Sets who has an account."""
        self._state.calendars.set_people(
            Person(one.email, ZoneInfo(one.zone), tuple(one.calendars)) for one in wanted.people
        )

    async def busy(self, wanted: _Busy) -> None:
        """Adds busy times."""
        self._state.calendars.add_busy(wanted.person, wanted.calendar, [(one.start, one.end) for one in wanted.busy])

    async def misbehave(self, wanted: Misbehave) -> Response:
        """Replaces the plan of faults."""
        try:
            self._state.plan = read_plan(**wanted.model_dump())
        except ValueError as error:
            return JSONResponse({"error": str(error)}, status_code=400)
        return Response(status_code=_DONE)

    async def revoke(self, wanted: _Of) -> None:
        """Ends a person's grant, as they can at Google's side."""
        self._state.grants.end(wanted.person)

    async def expire(self, wanted: _OfAnybody) -> None:
        """Lets access tokens be over."""
        self._state.grants.expire(wanted.person)

    async def lasts(self, wanted: _Seconds) -> None:
        """How long access tokens are good."""
        self._state.grants.lasts = timedelta(seconds=wanted.seconds)

    async def wait(self, wanted: _Seconds) -> None:
        """Puts the clock ahead."""
        self._state.clock.ahead += timedelta(seconds=wanted.seconds)

    async def forget(self) -> None:
        """Is as it was at first."""
        self._state.forget()

    async def delete_event(self, wanted: _Event) -> None:
        """The person deletes an event by hand."""
        event = self._state.calendars.find(wanted.id)
        self._by_hand(event.id, {"status": "cancelled"})

    async def edit_event(self, wanted: _Edit) -> None:
        """The person changes an event by hand."""
        self._by_hand(wanted.id, wanted.changes)

    def _by_hand(self, event_id: str, changes: dict[str, Any]) -> None:
        event = self._state.calendars.find(event_id)
        before = event.body
        self._state.calendars.patch(event.creator, event.calendar, event_id, changes, None)
        self._state.calendars.tell(event, before, "all")
