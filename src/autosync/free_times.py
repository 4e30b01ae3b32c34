"""Finds times to propose: what was asked for in words, within the organizer's hours, and free in their calendar.

`await free_times.propose(organizer_id, "next week evenings")` gives a `Found`; `check` looks at times that are typed
already. Other syncs of the organizer count as busy, too. It holds no connection while Google answers, and writes
nothing; what it says is true for now: nobody keeps a time free until the sync has started.

Where Google cannot be asked, times are proposed all the same, and what is found says that they were not checked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog

from autosync import found_times, proposals, texts
from autosync.calendar_connections import CalendarConnections, Disconnected, NotConnected
from autosync.calendars.google_errors import GoogleError
from autosync.database import calendars, clock, people
from autosync.database.calendars import CalendarState
from autosync.database.people import Organizer
from autosync.database.pool import Connection, Pool
from autosync.database.taken_times import Taken, list_taken
from autosync.elsewhere import differs, zones_elsewhere
from autosync.found_times import (
    LONGEST,
    LONGEST_PHRASE,
    MOST_SKIPPED,
    SHORTEST,
    USUAL_DURATION,
    Calendar,
    Conflict,
    Found,
    Looked,
    Meets,
)
from autosync.model import MOST_OPTIONS, Refused, Timings, Unusable
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.proposals import Preferences, Proposal
from autosync.time_phrases import Asked, Exact, Unclear, read_phrase
from autosync.windows import Window

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=5)
"""How long somebody who waits for times waits for Google."""

Times = tuple[datetime, datetime | None]


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who asks, and all that is to be known for it."""

    organizer: Organizer
    calendar: CalendarState
    now: datetime
    timings: Timings
    numbers: tuple[str, ...]

    @property
    def zone(self) -> ZoneInfo:
        """Their own; UTC where they have said none, or none that exists."""
        try:
            return texts.zone(self.organizer.timezone or "UTC")
        except ValueError:
            return texts.zone("UTC")

    @property
    def preferences(self) -> Preferences:
        wishes = self.calendar.wishes
        return Preferences(wishes.day_begins, wishes.day_ends, wishes.buffer)

    def others(self, here: ZoneInfo) -> tuple[ZoneInfo, ...]:
        """In which other zones somebody of them is: their own first."""
        own = (self.zone,) if self.organizer.timezone and differs(self.zone, here=here, at=self.now) else ()
        found = zones_elsewhere(self.numbers, here=here, at=self.now)
        return (*own, *(zone for zone in found if not own or differs(zone, here=own[0], at=self.now)))


@dataclass(frozen=True, slots=True)
class _Busy:
    """What is there already."""

    looked: Looked
    calendar: tuple[Window, ...]
    taken: tuple[Taken, ...]

    @property
    def windows(self) -> tuple[Window, ...]:
        return (*self.calendar, *(taken.window for taken in self.taken))


class FreeTimes:
    """For all organizers. `connections` None: no calendar can be connected, or looked at, here."""

    def __init__(
        self, *, pool: Pool, connections: CalendarConnections | None, region: str, patience: timedelta = PATIENCE
    ) -> None:
        """`region`: the country of numbers without a country code; `patience`: how long Google is waited for."""
        self._pool = pool
        self._connections = connections
        self._region = region
        self._patience = patience

    async def propose(
        self,
        organizer_id: UUID,
        phrase: str,
        *,
        duration: timedelta | None = None,
        zone: ZoneInfo | None = None,
        crew: str | None = None,
        skip: int = 0,
    ) -> Found:
        """Up to three times that the phrase asks for, without the `skip` best ones.

        `duration`: unless the phrase says one; None: USUAL_DURATION. `zone`: whose clocks the phrase means, and the
        preferred hours; None: the organizer's own. `crew`: the name or id of theirs, so that nobody is asked to come
        at night. Raises Unusable for an impossible duration or phrase, Refused for an organizer or crew that is none.
        """
        _refuse_unusable(phrase, duration)
        asker = await self._asker(organizer_id, crew)
        here = zone or asker.zone
        read = read_phrase(phrase, now=asker.now, zone=here, lasting=duration or USUAL_DURATION)
        if isinstance(read, Unclear):
            return Found(here, duration or USUAL_DURATION, question=read.question, choices=read.choices)
        if isinstance(read, Exact):
            return await self._one_time(asker, read, duration or USUAL_DURATION, here)
        lasts = read.duration or duration or USUAL_DURATION
        if not SHORTEST <= lasts <= LONGEST:
            return Found(here, lasts, question=_LASTS)
        return await self._best(asker, read, lasts, here, skip)

    async def check(
        self, organizer_id: UUID, times: Sequence[Times], *, zone: ZoneInfo
    ) -> tuple[Looked, list[tuple[Conflict, ...]]]:
        """How far the calendar was looked at, and what each of these times is in conflict with.

        `times`: begin and end, aware; without an end they count as USUAL_DURATION. `zone`: in whose clocks it is said.
        Raises Refused for an organizer that is none.
        """
        asker = await self._asker(organizer_id, None)
        wanted = [Window(begins, ends or begins + USUAL_DURATION) for begins, ends in times]
        busy = await self._busy(asker, wanted, margin=_WHOLE_DAY)
        return busy.looked, [self._conflicts(asker, busy, window, zone) for window in wanted]

    async def _best(self, asker: _Asker, asked: Asked, duration: timedelta, zone: ZoneInfo, skip: int) -> Found:
        busy = await self._busy(asker, asked.windows)
        found = proposals.propose(
            asked.windows,
            busy.windows,
            duration=duration,
            now=asker.now,
            zone=zone,
            preferences=asker.preferences,
            hours_given=asked.hours_given,
            other_zones=asker.others(zone),
            most=MOST_OPTIONS + 1,
            skip=min(skip, MOST_SKIPPED),
            time_to_answer=asker.timings.pause_delay,
            knows_calendar=busy.looked.is_whole,
        )
        hours = None if asked.hours_given else asker.preferences
        shown = found[:MOST_OPTIONS]
        has_more = len(found) > len(shown) and skip + len(shown) <= MOST_SKIPPED
        return Found(
            zone,
            duration,
            heard=asked.heard if asked.duration else found_times.lasting(asked.heard, duration),
            looked=busy.looked,
            proposals=shown,
            nothing=None if shown else found_times.nothing_free(duration, hours, skip=skip),
            next_skip=skip + len(shown) if has_more else None,
        )

    async def _one_time(self, asker: _Asker, exact: Exact, duration: timedelta, zone: ZoneInfo) -> Found:
        wanted = Window(exact.begins, exact.ends or exact.begins + duration)
        if wanted.begins <= asker.now:
            return Found(zone, wanted.lasts, question="That has begun already: say a time that is still ahead.")
        busy = await self._busy(asker, [wanted], margin=_WHOLE_DAY)
        conflicts = self._conflicts(asker, busy, wanted, zone)
        freedom = ("You are free then.",) if busy.looked.is_whole and not conflicts else ()
        caution = proposals.caution(
            wanted.begins,
            now=asker.now,
            zone=zone,
            other_zones=asker.others(zone),
            time_to_answer=asker.timings.pause_delay,
        )
        return Found(
            zone,
            wanted.lasts,
            heard=exact.heard if exact.ends else found_times.lasting(exact.heard, duration),
            looked=busy.looked,
            proposals=(Proposal(wanted.begins, wanted.ends, (*freedom, *caution)),),
            is_exact=True,
            conflicts=conflicts,
        )

    def _conflicts(self, asker: _Asker, busy: _Busy, wanted: Window, zone: ZoneInfo) -> tuple[Conflict, ...]:
        buffer = asker.preferences.buffer
        found: list[Conflict] = []
        for meets in (Meets.CHOSEN, Meets.PROPOSED, Meets.CALENDAR):
            told = {conflict.window for conflict in found}
            windows = [taken.window for taken in busy.taken if taken.is_chosen is (meets is Meets.CHOSEN)]
            if meets is Meets.CALENDAR:
                windows = [window for window in busy.calendar if window not in told]
            for window in proposals.conflicts(wanted.begins, wanted.ends, windows, buffer=buffer):
                found.append(found_times.conflict(window, meets, wanted, zone=zone, buffer=buffer))
        return tuple(found)

    async def _asker(self, organizer_id: UUID, crew: str | None) -> _Asker:
        async with self._pool.connection() as connection:
            found = await people.find_organizers(connection, organizer_id)
            if not found:
                raise Refused("This account has no profile yet: say first who you are.")
            calendar = await calendars.find(connection, organizer_id)
            now, timings = await clock.read(connection)
            numbers = await self._numbers(connection, organizer_id, crew) if crew else ()
        return _Asker(found[0], calendar, now, timings, numbers)

    async def _numbers(self, connection: Connection, organizer_id: UUID, crew: str) -> tuple[str, ...]:
        """The numbers of a crew that can be texted. Raises Refused where there is no such crew, or several."""
        found = await people.find_crews(connection, organizer_id, crew)
        if len(found) != 1:
            raise Refused(f"The organizer has {len(found) or 'no'} crew{'s' if found else ''} {crew!r}: give an id.")
        members = await people.list_members(connection, found[0].id)
        numbers = []
        for member in members:
            try:
                numbers.append(to_e164(member.phone_number or "", default_region=self._region))
            except UntextableNumber:
                continue  # whoever cannot be asked is not waited for
        return tuple(numbers)

    async def _busy(self, asker: _Asker, wanted: Sequence[Window], *, margin: timedelta | None = None) -> _Busy:
        """All that is there around these windows. `margin`: how far around; None: as far as the buffer goes."""
        around = asker.preferences.buffer if margin is None else margin
        span = Window(min(w.begins for w in wanted) - around, max(w.ends for w in wanted) + around)
        async with self._pool.connection() as connection:
            taken = await list_taken(connection, asker.organizer.id, span, open_end=USUAL_DURATION)
        looked, busy = await self._look(asker, span)
        return _Busy(looked, busy, tuple(taken))

    async def _look(self, asker: _Asker, span: Window) -> tuple[Looked, tuple[Window, ...]]:
        """How far the calendar could be looked at, and what is in it."""
        connections, state = self._connections, asker.calendar
        if connections is None and state.is_connected:
            return Looked(Calendar.UNREACHABLE, found_times.NOT_FROM_HERE), ()
        if connections is None or not (state.is_connected or state.disconnected_because):
            return Looked(Calendar.NONE, found_times.NOT_CONNECTED), ()
        ids = state.wishes.calendar_ids
        try:
            async with asyncio.timeout(self._patience.total_seconds()):
                found = await connections.with_access(
                    asker.organizer.id,
                    lambda token: connections.google.busy(token, ids, begins=span.begins, ends=span.ends),
                )
        except Disconnected as error:
            return Looked(Calendar.DISCONNECTED, found_times.lost(str(error))), ()
        except NotConnected:
            return Looked(Calendar.NONE, found_times.NOT_CONNECTED), ()
        except (GoogleError, TimeoutError, Refused) as error:
            why = error.code if isinstance(error, GoogleError) else type(error).__name__
            log.warning("calendar_not_looked_at", organizer_id=str(asker.organizer.id), error=why)
            return Looked(Calendar.UNREACHABLE, found_times.UNREACHABLE), ()
        unreadable = tuple(sorted(found.unreadable))
        return Looked(Calendar.CONNECTED, found_times.checked(unreadable), unreadable), found.busy


_WHOLE_DAY = timedelta(hours=26)
"""Around a time of which is said what it meets: Google tells no more of what is there than it was asked for."""

_LASTS = "It should last between 5 minutes and 12 hours: how long is it?"


def _refuse_unusable(phrase: str, duration: timedelta | None) -> None:
    if len(phrase) > LONGEST_PHRASE:
        raise Unusable(f"When it could be takes {len(phrase)} characters; {LONGEST_PHRASE} are the most.")
    if duration is not None and (not SHORTEST <= duration <= LONGEST or duration % timedelta(minutes=1)):
        raise Unusable("It should last between 5 minutes and 12 hours, in whole minutes.")
