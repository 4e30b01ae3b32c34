"""People, their calendars, and every event that was taken: what can be seen of them, and who may change what.

Checked against the discovery document's descriptions. Known from public issues and code only: a query spans 90 days at
most (calcom/cal.diy, pull request 11962); a deleted event keeps its id taken and is still found
(googleapis/google-api-python-client, issue 210); busy times that overlap or touch are one. Assumed: they are cut at the
query's ends. An event stands on its attendees' calendars as a busy time, but cannot be fetched there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from autosync.fake_google.clock import Clock
from autosync.fake_google.errors import calendar_error, duplicate, empty_range, invalid, not_found
from autosync.fake_google.events import Event, as_patched, check_id, refuse_another_id
from autosync.fake_google.times import written, zone_of

LONGEST_QUERY = timedelta(days=90)
MOST_CALENDARS = 50

Span = tuple[datetime, datetime]


@dataclass(slots=True)
class Person:
    """An account. `calendars`: those that are theirs beside the primary one, whose id is the address."""

    email: str
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    calendars: tuple[str, ...] = ()


class Calendars:
    """All calendars there are."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._people: dict[str, Person] = {}
        self._busy: dict[str, list[Span]] = {}
        self._events: dict[tuple[str, str], Event] = {}

    @property
    def people(self) -> list[str]:
        """Their addresses."""
        return list(self._people)

    def set_people(self, people: Iterable[Person]) -> None:
        """Who has an account from now on; what is in their calendars stays."""
        self._people = {person.email: person for person in people}

    def add_busy(self, person: str, calendar: str, spans: Iterable[Span]) -> None:
        """Times at which something else is in a calendar. Raises Refusal."""
        self._busy.setdefault(self._own(person, calendar), []).extend(spans)

    def ledger(self) -> list[dict[str, Any]]:
        """Every event that was taken, in the order of taking."""
        return [event.entry() for event in self._events.values()]

    def free_busy(self, person: str, query: dict[str, Any]) -> dict[str, Any]:
        """The answer to a query. Raises Refusal."""
        begins, ends = (_required_moment(query, name) for name in ("timeMin", "timeMax"))
        if ends <= begins:
            raise empty_range()
        if ends - begins > LONGEST_QUERY:
            raise calendar_error(
                400, "timeRangeTooLong", "The requested time range is too long.",
                domain="calendar", location=("parameter", "timeMax"),
            )  # fmt: skip
        zone = zone_of(query.get("timeZone", "UTC"))
        wanted = [str(item.get("id", "")) for item in query.get("items", ())]
        too_many = len(wanted) > min(query.get("calendarExpansionMax", MOST_CALENDARS), MOST_CALENDARS)
        return {
            "kind": "calendar#freeBusy",
            "timeMin": written(begins, UTC, "milliseconds"),
            "timeMax": written(ends, UTC, "milliseconds"),
            "calendars": {
                calendar: _failed("calendar", "tooManyCalendarsRequested")
                if too_many
                else self._one_calendar(person, calendar, (begins, ends), zone)
                for calendar in wanted
            },
        }

    def insert(self, person: str, calendar: str, body: dict[str, Any]) -> Event:
        """Takes a new event. Raises Refusal."""
        calendar = self._own(person, calendar)
        event_id = body.get("id") or uuid4().hex
        check_id(event_id)
        if there := self._events.get((calendar, event_id)):
            there.inserts_refused += 1
            raise duplicate()
        if "id" in body and "iCalUID" in body:
            raise invalid("Only one of id and iCalUID can be chosen.")
        now = self._clock.now()
        event = Event(
            calendar=calendar,
            creator=person,
            zone=self._people[person].zone,
            id=event_id,
            uid=body.get("iCalUID", f"{event_id}@google.com"),
            body=body,
            created=now,
            updated=now,
            sequence=body.get("sequence", 0),
        )
        self._events[calendar, event_id] = event
        return event

    def get(self, person: str, calendar: str, event_id: str) -> Event:
        """An event, also one that was deleted. Raises Refusal."""
        event = self._events.get((self._own(person, calendar), event_id))
        if event is None:
            raise not_found()
        return event

    def patch(self, person: str, calendar: str, event_id: str, changes: dict[str, Any], if_match: str | None) -> Event:
        """Changes what is named. Raises Refusal."""
        event = self.get(person, calendar, event_id)
        event.require(if_match)
        refuse_another_id(event, changes)
        event.change(as_patched(event, changes), now=self._clock.now())
        return event

    def update(self, person: str, calendar: str, event_id: str, body: dict[str, Any], if_match: str | None) -> Event:
        """Replaces the whole. Raises Refusal."""
        event = self.get(person, calendar, event_id)
        event.require(if_match)
        refuse_another_id(event, body)
        event.change(body, now=self._clock.now())
        return event

    def delete(self, person: str, calendar: str, event_id: str, if_match: str | None) -> Event:
        """Deletes an event, which stays to be found. Raises Refusal."""
        event = self.get(person, calendar, event_id)
        event.require(if_match)
        event.cancel(now=self._clock.now())
        return event

    def tell(self, event: Event, before: dict[str, Any] | None, send_updates: str | None) -> None:
        """Notes whom Google writes to. externalOnly: those without an account here."""
        outside = [one for one in [*event.attendees, *_emails(before)] if one not in self._people]
        match send_updates:
            case "all":
                event.tell(before, [*event.attendees, *_emails(before)])
            case "externalOnly":
                event.tell(before, outside)

    def find(self, event_id: str) -> Event:
        """An event by its id alone. Raises Refusal."""
        for (_, one), event in self._events.items():
            if one == event_id:
                return event
        raise not_found()

    def _own(self, person: str, calendar: str) -> str:
        """The calendar's real id. Raises Refusal unless it is this person's."""
        account = self._people.get(person)
        if account and calendar in ("primary", person):
            return person
        if account and calendar in account.calendars:
            return calendar
        raise not_found()

    def _one_calendar(self, person: str, calendar: str, within: Span, zone: ZoneInfo) -> dict[str, Any]:
        account = self._people.get(person)
        if account is None or calendar not in ("primary", person, *account.calendars):
            return _failed("global", "notFound")
        own = self._own(person, calendar)
        taken = list(self._busy.get(own, ()))
        for event in self._events.values():
            if event.is_busy and (event.calendar == own or (own == person and event.accepts(person))):
                taken.append(event.span)
        return {
            "busy": [
                {"start": written(begins, zone), "end": written(ends, zone)} for begins, ends in _merged(taken, within)
            ]
        }


def _emails(body: dict[str, Any] | None) -> list[str]:
    return [one["email"] for one in (body or {}).get("attendees", ())]


def _failed(domain: str, reason: str) -> dict[str, Any]:
    return {"errors": [{"domain": domain, "reason": reason}], "busy": []}


def _merged(spans: Iterable[Span], within: Span) -> list[Span]:
    found: list[Span] = []
    for begins, ends in sorted((max(begins, within[0]), min(ends, within[1])) for begins, ends in spans):
        if begins >= ends:
            continue
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], ends))
        else:
            found.append((begins, ends))
    return found


def _required_moment(query: dict[str, Any], name: str) -> datetime:
    if not query.get(name):
        raise invalid(f"Missing {name} parameter.", reason="required", location=name)
    moment = datetime.fromisoformat(query[name])
    if moment.tzinfo is None:
        raise invalid("Bad Request", reason="badRequest", location=name)
    return moment
