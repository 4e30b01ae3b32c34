"""The stretches in UTC in which the clocks of a zone show certain hours of a day, over every change of the clocks.

`local_window(day, begins, ends, zone)`: minutes since the day's midnight, the end maybe beyond the next. Hours that are
skipped are left out, and hours that come twice are in it twice.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from autosync.windows import Window, merged

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_A_DAY = timedelta(days=1)


def local_window(day: date, begins: int, ends: int, zone: ZoneInfo) -> tuple[Window, ...]:
    """Disjoint, in order; empty if the clocks skip all of it."""
    midnight = datetime.combine(day, time(), UTC)
    shown_from, shown_until = midnight + begins * _MINUTE, midnight + ends * _MINUTE
    found: list[Window] = []
    for since, until in _stretches(shown_from - _A_DAY, shown_until + _A_DAY, zone):
        offset = _offset(since, zone)
        first, last = max(shown_from - offset, since), min(shown_until - offset, until)
        if first < last:
            found.append(Window(first, last))
    return merged(found)


def _stretches(since: datetime, until: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime]]:
    """The time between, cut where the offset changes. Two changes within six hours are not looked for."""
    step = timedelta(hours=6)
    ticks = [since + n * step for n in range((until - since) // step + 1)] + [until]
    cuts = [since]
    for before, after in pairwise(ticks):
        if _offset(before, zone) != _offset(after, zone):
            cuts.append(_change(before, after, zone))
    return list(zip(cuts, [*cuts[1:], until], strict=True))


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The second from which on the offset is that of `after`, by halves."""
    while after - before > _SECOND:
        middle = before + (after - before) // _SECOND // 2 * _SECOND
        if _offset(middle, zone) == _offset(after, zone):
            after = middle
        else:
            before = middle
    return after


def _offset(instant: datetime, zone: ZoneInfo) -> timedelta:
    return instant.astimezone(zone).utcoffset() or timedelta(0)
