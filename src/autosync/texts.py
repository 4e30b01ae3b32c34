"""Every sentence that people get by text, and how times and names are written in them.

Pure. Plain GSM-7 characters as far as the names allow, because one other character halves what fits into a segment.
Invitees always see the time zone, the organizer never does; no invitee reads how the machinery is called.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from autosync.model import Option, ResponseGoal, Sync, SyncStatus
from autosync.segments import Encoding, count

LONGEST_NAME = 60
"""Characters of an event, place or person that a text shows; the rest is cut, marked by three dots."""

_ROOM_FOR_MISSING = 60
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_OVERNIGHT = timedelta(hours=12)
"""A span into the next day that is longer than this shows both dates."""

# What phones and word processors make of plain punctuation. The backtick is plain, but not in GSM-7.
_TYPOGRAPHY = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′`´ʻʼ", "'"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‐‑‒–—―−•", "-"),
        "…": "...",
    }
)
_CHOICES = "Reply 1 to remind, 2 to send invites, 3 to stop."
_STATES = {
    SyncStatus.RUNNING: "running",
    SyncStatus.PAUSED: "paused",
    SyncStatus.COMPLETED: "invites sent",
    SyncStatus.STOPPED: "ended",
}


# To invitees


def initial(sync: Sync) -> str:
    """The first ask: who asks, for what, the options, how to answer, and how to opt out.

    Raises ValueError for a sync without options, as does the clarification.
    """
    return (
        f"{_organizer(sync)} is planning {_event(sync)}{_place(sync)}. {_question(sync)}\n"
        f"{_numbered_options(sync)}\n{_how_to_answer(sync)} Reply STOP to opt out."
    )


def reminder(sync: Sync) -> str:
    """The one reminder to somebody who has not answered; without options, which another client may have left out."""
    opening = f"{_organizer(sync)} would love to hear from you about {_event(sync)}{_place(sync)}."
    if not sync.options:
        return opening
    return f"{opening} {_question(sync)}\n{_numbered_options(sync)}\n{_how_to_answer(sync)}"


def invite(sync: Sync, chosen: Option) -> str:
    """The time that the organizer chose; it also goes to those who have not said that they can make it."""
    return (
        f"{_organizer(sync)} picked a time for {_event(sync)}{_place(sync)}: "
        f"{when(chosen, sync.timezone)}. Hope to see you there!"
    )


def clarification(sync: Sync) -> str:
    """Asks once more after an answer that could not be read, naming the valid numbers."""
    return (
        f"Sorry, we didn't catch that. {_question(sync, about=f' for {_event(sync)} with {_organizer(sync)}')}\n"
        f"{_numbered_options(sync)}\n{_how_to_answer(sync)}"
    )


def late_answer(sync: Sync) -> str:
    """Thanks for an answer that came after the end of its sync."""
    return f"Thanks for your answer! {_organizer(sync)} is no longer collecting times for {_event(sync)}."


# To the organizer


def sign_in_code(code: str, name: str) -> str:
    """What brings a code for the pages: first the code, where phones look for it, and whom it signs in."""
    who = clean(name, otherwise="your account")
    return f"{code} is your Auto Sync code for {who}, good for 5 minutes. Nobody will ever ask you for it."


def started(sync: Sync, *, remind_at: datetime) -> str:
    """Confirms the start: how many were asked, and when those who stay silent are reminded."""
    return (
        f"{_own_event(sync)}: {_people(len(sync.invitees))} asked. Anyone who hasn't answered gets one reminder on "
        f"{_day_and_time(remind_at, sync.timezone)}. After that you get a summary."
    )


def reminder_update(sync: Sync, *, reminded: int) -> str:
    """How many of how many were reminded."""
    return f"{_own_event(sync)}: reminded {reminded} of {len(sync.invitees)}. Answered so far: {_answered(sync)}."


def pause_summary(sync: Sync) -> str:
    """Answered of asked, how many can make each option, who is missing, and the choices."""
    return _report(f"{_own_event(sync)}: {_answered_of_asked(sync)} answered.", sync)


def goal_met(sync: Sync) -> str:
    """The same report as the summary, opened by the reason why it comes early."""
    answered = _answered_of_asked(sync)
    if sync.response_goal is ResponseGoal.EVERYONE:
        opening = f"{_own_event(sync)}: everyone has answered, {answered}!"
    else:
        opening = f"{_own_event(sync)}: one time works for most! {answered} answered."
    return _report(opening, sync)


def choose_option(sync: Sync) -> str:
    """Asks for which of the sync's options the invites are, with how many can make each."""
    opening = f"{_own_event(sync)}: which option? Reply with its number, or 0 to go back."
    return "\n".join((opening, *_standing(sync)))


def confirm_stop(sync: Sync) -> str:
    """Asks once more before the end; the answer that ends it is no word that a carrier listens to."""
    return (
        f"{_own_event(sync)}: call it off without invites? Reply 3 again to call it off, or anything else to keep it."
    )


def status(syncs: Sequence[Sync]) -> str:
    """A line for each of an organizer's syncs, how it stands; where two segments are too short, fewer of them."""
    if not syncs:
        return "You have no open plans right now."
    lines = [_line(sync) for sync in syncs]
    bodies = [
        "\n".join((*lines[:shown], *([f"And {len(lines) - shown} more."] if shown < len(lines) else [])))
        for shown in range(len(lines), 0, -1)
    ]
    return next(filter(_is_short, bodies), bodies[-1])


def still_paused(sync: Sync) -> str:
    """How a sync stands that its organizer has kept as it was, and the choices again."""
    return f"{_line(sync)}\n{_CHOICES}"


def organizer_help(paused: Sync | None) -> str:
    """What an organizer can text; `paused`: the sync whose choices they were offered last, if it still waits."""
    if paused is None:
        return "Reply STATUS to see how your plans stand. When one pauses, you get a text with your choices."
    return f"{_own_event(paused)}: r{_CHOICES[1:]} Reply STATUS to see how your plans stand."


def calendar_lost(sync: Sync, *, address: str | None) -> str:
    """Tells that their calendar is of no use to us any more; `address`: the page where it is connected again."""
    again = f" To connect it again: {address}" if address else ""
    return (
        f"{_own_event(sync)}: Google no longer lets us into your calendar, so dates may be missing there. "
        f"Everyone can still get them as calendar files.{again}"
    )


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


def span(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """The same of a time that is no option yet."""
    return _when(begins, ends, zone.key, True)


def when_shown(option: Option, timezone: str) -> str:
    """The same for somebody who only looks: in UTC where another client has written a time zone that is none."""
    try:
        return when(option, timezone)
    except ValueError:
        return when(option, "UTC")


def moment_shown(moment: datetime, timezone: str) -> str:
    """A moment for somebody who only looks, such as `Fri Dec 19, 6 PM EST`; in UTC as above."""
    try:
        return _when(moment, None, timezone, True)
    except ValueError:
        return _when(moment, None, "UTC", True)


def clock(shown: time) -> str:
    """What a clock shows, such as `6 PM`, `6:30 PM`, `noon` or `midnight`."""
    return "midnight" if (shown.hour, shown.minute) == (0, 0) else _time(shown)


def city(zone_name: str) -> str:
    """`New York` for America/New_York, `Indianapolis, Indiana` for America/Indiana/Indianapolis."""
    return ", ".join(reversed(zone_name.replace("_", " ").split("/")[1:])) or zone_name


@lru_cache(maxsize=4096)
def clean(name: str | None, *, otherwise: str = "") -> str:
    """A name on one line, in plain punctuation and composed letters, cut to LONGEST_NAME; `otherwise` if none is left.

    Nothing invisible is left in it: no control characters, and none that turn the direction of what follows.
    """
    cut = (name or "")[: 4 * LONGEST_NAME]
    visible = cut if cut.isprintable() else "".join(c for c in cut if c.isprintable() or c.isspace())
    plain = " ".join(unicodedata.normalize("NFC", visible).translate(_TYPOGRAPHY).split())
    if not plain:
        return otherwise
    return plain if len(plain) <= LONGEST_NAME else plain[: LONGEST_NAME - 3].rstrip() + "..."


def zone(name: str) -> ZoneInfo:
    """The time zone of this IANA name. Raises ValueError with one sentence for any other."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"The time zone {name!r} is unknown: write an IANA name such as America/New_York.") from None


def zone_shown(name: str) -> ZoneInfo:
    """The same, but UTC where another client has written a time zone that is none."""
    try:
        return zone(name)
    except ValueError:
        return zone("UTC")


def _organizer(sync: Sync) -> str:
    return clean(sync.organizer_name, otherwise="A friend")


def _event(sync: Sync) -> str:
    return clean(sync.event_name, otherwise="a get-together")


def _own_event(sync: Sync) -> str:
    """The event as its organizer reads it, at the start of a text."""
    return clean(sync.event_name, otherwise="Your get-together")


def _place(sync: Sync) -> str:
    place = clean(sync.event_location)
    return f" at {place}" if place else ""


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count} people"


def _question(sync: Sync, *, about: str = "") -> str:
    return f"Does this time work{about}?" if len(sync.options) == 1 else f"Which times work{about}?"


def _numbered_options(sync: Sync) -> str:
    if not sync.options:
        raise ValueError("A text that asks needs at least one option, but the sync has none.")
    return "\n".join(f"{option.number}) {when(option, sync.timezone)}" for option in sync.options)


def _how_to_answer(sync: Sync) -> str:
    """The examples are answers as `replies` reads them."""
    numbers = [option.number for option in sync.options]
    if len(numbers) == 1:
        return f"Reply {numbers[0]} for yes, NONE for no."
    both = f"{numbers[0]},{numbers[-1]}"
    return f"Reply with all that work (like {both if len(numbers) > 2 else f'{numbers[0]} or {both}'}) or NONE."


def _answered(sync: Sync) -> int:
    return sum(invitee.answer is not None for invitee in sync.invitees)


def _answered_of_asked(sync: Sync) -> str:
    return f"{_answered(sync)} of {len(sync.invitees)}"


def _line(sync: Sync) -> str:
    return f"{_own_event(sync)}: {_STATES[sync.status]}, {_answered_of_asked(sync)} answered."


def _report(opening: str, sync: Sync) -> str:
    """How things stand, who is missing, and the choices; where two segments are too short, fewer names."""
    standing = (opening, *_standing(sync))
    missing = [clean(i.name, otherwise="somebody without a name") for i in sync.invitees if i.answer is None]
    if not missing:
        return "\n".join((*standing, _CHOICES))
    bodies = [
        "\n".join((*standing, f"Waiting for {_listed(missing, shown)}.", _CHOICES))
        for shown in range(_most_shown(missing), -1, -1)
    ]
    return next(filter(_is_short, bodies), bodies[0])


def _is_short(body: str) -> bool:
    """Whether two segments hold it. One with a name that forces UCS-2 is let be: names matter more."""
    counted = count(body)
    return counted.encoding is Encoding.UCS_2 or counted.segments <= 2


def _standing(sync: Sync) -> list[str]:
    """A line for each option, called so because the choices below are numbers too."""
    tally = counts(sync)
    return [
        f"Option {option.number}, {when(option, sync.timezone, with_zone=False)}: {tally[option.id]} can"
        for option in sync.options
    ]


def _most_shown(names: Sequence[str]) -> int:
    """How many of the names there is room for, at least one."""
    shown = 1
    while shown < len(names) and len(", ".join(names[: shown + 1])) <= _ROOM_FOR_MISSING:
        shown += 1
    return shown


def _listed(names: Sequence[str], shown: int) -> str:
    """The first `shown` of the names, and how many more there are."""
    if shown == 0:
        return _people(len(names))
    rest = len(names) - shown
    *first, last = (*names[:shown], f"{rest} more") if rest else names
    return f"{', '.join(first)} and {last}" if first else last


@lru_cache(maxsize=4096)
def _when(start: datetime, end: datetime | None, timezone: str, with_zone: bool) -> str:
    begins = start.astimezone(zone(timezone))
    if end is None or end <= start:
        text, ends = f"{_date(begins)}, {_time(begins)}", begins
    else:
        ends = end.astimezone(begins.tzinfo)
        text = f"{_date(begins)}, {_span(begins, ends, with_zone)}"
    return f"{text} {_zone_name(ends)}" if with_zone else text


def _day_and_time(moment: datetime, timezone: str) -> str:
    local = moment.astimezone(zone(timezone))
    return f"{_date(local)}, {_time(local)}"


def _date(local: datetime) -> str:
    return f"{_WEEKDAYS[local.weekday()]} {_MONTHS[local.month - 1]} {local.day}"


def _span(begins: datetime, ends: datetime, with_zone: bool) -> str:
    """From when until when; where the clocks change in between, the zone stands at both."""
    first, last = _time(begins), _time(ends)
    clocks_change = with_zone and _zone_name(begins) != _zone_name(ends)
    if clocks_change:
        first = f"{first} {_zone_name(begins)}"
    if begins.date() != ends.date() and ends - begins > _OVERNIGHT:
        return f"{first} to {_date(ends)}, {last}"
    if (ends.hour, ends.minute) == (0, 0):
        last = "midnight"
    elif _half(begins) == _half(ends) and not clocks_change:
        first = _clock(begins)
    return f"{first}-{last}"


def _time(local: datetime | time) -> str:
    return "noon" if (local.hour, local.minute) == (12, 0) else f"{_clock(local)} {_half(local)}"


def _clock(local: datetime | time) -> str:
    hour = local.hour % 12 or 12
    return f"{hour}:{local.minute:02}" if local.minute else str(hour)


def _half(local: datetime | time) -> str:
    return "AM" if local.hour < 12 else "PM"


def _zone_name(local: datetime) -> str:
    """The zone's usual letters, or its distance from UTC where it has none."""
    name = local.tzname() or "UTC"
    if name[0] not in "+-":
        return name
    minutes = int((local.utcoffset() or timedelta()).total_seconds()) // 60
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "") if minutes else "UTC"
