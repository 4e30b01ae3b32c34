"""Every sentence that people get by text, and how times and names are written in them.

Pure. Plain GSM-7 characters as far as the names allow, because one other character halves what fits into a segment.
Invitees always see the time zone, the organizer never does; no invitee reads how the machinery is called.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from autosync.model import Option, ResponseGoal, Sync

LONGEST_NAME = 60
"""Characters of an event, place or person that a text shows; the rest is cut, marked by three dots."""

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "\u202f": " "}
)
_CHOICES = "Reply 1 to remind, 2 to send invites, 3 to stop."
_NAMES_SHOWN = 6


# To invitees


def initial(sync: Sync) -> str:
    """The first ask: who asks, for what, the options, and how to answer."""
    return (
        f"{_organizer(sync)} is planning {_event(sync)}{_place(sync)}. Which times work for you?\n"
        f"{_numbered_options(sync)}\n{_how_to_answer(sync)} Reply STOP to opt out."
    )


def reminder(sync: Sync) -> str:
    """The one reminder to somebody who has not answered."""
    return (
        f"{_organizer(sync)} would love to hear from you about {_event(sync)}{_place(sync)}. Which times work?\n"
        f"{_numbered_options(sync)}\n{_how_to_answer(sync)}"
    )


def invite(sync: Sync, chosen: Option) -> str:
    """The time that the organizer chose."""
    return f"{_event(sync)} is on: {when(chosen, sync.timezone)}{_place(sync)}. See you there! {_organizer(sync)}"


def clarification(sync: Sync) -> str:
    """Asks once more after an answer that could not be read, naming the valid numbers."""
    return f"Sorry, which times work for {_event(sync)}?\n{_numbered_options(sync)}\n{_how_to_answer(sync)}"


def late_answer(sync: Sync) -> str:
    """Thanks for an answer that came after the end of its sync."""
    return f"Thanks for your answer! {_organizer(sync)} is no longer collecting times for {_event(sync)}."


# To the organizer


def started(sync: Sync, *, remind_at: datetime) -> str:
    """Confirms the start: how many were asked, and when those who stay silent are reminded."""
    return (
        f"{_event(sync)}: {_people(len(sync.invitees))} asked. Whoever has not answered by "
        f"{_day_and_time(remind_at, sync.timezone)} gets one reminder, and you get a summary after that."
    )


def reminder_update(sync: Sync, *, reminded: int) -> str:
    """How many of how many were reminded."""
    answered = len(sync.invitees) - reminded
    return f"{_event(sync)}: reminded {reminded} of {len(sync.invitees)}. {answered} answered so far."


def pause_summary(sync: Sync) -> str:
    """Answered of asked, how many can make each option, who is missing, and the choices."""
    return "\n".join((f"{_event(sync)}: {_answered(sync)}.", *_standing(sync), _CHOICES))


def goal_met(sync: Sync) -> str:
    """The same report as the summary, opened by the reason why it comes early."""
    if sync.response_goal is ResponseGoal.EVERYONE:
        opening = f"{_event(sync)}: everyone has answered, all {len(sync.invitees)}."
    else:
        opening = f"{_event(sync)}: more than half can make the same time. {_answered(sync)}."
    return "\n".join((opening, *_standing(sync), _CHOICES))


# Parts


def counts(sync: Sync) -> dict[UUID, int]:
    """How many invitees can make each option, by option id, in the options' order."""
    answers = [invitee.answer for invitee in sync.invitees if invitee.answer]
    return {option.id: sum(option.id in answer for answer in answers) for option in sync.options}


def when(option: Option, timezone: str, *, with_zone: bool = True) -> str:
    """Weekday, date and time of an option, such as `Fri Dec 19, 6-8 PM EST`.

    Raises ValueError for a time zone that is not an IANA name.
    """
    return _when(option.start, option.end, timezone, with_zone)


def clean(name: str | None, *, otherwise: str = "") -> str:
    """A name on one line, in plain punctuation, cut to LONGEST_NAME."""
    plain = " ".join((name or "")[: 4 * LONGEST_NAME].translate(_TYPOGRAPHY).split())
    plain = "".join(character for character in plain if character.isprintable())
    if not plain:
        return otherwise
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3].rstrip() + "..."


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises ValueError with one sentence for any other."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"The time zone {name!r} is unknown: write an IANA name such as America/New_York.") from None


def _organizer(sync: Sync) -> str:
    return clean(sync.organizer_name, otherwise="A friend")


def _event(sync: Sync) -> str:
    return clean(sync.event_name, otherwise="a get-together")


def _place(sync: Sync) -> str:
    place = clean(sync.event_location)
    return f" at {place}" if place else ""


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _numbered_options(sync: Sync) -> str:
    return "\n".join(f"{option.number}) {when(option, sync.timezone)}" for option in sync.options)


def _how_to_answer(sync: Sync) -> str:
    numbers = [option.number for option in sync.options]
    if len(numbers) == 1:
        return f"Reply {numbers[0]} if it works for you, or NONE."
    examples = f"{numbers[0]} or {numbers[0]},{numbers[-1]}"
    return f"Reply with the numbers that work, like {examples}, or NONE."


def _answered(sync: Sync) -> str:
    answered = sum(invitee.answer is not None for invitee in sync.invitees)
    return f"{answered} of {len(sync.invitees)} answered"


def _standing(sync: Sync) -> list[str]:
    tally = counts(sync)
    lines = [
        f"{option.number}) {when(option, sync.timezone, with_zone=False)}: {tally[option.id]} can"
        for option in sync.options
    ]
    missing = [clean(i.name, otherwise="somebody without a name") for i in sync.invitees if i.answer is None]
    return [*lines, f"Missing: {_listed(missing)}."] if missing else lines


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMES_SHOWN])
    rest = len(names) - _NAMES_SHOWN
    return f"{shown} and {rest} more" if rest > 0 else shown


@lru_cache(maxsize=4096)
def _when(start: datetime, end: datetime | None, timezone: str, with_zone: bool) -> str:
    begins = start.astimezone(zone(timezone))
    text = f"{_date(begins)}, {_span(begins, end and end.astimezone(begins.tzinfo))}"
    return f"{text} {_zone_name(begins)}" if with_zone else text


def _day_and_time(moment: datetime, timezone: str) -> str:
    local = moment.astimezone(zone(timezone))
    return f"{_date(local)}, {_time(local)}"


def _date(local: datetime) -> str:
    return f"{_WEEKDAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}"


def _span(begins: datetime, ends: datetime | None) -> str:
    if ends is None:
        return _time(begins)
    if ends - begins >= timedelta(hours=24):
        return f"{_time(begins)} to {_date(ends)}, {_time(ends)}"
    first = _clock(begins) if _half(begins) == _half(ends) else _time(begins)
    return f"{first}-{_time(ends)}"


def _time(local: datetime) -> str:
    return f"{_clock(local)} {_half(local)}"


def _clock(local: datetime) -> str:
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02}" if local.minute else str(hour)


def _half(local: datetime) -> str:
    return "AM" if local.hour < 12 else "PM"


def _zone_name(local: datetime) -> str:
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
