"""One event: what may be in it, how it changes, and how Google's API shows it.

Checked against the discovery document's descriptions (id, iCalUID, status, times shown in the calendar's zone) and
developers.google.com/calendar/api/guides/version-resources (etag, If-Match). Known from public questions and answers
only: a sequence below the present one is refused, and a change of time raises it. Assumed: so does a change of status;
a change that changes nothing is no new version and tells nobody. There are no recurring events here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from autosync.fake_google.errors import changed, deleted, empty_range, invalid
from autosync.fake_google.times import moment, written

_ID = re.compile("[a-v0-9]{5,1024}")
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+")
_NOT_KEPT = {"kind", "etag", "eventType", "iCalUID", "id", "sequence"}
_TELLS_NOBODY = {"attendees", "colorId", "extendedProperties", "reminders", "source", "transparency"}
_versions = count(3_500_000_000_000_000, 2)


@dataclass(frozen=True, slots=True)
class Notification:
    """Mail that Google sends: `kind` is invited, updated or cancelled."""

    kind: str
    recipients: tuple[str, ...]
    sequence: int


@dataclass(slots=True)
class Event:
    """An event on its organizer's calendar. `body`: what the client may set; the rest is Google's."""

    calendar: str
    creator: str
    zone: ZoneInfo
    id: str
    uid: str
    body: dict[str, Any]
    created: datetime
    updated: datetime
    sequence: int = 0
    etag: str = ""
    notifications: list[Notification] = field(default_factory=list)
    inserts_refused: int = 0
    changes: int = 0

    def __post_init__(self) -> None:
        self.body = self._checked(self.body)
        self._renew(self.created)

    @property
    def status(self) -> str:
        """confirmed, tentative or cancelled."""
        return str(self.body["status"])

    @property
    def attendees(self) -> list[str]:
        """Their addresses, without the organizer's own."""
        return [one["email"] for one in self.body.get("attendees", ()) if one["email"].lower() != self.calendar.lower()]

    @property
    def is_busy(self) -> bool:
        """Whether it takes its time."""
        return self.status != "cancelled" and self.body.get("transparency") != "transparent"

    @property
    def span(self) -> tuple[datetime, datetime]:
        """From when to when."""
        return moment(self.body["start"], self.zone, "start"), moment(self.body["end"], self.zone, "end")

    def accepts(self, person: str) -> bool:
        """Whether it stands on the calendar of this attendee."""
        return any(
            one["email"].lower() == person.lower() and one.get("responseStatus") != "declined"
            for one in self.body.get("attendees", ())
        )

    def require(self, if_match: str | None) -> None:
        """Raises Refusal if it is not this version any more."""
        if if_match not in (None, "*", self.etag):
            raise changed()

    def change(self, body: dict[str, Any], *, now: datetime) -> bool:
        """Takes on what is set now; whether that is anything new. Raises Refusal and stays as it was."""
        given = body.get("sequence")
        new = self._checked(body)
        moves = any(new[name] != self.body[name] for name in ("start", "end", "status"))
        if given is not None and given < self.sequence:
            raise invalid("Invalid sequence value.")
        sequence = max(given or 0, self.sequence + moves)
        if new == self.body and sequence == self.sequence:
            return False
        self.body, self.sequence = new, sequence
        self.changes += 1
        self._renew(now)
        return True

    def cancel(self, *, now: datetime) -> None:
        """Deletes it. Raises Refusal if it is deleted already."""
        if self.status == "cancelled":
            raise deleted()
        self.change({**self.body, "status": "cancelled"}, now=now)

    def tell(self, before: dict[str, Any] | None, among: Iterable[str]) -> None:
        """Notes who is told of the change from this body (None: there was none), of those that may be."""
        may = {one.lower() for one in among}
        now_there = [] if self.status == "cancelled" else self.attendees
        were = _addresses(before, self.calendar)
        seen = before is not None and any(
            before.get(name) != self.body.get(name) for name in (before.keys() | self.body.keys()) - _TELLS_NOBODY
        )
        stay = [one for one in now_there if one in were]
        for kind, recipients in (
            ("invited", [one for one in now_there if one not in were]),
            ("updated", stay if seen else []),
            ("cancelled", [one for one in were if one not in now_there]),
        ):
            if told := tuple(one for one in recipients if one.lower() in may):
                self.notifications.append(Notification(kind, told, self.sequence))

    def resource(self, zone: ZoneInfo | None = None) -> dict[str, Any]:
        """As the API shows it; times in this zone, else in the calendar's."""
        shown = deepcopy(self.body)
        _put_times(shown, self.zone, zone or self.zone)
        for one in shown.get("attendees", ()):
            if one["email"].lower() == self.calendar.lower():
                one |= {"organizer": True, "self": True}
        return {
            "kind": "calendar#event",
            "etag": self.etag,
            "id": self.id,
            "htmlLink": f"https://www.google.com/calendar/event?eid={self.id}",
            "created": written(self.created, UTC, "milliseconds"),
            "updated": written(self.updated, UTC, "milliseconds"),
            **shown,
            "creator": {"email": self.creator} | ({"self": True} if self.creator == self.calendar else {}),
            "organizer": {"email": self.calendar, "self": True},
            "iCalUID": self.uid,
            "sequence": self.sequence,
            "eventType": "default",
        }

    def entry(self) -> dict[str, Any]:
        """What the stand-in's own ledger says of it."""
        return {
            "id": self.id,
            "iCalUID": self.uid,
            "calendar": self.calendar,
            "summary": self.body.get("summary"),
            "status": self.status,
            "sequence": self.sequence,
            "start": self.body["start"],
            "end": self.body["end"],
            "attendees": self.attendees,
            "private": self.body.get("extendedProperties", {}).get("private", {}),
            "inserts_accepted": 1,
            "inserts_refused": self.inserts_refused,
            "changes": self.changes,
            "notifications": [
                {"kind": one.kind, "recipients": list(one.recipients), "sequence": one.sequence}
                for one in self.notifications
            ],
        }

    def _checked(self, body: dict[str, Any]) -> dict[str, Any]:
        """The body with what Google adds where nothing is said. Raises Refusal."""
        if body.get("recurrence") or body.get("eventType", "default") != "default":
            raise invalid("This stand-in has only events of the usual kind, which happen once.")
        new = _kept(body)
        check(new, self.zone)
        _put_times(new, self.zone, self.zone)
        for one in new.get("attendees", ()):
            one.setdefault("responseStatus", "needsAction")
        return {"status": "confirmed", "reminders": {"useDefault": True}} | new

    def _renew(self, now: datetime) -> None:
        self.updated = now
        self.etag = f'"{next(_versions)}"'


def check_id(event_id: str) -> None:
    """Raises Refusal unless a client may choose this id."""
    if not _ID.fullmatch(event_id):
        raise invalid("Invalid resource id value.")


def check(body: dict[str, Any], zone: ZoneInfo) -> None:
    """Raises Refusal for what the schema has no words for."""
    for name in ("start", "end"):
        if not body.get(name):
            raise invalid(f"Missing {name} time.", reason="required")
    if ("date" in body["start"]) != ("date" in body["end"]):
        raise invalid("Start and end times must either both be date or both be dateTime.")
    if moment(body["end"], zone, "end") < moment(body["start"], zone, "start"):
        raise empty_range()
    for one in body.get("attendees", ()):
        if "email" not in one:
            raise invalid("Missing attendee email.", reason="required")
        if not _EMAIL.fullmatch(one["email"]):
            raise invalid("Invalid attendee email.")
    for one in body.get("reminders", {}).get("overrides", ()):
        if not 0 <= one.get("minutes", 0) <= 40_320 or len(body["reminders"]["overrides"]) > 5:
            raise invalid("Invalid reminders.")


def merged(body: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A patch: what is named replaces what was, objects part by part, lists whole; null takes away."""
    new = dict(body)
    for name, value in changes.items():
        if value is None:
            new.pop(name, None)
        elif isinstance(value, dict):
            below = new.get(name)
            new[name] = merged(below if isinstance(below, dict) else {}, value)
        else:
            new[name] = value
    return new


def as_patched(event: Event, changes: dict[str, Any]) -> dict[str, Any]:
    """The event's body after a patch."""
    given = {"sequence": changes["sequence"]} if changes.get("sequence") is not None else {}
    return merged(event.body, _kept(changes)) | given


def refuse_another_id(event: Event, body: dict[str, Any]) -> None:
    """Raises Refusal if a change names another id."""
    if body.get("id", event.id) != event.id:
        raise invalid("Invalid resource id value.")


def _put_times(body: dict[str, Any], zone: ZoneInfo, shown_in: ZoneInfo) -> None:
    """Writes the moments in another zone. `zone`: the calendar's."""
    for name in ("start", "end"):
        if "dateTime" in body[name]:
            there = written(moment(body[name], zone, name), shown_in)
            body[name] = {"timeZone": zone.key} | body[name] | {"dateTime": there}


def _kept(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in deepcopy(body).items() if name not in _NOT_KEPT}


def _addresses(body: dict[str, Any] | None, organizer: str) -> list[str]:
    if body is None or body.get("status") == "cancelled":
        return []
    return [one["email"] for one in body.get("attendees", ()) if one["email"].lower() != organizer.lower()]
