"""What a text must pass at the moment it leaves, not only when it was queued.

Pure: `decide(text, now=...)` says leave, and for how long that is so, hold until, or cancel, each of the last two with
its reason. It sends nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from autosync import quiet_hours
from autosync.model import MessageType, SyncStatus

MAX_ATTEMPTS = 100
"""After this many attempts that the gateway did not process, which takes a day, a text is failed."""

_STATES = {
    MessageType.INITIAL: {SyncStatus.RUNNING, SyncStatus.PAUSED},
    MessageType.REMINDER: {SyncStatus.RUNNING},
    MessageType.INVITE: {SyncStatus.COMPLETED},
    MessageType.CLARIFICATION: {SyncStatus.RUNNING, SyncStatus.PAUSED},
    MessageType.LATE_ANSWER: {SyncStatus.STOPPED, SyncStatus.COMPLETED},
    MessageType.STARTED: {SyncStatus.RUNNING},
    MessageType.REMINDER_UPDATE: {SyncStatus.RUNNING},
    MessageType.PAUSE_SUMMARY: {SyncStatus.PAUSED},
    MessageType.GOAL_MET: {SyncStatus.PAUSED},
    MessageType.CHOOSE_OPTION: {SyncStatus.PAUSED},
    MessageType.CONFIRM_STOP: {SyncStatus.PAUSED},
    MessageType.STATUS: set(SyncStatus),
    MessageType.HELP: set(SyncStatus),
}
"""The states of a sync in which a text of each type still makes sense."""

_ANSWERS_THE_PERSON = {
    MessageType.CLARIFICATION,
    MessageType.LATE_ANSWER,
    MessageType.STARTED,
    MessageType.CHOOSE_OPTION,
    MessageType.CONFIRM_STOP,
    MessageType.STATUS,
    MessageType.HELP,
}
"""Texts that answer what the person has just done: while that is so, these do not wait for the morning."""

JUST_NOW = timedelta(minutes=10)
"""How long a text that answers somebody may leave at night."""

PAUSED = "Sending for this organizer is paused:"
"""How the reason of a text begins that is held because an operator has paused its organizer's sending."""

_PAUSED_LOOK_AGAIN = timedelta(minutes=15)
_FIRST_LOOK_AGAIN = timedelta(minutes=1)

_ONE_A_ROUND = {
    MessageType.REMINDER,
    MessageType.REMINDER_UPDATE,
    MessageType.PAUSE_SUMMARY,
    MessageType.GOAL_MET,
    MessageType.INVITE,
}
"""Texts that the same text of a later round makes pointless."""

_ABOUT_TIMES_AHEAD = {
    MessageType.INITIAL,
    MessageType.REMINDER,
    MessageType.CLARIFICATION,
    MessageType.INVITE,
}
"""Texts that are pointless once every option is over, an invite once the chosen one is."""


_ASKS_THE_ORGANIZER = {
    MessageType.PAUSE_SUMMARY,
    MessageType.GOAL_MET,
    MessageType.CHOOSE_OPTION,
    MessageType.CONFIRM_STOP,
}
"""Texts that are pointless once the organizer has decided."""


@dataclass(frozen=True, slots=True)
class Departing:
    """A claimed text and what is true at this moment.

    `phone_number`: E.164, or None where there is none to text. `over_at`: when the last option ends (aware), for an
    invite the chosen one, None if there is no option. `superseded`: a later text of its type and recipient exists, or
    it is an invite, and another time is chosen.
    `age`: since it was queued. `paused_because`: why an operator has paused its organizer's sending; None: nobody has.
    `first_is_open`: it is a reminder, and of the text that it reminds of it is open yet whether and when that leaves;
    `first_is_lost`: that one will never leave. `is_settled`: what it asks has been answered, or decided otherwise.
    """

    id: UUID
    type: MessageType
    phone_number: str | None
    timezone: str
    sync_status: SyncStatus
    answered: bool
    over_at: datetime | None
    superseded: bool
    suppressed: bool
    age: timedelta
    paused_because: str | None = None
    first_is_open: bool = False
    first_is_lost: bool = False
    is_settled: bool = False


@dataclass(frozen=True, slots=True)
class Leave:
    """It may leave now.

    `valid_for` (more than nothing): after that long from now it may not leave any more, and so must not arrive either.
    """

    valid_for: timedelta


@dataclass(frozen=True, slots=True)
class Hold:
    """It has to wait, `until` then, for this reason."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """It has become pointless, or must not be sent at all, for this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Untextable:
    """There is no number that it could go to, for this reason."""

    reason: str


Departure = Leave | Hold | Cancel | Untextable


def decide(text: Departing, *, now: datetime) -> Departure:
    """Whether `text` may leave at `now` (aware)."""
    if text.sync_status not in _STATES[text.type]:
        return Cancel(f"The sync was {text.sync_status} before this text could leave.")
    if text.type is MessageType.REMINDER and text.answered:
        return Cancel("The invitee answered before this text could leave.")
    if text.first_is_lost:
        return Cancel("The first text to this person never left, so there is nothing to remind them of.")
    over_at = text.over_at if text.type in _ABOUT_TIMES_AHEAD else None
    if over_at is not None and over_at <= now:
        what = "The chosen time" if text.type is MessageType.INVITE else "Every option"
        return Cancel(f"{what} was over before this text could leave.")
    if text.type in _ONE_A_ROUND and text.superseded:
        if text.type is MessageType.INVITE:
            return Cancel("Another time was chosen before this text could leave.")
        return Cancel("A later text of this kind was queued before this one could leave.")
    if text.type in _ASKS_THE_ORGANIZER and text.is_settled:
        return Cancel("The organizer had decided before this text could leave.")
    if text.phone_number is None:
        return Untextable("There is no phone number that can be texted.")
    if text.suppressed:
        return Cancel("The number has opted out of all texts.")
    if text.paused_because is not None:
        return Hold(now + _PAUSED_LOOK_AGAIN, f"{PAUSED} {text.paused_because}")
    if text.type is MessageType.INITIAL and text.sync_status is SyncStatus.PAUSED:
        return Hold(now + _PAUSED_LOOK_AGAIN, "The sync is paused.")
    fate = _unless_it_is_night(text, text.phone_number, now, over_at)
    if text.first_is_open and isinstance(fate, Leave):
        return Hold(now + _FIRST_LOOK_AGAIN, "The first text to this person has not left yet.")
    return fate


def _unless_it_is_night(text: Departing, phone_number: str, now: datetime, over_at: datetime | None) -> Departure:
    just_now_ends = now + max(JUST_NOW - text.age, timedelta()) if text.type in _ANSWERS_THE_PERSON else now
    night = quiet_hours.awake_until(phone_number, fallback=text.timezone, now=just_now_ends)
    reason = quiet_hours.held_reason(phone_number, fallback=text.timezone, now=now)
    if night > now or reason is None:
        return Leave((night if over_at is None else min(night, over_at)) - now)
    opening = quiet_hours.next_awake(phone_number, fallback=text.timezone, now=now)
    return Hold(quiet_hours.morning_slot(opening, key=text.id), reason)


def retry_pause(attempt: int) -> timedelta | None:
    """How long to wait after attempt number `attempt` (from 1) was not processed; None: no further attempt.

    15 s, doubled each time, a quarter of an hour at the most.
    """
    if attempt >= MAX_ATTEMPTS:
        return None
    return min(timedelta(seconds=15 * 2 ** min(attempt - 1, 10)), timedelta(minutes=15))


def look_up_pause(age: timedelta) -> timedelta | None:
    """How long to wait before a text that has been in doubt for `age` is looked up again; None: an operator decides.

    Half as long again as it has been unknown, between half a minute and one hour; for one day.
    """
    if age >= timedelta(hours=24):
        return None
    return min(max(age / 2, timedelta(seconds=30)), timedelta(hours=1))
