"""In which other time zones people are, as far as their phone numbers tell.

`zones_elsewhere(numbers, here=zone, at=now)`, the most frequent first. Pure. A number tells where it was given out, not
where its owner travels; one that may be in places whose clocks differ (a Russian mobile) tells nothing here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from autosync.quiet_hours import zones_of

MOST_ZONES = 4
"""More are not of use to anybody who reads a list of times."""

_Clocks = tuple[timedelta | None, ...]


def zones_elsewhere(numbers: Iterable[str], *, here: ZoneInfo, at: datetime) -> tuple[ZoneInfo, ...]:
    """Up to MOST_ZONES zones of these numbers (E.164) whose clocks differ from those here some time in the next year.

    Zones that share their clocks are one. `at`: aware.
    """
    people: Counter[_Clocks] = Counter()
    named: dict[_Clocks, str] = {}
    for number in numbers:
        candidates = [zone for zone in zones_of(number, fallback="UTC") if zone != "UTC"]
        clocks = {_clocks(ZoneInfo(zone), at) for zone in candidates}
        if len(clocks) == 1:
            (shown,) = clocks
            people[shown] += 1
            named.setdefault(shown, next((zone for zone in candidates if zone in _well_known()), candidates[0]))
    people.pop(_clocks(here, at), None)
    return tuple(ZoneInfo(named[clocks]) for clocks, _ in people.most_common(MOST_ZONES))


def differs(zone: ZoneInfo, *, here: ZoneInfo, at: datetime) -> bool:
    """Whether the clocks of this zone differ from those here some time in the next year."""
    return _clocks(zone, at) != _clocks(here, at)


def _clocks(zone: ZoneInfo, at: datetime) -> _Clocks:
    """How far from UTC its clocks are, now and then in the next year."""
    return tuple((at + timedelta(weeks=8 * n)).astimezone(zone).utcoffset() for n in range(7))


@cache
def _well_known() -> frozenset[str]:
    """The zones that stand for all that share their clocks since 1970: London, not Guernsey."""
    table = files("tzdata").joinpath("zoneinfo/zone1970.tab").read_text(encoding="utf-8")
    return frozenset(line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#"))
