"""Puts chosen times into organizers' calendars: claims due events, tells Google, and records what became of it.

`await inviter.invite_once()` does one batch, `invite_due()` batch after batch. It decides nothing about syncs; the
triggers say what is wanted. Without a calendar, or once it is lost, people have the calendar file.

Where it meets others: an event is claimed, and marked, in one transaction without waiting, and Google is called outside
of any. An event's id is its sync's, so an insert of which nobody knows whether it arrived cannot make a second one:
it is looked for, by the sequence that stands in it. A change names the version that was seen (If-Match). The attempt
number fences a result that comes too late, and what changed meanwhile makes the event due again.
"""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeVar
from uuid import UUID

import structlog
from pydantic import SecretStr

from autosync import departures
from autosync.calendar_connections import CalendarConnections, NotConnected
from autosync.calendars import events as rules
from autosync.calendars.events import Delete, Insert, Missing, Rest, Seen, Wanted
from autosync.calendars.google import Event, GoogleCalendar
from autosync.calendars.google_errors import Changed, Conflict, Gone, GoogleError, NotSetUp, Throttled, Unsure
from autosync.database import events
from autosync.database.events import Claimed, Result, Told
from autosync.database.pool import Pool
from autosync.meters import Meters
from autosync.model import Delivery, EventStatus, Refused

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

BATCH_SIZE = 50
SIDE_BY_SIDE = 4
"""Organizers whose calendars are written to at once; the events of one go one after the other."""

PATIENCE = timedelta(seconds=60)
"""How long one event may take, an access token included."""

FRESH = timedelta(seconds=40)
"""How long after its claim work on an event may begin: with its time, it is over well before the claim's lease is."""

LEAST = timedelta(seconds=3)
"""Work on an event does not begin with less time than this."""

LAG = timedelta(seconds=20)
"""What Google has just taken it may not show at once, from another of its machines: that something is not there is only
believed when it is said again after this time."""

MOST_CHANGES = 3
"""How often a change is made anew because somebody else has changed the event meanwhile."""

MAIN_CALENDAR = "primary"
"""Google's name for the main calendar of whichever account is connected."""

NOT_FOUND = "It is in a calendar of another account, or was deleted there for good."


class Inviter:
    """Any number of inviters may work on one database at once."""

    def __init__(
        self,
        *,
        pool: Pool,
        connections: CalendarConnections,
        batch_size: int = BATCH_SIZE,
        meters: Meters | None = None,
    ) -> None:
        self._pool = pool
        self._connections = connections
        self._batch_size = batch_size
        self._meters = meters or Meters()

    @property
    def longest_batch(self) -> timedelta:
        """How long Google may keep a batch: the last event of it has just begun in time, and takes all of its own."""
        return FRESH + PATIENCE

    async def invite_due(self, *, at_most: timedelta | None = None) -> int:
        """Does batch after batch until no event's time has come, or `at_most` is over; returns how many it saw to."""
        deadline = None if at_most is None else time.monotonic() + at_most.total_seconds()
        total = 0
        while deadline is None or time.monotonic() + LEAST.total_seconds() <= deadline:
            done = await self.invite_once(deadline=deadline)
            total += done
            if done == 0:
                break
        return total

    async def invite_once(self, *, deadline: float | None = None, may_go_on: Callable[[], bool] = lambda: True) -> int:
        """Does one batch; returns how many events were seen to.

        `deadline`: on the monotonic clock; what Google has not done by then is in doubt, and begun is nothing shortly
        before. `may_go_on` is asked before each event. What does not begin is put back as it was.
        """
        async with self._pool.connection() as connection:
            if stale := await events.give_up_stale(connection):
                log.warning("events_given_up", events=stale)
            async with connection.transaction():
                claimed, told = await events.claim(connection, limit=self._batch_size)
        fresh_until = time.monotonic() + FRESH.total_seconds()

        def time_left() -> timedelta | None:
            """How long the next event may take; None: it is not to begin."""
            now = time.monotonic()
            if now > fresh_until or not may_go_on():
                return None
            left = PATIENCE if deadline is None else min(PATIENCE, timedelta(seconds=deadline - now))
            return left if left >= LEAST else None

        by_organizer: dict[UUID, list[Claimed]] = defaultdict(list)
        for event in claimed:
            by_organizer[event.organizer_id].append(event)
        few = asyncio.Semaphore(SIDE_BY_SIDE)

        async def one_after_the_other(own: Sequence[Claimed]) -> None:
            async with few:
                for event in own:
                    await self._see_to(event, told.get(event.sync_id), time_left())

        ended = await asyncio.gather(*map(one_after_the_other, by_organizer.values()), return_exceptions=True)
        for error in ended:
            if error is not None:  # all others have come to their end, and what this one left is looked up
                raise error
        return len(claimed)

    async def next_due(self) -> events.Due:
        """When the next event is due."""
        async with self._pool.connection() as connection:
            return await events.next_due(connection)

    async def _see_to(self, event: Claimed, told: Told | None, patience: timedelta | None) -> None:
        result = await self._attempt(event, told, patience)
        async with self._pool.connection() as connection:
            await events.record(connection, event, result)
        self._meters.count_event(result.delivery)
        if result.delivery is Delivery.FAILED:
            log.warning("event_failed", sync_id=str(event.sync_id), reason=result.reason)

    async def _attempt(self, event: Claimed, told: Told | None, patience: timedelta | None) -> Result:
        if patience is None:
            # It is due again at once, for the next batch: by the end of this one its lease might be over.
            waiting = Delivery.UNKNOWN if event.in_doubt else Delivery.QUEUED
            return Result(waiting, event.known_sequence, in_doubt=event.in_doubt, pause=timedelta(), has_begun=False)
        attempt = _Attempt(event, told, self._connections.google, self._meters)
        try:
            async with asyncio.timeout(patience.total_seconds()):
                result = await attempt.make(self._connections)
        except TimeoutError:
            result = attempt.came_to_nothing("Google did not answer in time.")
        except Exception as error:  # one event's own fault must not cost the others of the batch their record
            log.exception("inviter_raised", sync_id=str(event.sync_id))
            result = attempt.came_to_nothing(f"The program raised {type(error).__name__} over it.")
        return replace(result, calendar_id=attempt.calendar_id)


@dataclass
class _Attempt:
    """One attempt at one event. `may_be_there`: something is, or may be, in the calendar; `is_unsure`: nobody knows
    what has become of what was asked. `calendar_id`: the main calendar's address, once Google has said it: whose main
    one is meant depends on the account that is connected."""

    event: Claimed
    told: Told | None
    google: GoogleCalendar
    meters: Meters
    may_be_there: bool = False
    is_unsure: bool = False
    calendar_id: str | None = None

    async def make(self, connections: CalendarConnections) -> Result:
        """What became of it."""
        step = rules.before_asking(self._wanted)
        if isinstance(step, Rest):
            return self._at_rest(step)
        if self.told is None and self.event.status is EventStatus.CONFIRMED:
            return self._failed("The time that was chosen is not there any more.")
        try:
            return await connections.with_access(self.event.organizer_id, self._bring)
        except NotConnected as error:
            return Result(
                Delivery.NONE,
                self.event.known_sequence,
                in_doubt=self._in_doubt,
                reason=str(error),
                is_disconnected=True,
            )
        except Throttled as error:
            return self.came_to_nothing(str(error), at_least=error.retry_after)
        except (Unsure, NotSetUp, Refused) as error:  # Refused: such as tokens that no key at hand opens
            return self.came_to_nothing(str(error))
        except GoogleError as error:
            return self._failed(str(error))

    async def _bring(self, token: SecretStr) -> Result:
        """From how it is at Google to how it is wanted."""
        step = rules.before_asking(self._wanted)
        if isinstance(step, Delete):
            return await self._take_back(token)
        made = await self._insert(token) if isinstance(step, Insert) else None
        return made or await self._look_and_change(token)

    async def _look_and_change(self, token: SecretStr) -> Result:
        for _ in range(MOST_CHANGES):
            seen = await self._look(token)
            there = None if seen is None else Seen(seen.status, seen.sequence, seen.option)
            step = rules.having_seen(self._wanted, there)
            if isinstance(step, Missing):
                return self._missing(self._failed(NOT_FOUND))
            if isinstance(step, Rest):
                return self._at_rest(step, seen) if seen is not None else self._missing(self._at_rest(step))
            if seen is not None:
                changed = await self._change(token, seen)
            else:
                changed = await self._insert(token)
            if changed is not None:
                return changed
        if seen is None:
            return self._failed("Google keeps the id of an event that it shows no more.")
        return self.came_to_nothing("Somebody else goes on changing the event in the calendar.")

    async def _insert(self, token: SecretStr) -> Result | None:
        """None: its id is taken, so it is to be looked at."""
        try:
            await self._ask(self.google.insert_event(token, self.event.calendar_id, self._body()), changes=True)
        except Conflict:
            self.may_be_there = True
            return None
        except Gone:
            return self._failed("There is no calendar any more that it could go into.", forget_calendar=True)
        return self._sent()

    async def _look(self, token: SecretStr) -> Event | None:
        try:
            return await self._ask(self.google.get_event(token, self.event.calendar_id, self._id))
        except Gone:
            return None

    async def _change(self, token: SecretStr, seen: Event) -> Result | None:
        """None: somebody else was quicker, so it is to be looked at again."""
        content = rules.changes(self._body(), seen.attendees) if self.told else _only_status(self.event)
        try:
            call = self.google.patch_event(token, self.event.calendar_id, self._id, content, etag=seen.etag)
            await self._ask(call, changes=True)
        except (Changed, Gone):
            return None
        return self._sent()

    async def _take_back(self, token: SecretStr) -> Result:
        try:
            await self._ask(self.google.delete_event(token, self.event.calendar_id, self._id), changes=True)
        except Gone as error:
            # What was deleted is 410, here, too; 404 can also be because it stands in a calendar of another account.
            is_elsewhere = error.code.startswith("404") and self.event.known_sequence is not None
            return self._missing(self._failed(NOT_FOUND) if is_elsewhere else self._sent())
        return self._sent()

    def _missing(self, then: Result) -> Result:
        """`then`, once it has been missing for a while."""
        if self.event.failing_for < LAG:
            return self.came_to_nothing("Google does not show it. It is looked for once more, to be sure.")
        return then

    async def _ask(self, call: Awaitable[Answer], *, changes: bool = False) -> Answer:
        """What Google answers; whatever ends this early, a time-out included, leaves it unsure."""
        was_unsure, self.is_unsure = self.is_unsure, self.is_unsure or changes
        try:
            answer = await call
        except GoogleError as error:
            if not isinstance(error, Unsure):
                self.is_unsure = was_unsure
            self.meters.count_call(type(error).__name__.lower())
            raise
        self.is_unsure = was_unsure
        self.meters.count_call("done")
        if isinstance(answer, Event) and self.event.calendar_id == MAIN_CALENDAR:
            self.calendar_id = answer.calendar_id
        return answer

    @property
    def _wanted(self) -> Wanted:
        event = self.event
        option = None if self.told is None else rules.option_told(self.told.chosen)
        return Wanted(event.status, event.sequence, event.known_sequence, event.in_doubt, event.is_over, option)

    @property
    def _id(self) -> str:
        return rules.event_id(self.event.sync_id)

    @property
    def _in_doubt(self) -> bool:
        return self.event.in_doubt or self.may_be_there or self.is_unsure

    def _body(self) -> dict[str, object]:
        assert self.told is not None, "an event is only made of what is there"  # noqa: S101
        return rules.event_body(
            self.told.sync,
            self.told.chosen,
            sequence=self.event.sequence,
            status=self.event.status,
            attendees=rules.addresses(self.told.addresses),
        )

    def _sent(self) -> Result:
        return Result(Delivery.SENT, self.event.sequence)

    def _at_rest(self, rest: Rest, seen: Event | None = None) -> Result:
        known = self.event.known_sequence
        if seen is not None and seen.sequence is not None:
            known = seen.sequence
        return Result(Delivery.NONE if known is None else Delivery.SENT, known, reason=rest.reason)

    def _failed(self, reason: str, *, forget_calendar: bool = False) -> Result:
        return Result(
            Delivery.FAILED,
            self.event.known_sequence,
            in_doubt=self._in_doubt and not forget_calendar,
            reason=reason,
            forget_calendar=forget_calendar,
        )

    def came_to_nothing(self, reason: str, *, at_least: timedelta | None = None) -> Result:
        """To be tried, or looked at, again after a growing pause; failed once that has gone on for a day."""
        pause = departures.look_up_pause(self.event.failing_for)
        if pause is None:
            return self._failed(f"After a day of attempts it was given up: {reason}")
        return Result(
            Delivery.UNKNOWN if self.event.in_doubt or self.is_unsure else Delivery.QUEUED,
            self.event.known_sequence,
            in_doubt=self._in_doubt,
            reason=reason,
            pause=max(pause, at_least or timedelta()),
            is_failing=True,
        )


def _only_status(event: Claimed) -> dict[str, object]:
    """A change of an event whose time is not there any more to be told."""
    private = {rules.SEQUENCE_KEY: str(event.sequence)}
    return {"status": str(event.status), "extendedProperties": {"private": private}}
