"""Quiet hours: a text leaves only from 09:00 until 20:00 on the clocks where its recipient may be.

`awake` decides at the moment of sending, and `awake_until` says how long that holds; for a text that is held,
`next_awake` says until when, `held_reason` why, and `morning_slot` keeps held texts from leaving all at once.
It reads no clock, and cannot see who moved or travels.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, reduce
from hashlib import sha256
from uuid import UUID
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import UNKNOWN_TIMEZONE, time_zones_for_geographical_number, time_zones_for_number

OPENS, CLOSES = time(9), time(20)
_OPEN_FOR = timedelta(hours=CLOSES.hour - OPENS.hour)

# A shorter window is left unused: a text that was given a slot in it could miss it, and would miss it again every day.
SHORTEST_WINDOW = timedelta(minutes=30)

# A day, and the two hours that clock changes may add to it. Candidate zones that are not awake together for longer
# than this do not decide, or the text would be held for weeks: see `_plan`.
LONGEST_WAIT = timedelta(hours=26)

_NANP = 1
_NAMED_AT_MOST = 3


def awake(phone_number: str, *, fallback: str, now: datetime) -> bool:
    """Whether a text to this number may leave now: 09:00 <= local time < 20:00 in every zone of `zones_of`.

    Where the zones are never awake together, `fallback` decides alone (see `_plan`). A naive `now` raises ValueError.
    """
    instant = _utc(now)
    return any(instant in window for window in _plan_for(phone_number, fallback, instant).windows)


def next_awake(phone_number: str, *, fallback: str, now: datetime) -> datetime:
    """`now` itself if the recipient is awake, else the earliest instant (in UTC) at which `awake` is true.

    That is at most 26 hours away. A naive `now` raises ValueError.
    """
    if awake(phone_number, fallback=fallback, now=now):
        return now
    instant = _utc(now)
    windows = _plan_for(phone_number, fallback, instant).windows
    return next(window.opens for window in windows if window.opens > instant)


def awake_until(phone_number: str, *, fallback: str, now: datetime) -> datetime:
    """The earliest instant (in UTC) from `now` on at which `awake` is false: `now` itself if the recipient sleeps.

    A naive `now` raises ValueError.
    """
    end = _utc(now)
    for window in _plan_for(phone_number, fallback, end).windows:
        if end in window:
            end = window.closes
    return end


def held_reason(phone_number: str, *, fallback: str, now: datetime) -> str | None:
    """None if the recipient is awake, else one sentence: why the text waits and until when. Never names the number."""
    if awake(phone_number, fallback=fallback, now=now):
        return None
    instant, opening = _utc(now), next_awake(phone_number, fallback=fallback, now=now)
    zones = _deciding_zones(phone_number, fallback, instant)
    # All of them may be awake, if only for a window too short to be used.
    asleep = [zone for zone in zones if not OPENS <= _local(instant, zone).time() < CLOSES] or list(zones)
    clocks = ", ".join(f"{_local(instant, zone):%H:%M} in {zone}" for zone in asleep[:_NAMED_AT_MOST])
    unnamed = len(asleep) - _NAMED_AT_MOST
    others = f" and quiet hours in {unnamed} more" if unnamed > 0 else ""
    return (
        f"Held until {_local(opening, asleep[0]):%Y-%m-%d %H:%M} in {asleep[0]} ({opening:%Y-%m-%d %H:%M} UTC), "
        f"because texts leave between {OPENS:%H:%M} and {CLOSES:%H:%M} where the recipient is, "
        f"and it is {clocks}{others}{_whose_zones(phone_number, fallback, zones)}."
    )


def morning_slot(opening: datetime, *, key: UUID, spread: timedelta = timedelta(minutes=20)) -> datetime:
    """When (in UTC) the held text `key` leaves: within `spread` after `opening`, and always the same for the same key.

    `opening` is the `next_awake` of a text that is held: every window lasts 30 minutes or more, and a longer `spread`
    counts as 30 minutes, so the slot is never outside it. A naive `opening` or a negative `spread` raises ValueError.
    """
    if spread < timedelta(0):
        raise ValueError(f"A morning spread cannot be negative, but it is {spread}: give zero or more.")
    microseconds = min(spread, SHORTEST_WINDOW) // timedelta(microseconds=1)
    # Hashed, because ids that were made together (UUID version 7) differ only in their last bits.
    number = int.from_bytes(sha256(key.bytes).digest()[:8])
    return _utc(opening) + timedelta(microseconds=number % max(microseconds, 1))


@lru_cache(maxsize=65_536)
def zones_of(phone_number: str, *, fallback: str) -> tuple[str, ...]:
    """Every IANA zone in which the owner of the number may be, sorted; never empty.

    A number that tells no zone, or one that this machine's zone data lacks, counts as `fallback`: the sync's zone,
    or UTC when that is unknown too.
    """
    instead = _fallback_zone(fallback)
    told = _zones_by_number(phone_number) or (instead,)
    return tuple(sorted({zone if _zone_info(zone) else instead for zone in told}))


@lru_cache(maxsize=65_536)
def _zones_by_number(phone_number: str) -> tuple[str, ...]:
    """The zones that the number itself tells, empty if none."""
    try:
        number = phonenumbers.parse(phone_number)
    except phonenumbers.NumberParseException:
        return ()
    zones: tuple[str, ...] = tuple(time_zones_for_number(number))
    if number.country_code == _NANP and zones != (UNKNOWN_TIMEZONE,):
        # In +1 the area code is the place, for mobiles too; time_zones_for_number gives a Jamaican mobile all 42 zones.
        # Elsewhere the prefix of a mobile misleads: it would put every Russian one in Moscow.
        zones = tuple(time_zones_for_geographical_number(number))
    return tuple(zone for zone in zones if zone != UNKNOWN_TIMEZONE)


def _fallback_zone(fallback: str) -> str:
    return fallback if _zone_info(fallback) else "UTC"


@lru_cache(maxsize=2_048)
def _zone_info(zone: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # not there, not a zone's name, or a folder such as "America"
        return None


@dataclass(frozen=True, slots=True, order=True)
class _Window:
    """The instants from `opens` until just before `closes`, both in UTC."""

    opens: datetime
    closes: datetime

    def __contains__(self, instant: datetime) -> bool:
        return self.opens <= instant < self.closes

    @property
    def length(self) -> timedelta:
        return self.closes - self.opens


@dataclass(frozen=True, slots=True)
class _Plan:
    """When texts may leave, and the stretches in which the fallback decides because the zones share no window."""

    windows: tuple[_Window, ...]
    fallback_decides: tuple[_Window, ...]


def _plan_for(phone_number: str, fallback: str, instant: datetime) -> _Plan:
    return _plan(zones_of(phone_number, fallback=fallback), _fallback_zone(fallback), instant.date())


@lru_cache(maxsize=4_096)
def _plan(zones: tuple[str, ...], fallback: str, day: date) -> _Plan:
    """The plan for a UTC day and the next: the windows that all zones share, and the fallback's where they share none.

    North American toll-free numbers have candidates from Guam to Newfoundland: in winter they share half an hour a day,
    in summer nothing for months. Who can be anywhere is best guessed to be where the sync is, so its zone decides then.

    Whether a gap is too long must not depend on the day that is asked about, so the plan looks two days further both
    ways than it is used: a gap that is cut off there is known to be long enough.
    """
    midnight = datetime.combine(day, time(), UTC)
    span = _Window(midnight - timedelta(days=2), midnight + timedelta(days=5))
    awake_together: list[_Window] = reduce(_intersection, [_waking_hours(zone, span) for zone in zones])
    shared = _usable(awake_together)
    gaps = [gap for gap in _gaps(shared, span) if gap.length > LONGEST_WAIT]
    by_fallback = _usable(_intersection(gaps, _waking_hours(fallback, span))) if gaps else []
    return _Plan(tuple(sorted(shared + by_fallback)), tuple(gaps))


def _usable(windows: list[_Window]) -> list[_Window]:
    return [window for window in windows if window.length >= SHORTEST_WINDOW]


def _intersection(these: list[_Window], those: list[_Window]) -> list[_Window]:
    pairs = ((max(a.opens, b.opens), min(a.closes, b.closes)) for a in these for b in those)
    return [_Window(opens, closes) for opens, closes in pairs if opens < closes]


def _gaps(windows: list[_Window], span: _Window) -> list[_Window]:
    edges = [span.opens, *(edge for window in windows for edge in (window.opens, window.closes)), span.closes]
    return [_Window(closed, opens) for closed, opens in zip(edges[::2], edges[1::2], strict=True)]


def _waking_hours(zone: str, span: _Window) -> list[_Window]:
    """The zone's windows within the span, in order; exact on days whose 09:00 or 20:00 is skipped or comes twice."""
    windows: list[_Window] = []
    for stretch in _stretches(ZoneInfo(zone), span):
        offset = _offset(ZoneInfo(zone), stretch.opens)
        first, last = (stretch.opens + offset).date(), (stretch.closes + offset).date()
        mornings = (datetime.combine(first + timedelta(n), OPENS, UTC) - offset for n in range((last - first).days + 1))
        by_the_clock = [_Window(morning, morning + _OPEN_FOR) for morning in mornings]
        windows += _intersection([stretch], by_the_clock)
    return windows


def _stretches(zone: ZoneInfo, span: _Window) -> list[_Window]:
    """The span, cut where the zone's offset changes."""
    step = timedelta(hours=6)
    ticks = [span.opens + n * step for n in range(span.length // step + 1)]
    offsets = [_offset(zone, tick) for tick in ticks]
    changes = [n for n in range(1, len(ticks)) if offsets[n - 1] != offsets[n]]
    cuts = [span.opens, *(_transition(zone, ticks[n - 1], ticks[n]) for n in changes)]
    return [_Window(opens, closes) for opens, closes in zip(cuts, [*cuts[1:], span.closes], strict=True)]


def _transition(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset becomes what it is `after`, by bisection."""
    second = timedelta(seconds=1)
    while after - before > second:
        middle = before + (after - before) // second // 2 * second
        if _offset(zone, middle) == _offset(zone, after):
            after = middle
        else:
            before = middle
    return after


def _offset(zone: ZoneInfo, instant: datetime) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)


def _local(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(ZoneInfo(zone))


def _deciding_zones(phone_number: str, fallback: str, instant: datetime) -> tuple[str, ...]:
    plan = _plan_for(phone_number, fallback, instant)
    if any(instant in gap for gap in plan.fallback_decides):
        return (_fallback_zone(fallback),)
    return zones_of(phone_number, fallback=fallback)


def _whose_zones(phone_number: str, fallback: str, deciding: tuple[str, ...]) -> str:
    """The end of the sentence: why these zones, when it is not simply the only one of the number."""
    told = [zone for zone in _zones_by_number(phone_number) if _zone_info(zone)]
    instead = "so the sync's counts" if _zone_info(fallback) else "and the sync's is unknown, so UTC counts"
    if not told:
        return f" (the number tells no time zone, {instead})"
    if len(told) > 1 and len(deciding) == 1:
        return f" (the number's {len(told)} possible time zones are not awake together on this day, {instead})"
    if len(deciding) > 1:
        return f" (the number may be in any of {len(deciding)} time zones, and all must be awake)"
    return ""


def _utc(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise ValueError(f"{instant.isoformat()} has no time zone, so quiet hours cannot be told: give an aware time.")
    return instant.astimezone(UTC)
