"""The event of a sync as Google is told of it, and what is to be done about it, by what is known of both sides.

Pure: `event_body(…)` is the whole event, `changes(…)` what a change to it says, `before_asking(…)` and `having_seen(…)`
decide. An attendee is told what the invite by text says, the time, the name and the place, and not who else comes.

Its id is the sync's own, so that a second insert cannot make a second event, and its sequence stands in a private
property: by it a look tells whether a change has arrived of which nobody knows.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from autosync import texts
from autosync.found_times import USUAL_DURATION
from autosync.model import EventStatus, Option, Sync

MOST_ATTENDEES = 200
"""Google takes no more guests than this."""

SYNC_KEY = "autosync_sync"
SEQUENCE_KEY = "autosync_sequence"
"""The private property in which an event's sequence is kept: Google's own counts Google's own changes, too."""

OPTION_KEY = "autosync_option"
"""The private property of which option, and when, it tells: a database that was put back counts its sequences again."""

_ADDRESS = re.compile(
    r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_LONGEST_ADDRESS, _LONGEST_LOCAL_PART = 254, 64


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as it is at Google. `status`: in Google's words; `sequence`: ours, None where somebody removed it.

    `option`: as `option_told` writes it, None where it does not stand there.
    """

    status: str
    sequence: int | None
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of an event, and what is known of it.

    `known_sequence`: the last that Google is known to have, None: nothing; `in_doubt`: an attempt may have done more.
    `is_over`: the chosen time is. `option`: as `option_told` writes it, None where it is not there any more.
    """

    status: EventStatus
    sequence: int
    known_sequence: int | None
    in_doubt: bool
    is_over: bool
    option: str | None = None


@dataclass(frozen=True, slots=True)
class Rest:
    """There is nothing to do, for this reason."""

    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Insert:
    """Make it."""


@dataclass(frozen=True, slots=True)
class Look:
    """See how it is."""


@dataclass(frozen=True, slots=True)
class Change:
    """Make it as it is wanted, from what was seen."""


@dataclass(frozen=True, slots=True)
class Delete:
    """Take it back."""


@dataclass(frozen=True, slots=True)
class Missing:
    """The calendar had it, and it is not to be found: another one beside it must not be made."""


def before_asking(wanted: Wanted) -> Rest | Insert | Look | Delete:
    """What to do before anything has been asked of Google."""
    if wanted.is_over:
        return Rest("The time was over before the calendar could be told.")
    nothing_there = wanted.known_sequence is None and not wanted.in_doubt
    if nothing_there and wanted.status is not EventStatus.CONFIRMED:
        return Rest("It was taken back before it had reached the calendar.")
    if wanted.status is EventStatus.CANCELLED:
        return Delete()
    return Insert() if nothing_there else Look()


def having_seen(wanted: Wanted, seen: Seen | None) -> Rest | Insert | Change | Missing:
    """What to do about an event that is to be there, once it has been looked for; None: there is none.

    What the organizer has deleted by hand stays deleted until the sync itself changes again.
    """
    if seen is None and wanted.known_sequence is not None:
        return Missing()
    if seen is None or seen.status == EventStatus.CANCELLED:
        if wanted.status is EventStatus.TENTATIVE:
            return Rest("It was no longer in the calendar when the sync went on.")
        if seen is None:
            return Insert()
        if seen.sequence is not None and seen.sequence >= wanted.sequence:
            return Rest("It was deleted in the calendar, and is left so.")
        return Change()
    if seen.sequence is None or seen.sequence < wanted.sequence:
        return Change()
    is_another = None not in (seen.option, wanted.option) and seen.option != wanted.option
    return Change() if seen.sequence == wanted.sequence and is_another else Rest()


def option_told(option: Option) -> str:
    """Which option an event tells, and when that is."""
    return f"{option.id} {option.start.astimezone(UTC).isoformat()}"


def ends_at(option: Option) -> datetime:
    """When an event of this option ends: without an end after its start it takes as long as they usually do."""
    return option.end if option.end is not None and option.end > option.start else option.start + USUAL_DURATION


def event_id(sync_id: UUID) -> str:
    """The id of a sync's event: its digits are among those that Google allows, 0 to 9 and a to v."""
    return sync_id.hex


def ical_uid(sync_id: UUID) -> str:
    """The UID that Google gives to the event of this id: with it, a file and Google's own invite are one event."""
    return f"{event_id(sync_id)}@google.com"


def event_body(
    sync: Sync, chosen: Option, *, sequence: int, status: EventStatus, attendees: Sequence[str]
) -> dict[str, Any]:
    """The whole event. `attendees`: e-mail addresses. Times are in the sync's zone, in UTC where that is none."""
    zone = texts.zone_shown(sync.timezone)
    return {
        "id": event_id(sync.id),
        "status": str(status),
        "summary": texts.clean(sync.event_name, otherwise="Get-together"),
        "location": texts.clean(sync.event_location),
        "start": _moment(chosen.start, zone),
        "end": _moment(ends_at(chosen), zone),
        "attendees": [{"email": address} for address in attendees],
        "guestsCanInviteOthers": False,
        "guestsCanSeeOtherGuests": False,
        "extendedProperties": {
            "private": {
                SYNC_KEY: str(sync.id),
                SEQUENCE_KEY: str(sequence),
                OPTION_KEY: option_told(chosen),
            }
        },
    }


def changes(body: Mapping[str, Any], there: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """What a change says that makes the event as `body`; `there`: the attendees whom it has.

    They stay, with what they have answered, and so do those whom the organizer has added by hand.
    """
    kept = [dict(attendee) for attendee in there]
    known = {str(attendee.get("email", "")).casefold() for attendee in kept}
    new = [attendee for attendee in body["attendees"] if attendee["email"].casefold() not in known]
    return {key: value for key, value in body.items() if key != "id"} | {"attendees": [*kept, *new][:MOST_ATTENDEES]}


def addresses(written: Iterable[str | None]) -> tuple[str, ...]:
    """Those of these that are e-mail addresses, each once, in order; Google refuses an event for one that is none."""
    found: dict[str, str] = {}
    for address in sorted((each or "").strip() for each in written):
        if is_address(address):
            found.setdefault(address.casefold(), address)
    return tuple(found[key] for key in sorted(found))[:MOST_ATTENDEES]


def is_address(text: str) -> bool:
    """Whether this is an e-mail address such as every mail server takes."""
    local = text.partition("@")[0]
    return len(text) <= _LONGEST_ADDRESS and len(local) <= _LONGEST_LOCAL_PART and _ADDRESS.fullmatch(text) is not None


def _moment(moment: datetime, zone: ZoneInfo) -> dict[str, str]:
    return {"dateTime": moment.astimezone(zone).isoformat(timespec="seconds"), "timeZone": zone.key}
