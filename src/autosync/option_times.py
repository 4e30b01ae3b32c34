"""Reads an option as somebody types it, and writes it so: a date, when it begins, and when it ends if that is known.

`2026-12-19 18:00 to 20:00`, `2026-12-19T18:00/2026-12-20T01:00`, `2026-12-19 18:00`. Pure; phrases are not read here.
Of a time that comes twice, because the clocks go back, it takes the first; `moments` gives both, to be asked about.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from autosync.model import Unusable

_FORM = re.compile(
    r"""\s*(?P<date>\d{4}-\d\d-\d\d)[T\s]\s*(?P<begins>\d\d?:\d\d)
        (?:\s*(?:-|/|–|to|until)\s*(?:(?P<end_date>\d{4}-\d\d-\d\d)[T\s]\s*)?(?P<ends>\d\d?:\d\d))?\s*""",
    re.VERBOSE,
)


def read_option(text: str, zone: ZoneInfo) -> tuple[datetime, datetime | None]:
    """Begin and end (None: not said) in UTC, of times written as in `zone`. Raises Unusable."""
    match = _FORM.fullmatch(text)
    if match is None:
        raise Unusable(f"The option {text!r} cannot be read: write it as 2026-12-19 18:00 to 20:00.")
    begins = _moment(text, match["date"], match["begins"], zone)
    if match["ends"] is None:
        return begins, None
    ends = _moment(text, match["end_date"] or match["date"], match["ends"], zone)
    return begins, ends


def write_option(begins: datetime, ends: datetime, zone: ZoneInfo) -> str:
    """What `read_option` reads as these times (aware): whole minutes, and the first ones that the clocks show so."""
    first, last = begins.astimezone(zone), ends.astimezone(zone)
    day = "" if first.date() == last.date() else f"{last:%Y-%m-%d} "
    return f"{first:%Y-%m-%d %H:%M} to {day}{last:%H:%M}"


def moments(day: date, clock: time, zone: ZoneInfo) -> tuple[datetime, ...]:
    """When, in UTC, the clocks of a zone show this: once, twice where they go back, not at all where they go ahead.

    Raises OverflowError at the ends of the calendar.
    """
    shown = datetime.combine(day, clock.replace(fold=0, tzinfo=None))
    found = {shown.replace(fold=fold, tzinfo=zone).astimezone(UTC) for fold in (0, 1)}
    return tuple(sorted(moment for moment in found if moment.astimezone(zone).replace(tzinfo=None) == shown))


def _moment(text: str, day: str, clock: str, zone: ZoneInfo) -> datetime:
    try:
        hour, minute = (int(part) for part in clock.split(":"))
        found = moments(date.fromisoformat(day), time(hour, minute), zone)
    except (ValueError, OverflowError) as error:
        raise Unusable(f"The option {text!r} names a day or time that does not exist.") from error
    if not found:
        raise Unusable(f"The option {text!r} does not exist in {zone.key}: its clocks skip {clock} that day.")
    return found[0]
