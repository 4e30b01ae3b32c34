"""The best free times of a length inside the windows that were asked for, each with why, in an order that is stated.

`propose(…)` gives the first few, with `skip` the next ones of the same order; `conflicts(…)` looks at one time instead.
Pure, and of a calendar it knows nothing but what is busy. A gap that only a time off the grid would fit is not found.

**What can be proposed.** A time begins as the zone's clocks show a full or half hour (a quarter, if it is shorter than
30 minutes), or as an open window does, if that is a whole minute. Open are the asked windows, within the preferred
hours of each day unless the phrase gave hours itself. It lies wholly in one open window, begins no sooner than `notice`
from now, and meets no busy time, each widened by the buffer on both sides. Its length is real time. Clock times that
are skipped do not exist, and neither its begin nor its end is one that comes for the second time: so what the clocks
show says everywhere which moment is meant.

**The order.** Always next is, of those left, the one that comes first by:

1. how many of the other zones it would be in where people sleep: not all of it between 8 AM and 10 PM of one day there;
2. whether it begins before everybody has had the time to answer;
3. how many of those before it it meets;
4. how many of those before it begin on its day;
5. its begin.

So the first three lie on three days if they can, and the next ones are other times, not the same ones by half an hour.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from heapq import heapify, heappop, heapreplace
from itertools import islice
from zoneinfo import ZoneInfo

from autosync import texts
from autosync.option_times import moments
from autosync.windows import Window, common, merged

NOTICE = timedelta(hours=1)
"""How long before its begin a time can be proposed at all."""

TIME_TO_ANSWER = timedelta(hours=48)
"""What people get to answer, unless the caller knows better."""

WAKES, SLEEPS = time(8), time(22)
"""Where people are elsewhere, by their clocks."""

_GRID, _FINE_GRID = timedelta(minutes=30), timedelta(minutes=15)
_MINUTE, _DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Preferences:
    """An organizer's. Hours by the clocks of the zone that is asked in; if they end as or before they begin: next day.

    `buffer`: what is kept free before and after everything that is busy.
    """

    day_begins: time = time(9)
    day_ends: time = time(21)
    buffer: timedelta = timedelta()


@dataclass(frozen=True, slots=True)
class Proposal:
    """A time to propose, in UTC, and why: short sentences for the organizer."""

    begins: datetime
    ends: datetime
    reasons: tuple[str, ...]


def propose(
    windows: Sequence[Window],
    busy: Sequence[Window],
    *,
    duration: timedelta,
    now: datetime,
    zone: ZoneInfo,
    preferences: Preferences,
    hours_given: bool,
    other_zones: Collection[ZoneInfo] = (),
    most: int = 3,
    skip: int = 0,
    notice: timedelta = NOTICE,
    time_to_answer: timedelta = TIME_TO_ANSWER,
    knows_calendar: bool = True,
) -> tuple[Proposal, ...]:
    """Up to `most` times behind the `skip` best ones; none where there are no more. `duration`: whole minutes.

    `busy` in any order; `now` aware. `knows_calendar`: whether `busy` has what the organizer's calendar says, so that a
    reason may be that they are free. Raises ValueError for a duration of nothing.
    """
    if duration <= timedelta():
        raise ValueError(f"A time lasts for a while, not {duration}.")
    hours = None if hours_given else preferences
    openings = merged(windows) if hours is None else common(windows, _hours(windows, hours, zone))
    blocked = _widened(busy, preferences.buffer)
    earliest = now.astimezone(UTC) + notice
    free = list(_free_times(openings, blocked, duration, earliest, zone))
    others = [other for other in other_zones if other.key != zone.key]
    ordered = _in_order(free, others, now.astimezone(UTC) + time_to_answer, zone)
    looked_since = _next_step(now, _step(duration), zone)
    cautions = partial(caution, now=now, zone=zone, other_zones=others, time_to_answer=time_to_answer)

    def reasons(found: _Free) -> tuple[str, ...]:
        first = _freedom(found, looked_since, zone) if knows_calendar else _fit(hours)
        return (first, *cautions(found.begins))

    return tuple(Proposal(found.begins, found.ends, reasons(found)) for found in islice(ordered, skip, skip + most))


def caution(
    begins: datetime, *, now: datetime, zone: ZoneInfo, other_zones: Collection[ZoneInfo], time_to_answer: timedelta
) -> tuple[str, ...]:
    """What the clocks show elsewhere as it begins, and whether it does before everybody has had the time to answer."""
    sentences = list(_elsewhere(begins, zone, other_zones))
    if begins < now.astimezone(UTC) + time_to_answer:
        sentences.append(f"It begins before everybody has had {spoken(time_to_answer)} to answer.")
    return tuple(sentences)


def conflicts(begins: datetime, ends: datetime, busy: Sequence[Window], *, buffer: timedelta) -> tuple[Window, ...]:
    """The busy times, disjoint and in order, that this one meets, or comes nearer to than the buffer."""
    wanted = Window(begins - buffer, ends + buffer)
    return tuple(window for window in merged(busy) if window.meets(wanted))


def spoken(span: timedelta) -> str:
    """`48 hours`, `10 minutes`."""
    minutes = span // _MINUTE
    count, unit = (minutes // 60, "hour") if minutes % 60 == 0 else (minutes, "minute")
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


@dataclass(frozen=True, slots=True)
class _Free:
    """A time that can be proposed, and since when until when all is free around it."""

    begins: datetime
    ends: datetime
    since: datetime
    until: datetime


def _hours(windows: Sequence[Window], preferences: Preferences, zone: ZoneInfo) -> Iterator[Window]:
    """The preferred hours of every day that has to do with these windows."""
    seen: set[date] = set()
    ends_next_day = _DAY if preferences.day_ends <= preferences.day_begins else timedelta()
    for window in windows:
        first, last = (moment.astimezone(zone).date() for moment in (window.begins, window.ends))
        for day in (first + timedelta(n) for n in range(-1, (last - first).days + 1)):
            if day in seen:
                continue
            seen.add(day)
            opens = _reached(day, preferences.day_begins, zone)
            closes = _reached(day + ends_next_day, preferences.day_ends, zone)
            if opens < closes:  # nothing is left of hours that the clocks skip
                yield Window(opens, closes)


def _reached(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """The first moment at which the zone's clocks show this, or have skipped it."""
    if found := moments(day, clock, zone):
        return found[0]
    shown = datetime.combine(day, clock)
    before, after = (shown.replace(fold=fold, tzinfo=zone).astimezone(UTC) for fold in (1, 0))
    second = timedelta(seconds=1)
    while after - before > second:
        middle = before + (after - before) // second // 2 * second
        if middle.astimezone(zone).replace(tzinfo=None) < shown:
            before = middle
        else:
            after = middle
    return after


def _widened(busy: Sequence[Window], buffer: timedelta) -> tuple[Window, ...]:
    return merged(Window(window.begins - buffer, window.ends + buffer) for window in busy)


def _free_times(
    openings: Sequence[Window], blocked: Sequence[Window], duration: timedelta, earliest: datetime, zone: ZoneInfo
) -> Iterator[_Free]:
    """All that can be proposed, in order of time."""
    step = _step(duration)
    over = [window.ends for window in blocked]
    for opening in openings:
        for begins in _begins(opening, step, zone):
            ends = begins + duration
            if begins < earliest or ends > opening.ends:
                continue
            place = bisect_right(over, begins)
            if place < len(blocked) and blocked[place].begins < ends:
                continue
            if begins.astimezone(zone).fold or ends.astimezone(zone).fold:
                continue
            since = max(opening.begins, over[place - 1]) if place else opening.begins
            until = min(opening.ends, blocked[place].begins) if place < len(blocked) else opening.ends
            yield _Free(begins, ends, since, until)


def _step(duration: timedelta) -> timedelta:
    return _FINE_GRID if duration < _GRID else _GRID


def _next_step(moment: datetime, step: timedelta, zone: ZoneInfo) -> datetime:
    """The first moment of the grid that is not before this one."""
    today = moment.astimezone(zone).date()
    return next(found for n in range(3) for found in _grid(today + n * _DAY, step, zone) if found >= moment)


def _begins(opening: Window, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """When a time can begin in this window, in order and none twice."""
    if opening.begins.second == opening.begins.microsecond == 0:
        yield opening.begins
    first, last = (moment.astimezone(zone).date() for moment in (opening.begins, opening.ends))
    for day in (first + timedelta(n) for n in range((last - first).days + 1)):
        for moment in _grid(day, step, zone):
            if opening.begins < moment < opening.ends:
                yield moment


def _grid(day: date, step: timedelta, zone: ZoneInfo) -> Iterator[datetime]:
    """The moments of a day at which its clocks show full steps, each clock time once, the first time."""
    begins, ends = (datetime.combine(day + timedelta(n), time(), zone) for n in (0, 1))
    if begins.utcoffset() == ends.utcoffset():
        midnight = begins.astimezone(UTC)
        for n in range(_DAY // step):
            yield midnight + n * step
        return
    for n in range(_DAY // step):
        yield from moments(day, time(*divmod(n * step // _MINUTE, 60)), zone)[:1]


def _in_order(free: Sequence[_Free], others: Sequence[ZoneInfo], in_time: datetime, zone: ZoneInfo) -> Iterator[_Free]:
    """All of them, the best first."""
    taken: list[datetime] = []
    on_day: Counter[date] = Counter()
    days = [found.begins.astimezone(zone).date() for found in free]
    fixed = [(_asleep_in(found, others), found.begins < in_time) for found in free]

    def rank(number: int) -> tuple[int, bool, int, int, int]:
        found = free[number]
        # All last as long: two of them meet if their begins are less than that apart.
        met = bisect_left(taken, found.ends) - bisect_right(taken, found.begins - (found.ends - found.begins))
        return (*fixed[number], met, on_day[days[number]], number)

    ranks = [rank(number) for number in range(len(free))]
    heapify(ranks)
    while ranks:
        number = ranks[0][-1]
        # What is taken only ever makes others worse, so the least is the next one if it is still what it was.
        if (current := rank(number)) != ranks[0]:
            heapreplace(ranks, current)
            continue
        heappop(ranks)
        insort(taken, free[number].begins)
        on_day[days[number]] += 1
        yield free[number]


def _asleep_in(found: _Free, zones: Sequence[ZoneInfo]) -> int:
    return sum(not _is_waking(found, zone) for zone in zones)


def _is_waking(found: _Free, zone: ZoneInfo) -> bool:
    begins, ends = found.begins.astimezone(zone), found.ends.astimezone(zone)
    return begins.date() == ends.date() and begins.time() >= WAKES and ends.time() <= SLEEPS


def _freedom(found: _Free, looked_since: datetime, zone: ZoneInfo) -> str:
    """How long the organizer is free around it, within its own day, and of today only what is still ahead."""
    first, last = (at.astimezone(zone).date() for at in (found.begins, found.ends - timedelta(seconds=1)))
    midnight, next_midnight = _reached(first, time(), zone), _reached(last + _DAY, time(), zone)
    # An asked window can begin at the moment of asking, which is no clock time that anybody has in mind.
    since = max(found.since, midnight, min(looked_since, found.begins))
    until = min(found.until, next_midnight)
    if (since, until) == (midnight, next_midnight):
        return "You are free all day."
    return f"You are free from {_clock(since, zone)} to {_clock(until, zone)}."


def _fit(hours: Preferences | None) -> str:
    if hours is None:
        return "It is at an hour that you asked for."
    return f"It is within your hours, {texts.clock(hours.day_begins)} to {texts.clock(hours.day_ends)}."


def _elsewhere(begins: datetime, zone: ZoneInfo, others: Collection[ZoneInfo]) -> Iterator[str]:
    """What the clocks show in those other zones where they show something else."""
    cities: dict[datetime, list[str]] = {}
    here = begins.astimezone(zone).replace(tzinfo=None)
    for other in others:
        there = begins.astimezone(other).replace(tzinfo=None)
        if there != here:
            cities.setdefault(there, []).append(texts.city(other.key))
    for there, names in sorted(cities.items()):
        *first, last = sorted(set(names))
        place = f"{', '.join(first)} and {last}" if first else last
        day = f" on {there:%A}" if there.date() != here.date() else ""
        yield f"It is {texts.clock(there.time())}{day} in {place}."


def _clock(moment: datetime, zone: ZoneInfo) -> str:
    return texts.clock(moment.astimezone(zone).time())
