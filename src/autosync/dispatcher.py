"""Sends what is queued: claims texts, checks each at the moment it leaves, sends, and records what the gateway said.

`await dispatcher.dispatch_once()` does one batch; `dispatch_batch()` lets the next one begin while the gateway still
has texts of this one (see underway.py), and `finish()` waits for those. It decides nothing about syncs, and never sends
a text again of which nobody knows whether it left: such a text becomes `unknown` and is looked up at its gateway by
`look_up_once()`.

Where it meets others: claiming and marking `sending` is one transaction that share-locks the texts' syncs and their
numbers, and reads the facts under these locks. Whoever stops a sync or suppresses a number takes the same lock
exclusively and then waits until what is already on its way has been reported; so nothing leaves after a stop has been
stored. Two dispatchers never hold the same text, and the attempt number fences a result that comes too late.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from uuid import UUID

import structlog

from autosync import departures, send_rate
from autosync.backlog import Backlog
from autosync.database import clock, jobs, messages, rates
from autosync.database.messages import QueuedText, Result, UnknownText
from autosync.database.pool import Connection, Pool
from autosync.departures import Cancel, Departing, Departure, Hold, Leave, Untextable
from autosync.gateways import SEND_TIMEOUT, Accepted, FindResult, Gateway, NotThere, OutgoingText
from autosync.meters import Meters
from autosync.model import MessageType
from autosync.phone_numbers import UntextableNumber, to_e164
from autosync.traces import Traces
from autosync.underway import ClaimedText, Underway, again, uptime

log = structlog.get_logger(__name__)

BATCH_SIZE = 100

PATIENCE = timedelta(seconds=1)
"""How long a look-up is waited for once nine of ten that began with it are done."""

LOOK_UP_LEASE = 2 * SEND_TIMEOUT
"""How long nobody else looks up what one dispatcher is looking up."""

_FORGOTTEN = "Its number or its words have been deleted, so it cannot be looked up."


@dataclass(frozen=True, slots=True)
class _RateInUse:
    """A scope, until when it is used up, the server's now, and its rate."""

    scope: str
    free_at: datetime
    now: datetime
    per_second: float

    def allowance(self) -> int:
        return send_rate.allowance(free_at=self.free_at, now=self.now, per_second=self.per_second)

    def pause(self) -> timedelta:
        return send_rate.pause(free_at=self.free_at, now=self.now, per_second=self.per_second)

    def used_until(self, count: int) -> datetime:
        return send_rate.used_until(free_at=self.free_at, now=self.now, per_second=self.per_second, count=count)


class Dispatcher:
    """Any number of dispatchers may work on one database at once."""

    def __init__(
        self,
        *,
        pool: Pool,
        gateways: Mapping[str, Gateway],
        gateway: str,
        region: str,
        rates: Mapping[str, float] | None = None,
        batch_size: int = BATCH_SIZE,
        meters: Meters | None = None,
        traces: Traces | None = None,
    ) -> None:
        """`gateways` by name, to look texts up; `gateway`: the name of the one that sends; `region`: see settings."""
        self._pool = pool
        self._gateways = gateways
        self._gateway = gateways[gateway]
        self._region = region
        self._rates = dict(rates or {})
        self._batch_size = batch_size
        self._backlog = Backlog()
        self._meters = meters or Meters()
        self._underway = Underway(
            pool=pool,
            gateway=self._gateway,
            at_once=batch_size,
            meters=self._meters,
            traces=traces or Traces.off(),
        )

    @property
    def gateway_is_silent(self) -> bool:
        """Whether the gateway has taken none of many texts in a row, and gets one at a time."""
        return self._underway.gateway_is_silent

    async def dispatch_due(self, *, at_most: timedelta | None = None) -> int:
        """Sends batch after batch until no text's time has come, or `at_most` is over; returns how many set out."""
        deadline = None if at_most is None else time.monotonic() + at_most.total_seconds()
        await self.look_up_once()
        try:
            total = await self._go_on(deadline)
        except Exception:
            await self.finish()  # what is out has left, and is to be recorded all the same
            raise
        await self.finish()
        return total

    async def _go_on(self, deadline: float | None) -> int:
        total = 0
        while deadline is None or time.monotonic() < deadline:
            claimed, sent, limited = await self._batch()
            total += sent
            if claimed:
                continue
            if self._underway.is_busy:  # what waits for one of these to be reported is due then
                await self.finish()
            elif not await self._wait_for_the_rate(deadline, limited):
                break
        return total

    async def dispatch_once(self) -> tuple[int, int]:
        """Does one batch; returns how many texts were looked at, and how many of them set out."""
        done = await self.dispatch_batch()
        await self.finish()
        return done

    async def dispatch_batch(self) -> tuple[int, int]:
        """The same, but for texts that the gateway still has: these may be out when it returns."""
        claimed, sent, _ = await self._batch()
        return claimed, sent

    async def _batch(self) -> tuple[int, int, bool]:
        """What `dispatch_batch` does and returns, and whether the rate let nothing go."""
        most = self._underway.allowance(self._batch_size)
        if most == 0:
            return 0, 0, False
        connection = await self._pool.getconn()
        is_kept = False
        try:
            settled, leaving, limited = await self._claim(connection, most)
            is_kept = self._underway.send(connection, leaving)
        finally:
            if not is_kept:
                await self._pool.putconn(connection)
        await self._underway.wait_for_room()
        return settled, len(leaving), limited

    async def finish(self) -> None:
        """Waits until the gateway has answered for every text that is out."""
        await self._underway.finish()

    async def _claim(self, connection: Connection, most: int) -> tuple[int, list[ClaimedText], bool]:
        """How many texts were looked at, those that leave, marked as being sent, and whether the rate let none go."""
        async with connection.transaction():
            used = await self._rates_in_use(connection)
            limit = min([most, *(rate.allowance() for rate in used)])
            queued = await self._claim_queued(connection, limit) if limit else []
            kept, leaving, settled = await self._settle(connection, queued) if queued else ([], [], 0)
            if used and leaving:
                await rates.use(connection, {rate.scope: rate.used_until(len(leaving)) for rate in used})
        for type_, fate in kept:
            self._meters.count_text(type_, fate)
        return settled, leaving, limit == 0

    async def _claim_queued(self, connection: Connection, limit: int) -> Sequence[QueuedText]:
        return await self._backlog.claim(
            lambda since: messages.claim_queued(connection, limit=limit, since=since), at=attrgetter("turn")
        )

    async def _rates_in_use(self, connection: Connection) -> list[_RateInUse]:
        """Each rate that binds, locked until the transaction ends, before anything else is."""
        if not self._rates:
            return []
        now, free_at = await rates.lock(connection, list(self._rates))
        return [_RateInUse(scope, free_at[scope], now, per_second) for scope, per_second in self._rates.items()]

    async def _wait_for_the_rate(self, deadline: float | None, limited: bool) -> bool:
        """Whether it was only the rate that let nothing go (`limited`: just now), and is past now.

        Waits no longer than the deadline.
        """
        if not self._rates:
            return False
        async with self._pool.connection() as connection:
            used = await self._rates_in_use(connection)
            due = await jobs.next_due(connection)
        pause = max(rate.pause() for rate in used).total_seconds()
        if due.text is None or due.text > due.now:
            return False
        if pause == 0:
            return limited  # it has come free since
        if deadline is not None and time.monotonic() + pause >= deadline:
            return False
        await asyncio.sleep(pause)
        return True

    async def look_up_once(self) -> int:
        """Looks up texts of which nobody knows whether they left; returns how many were looked up."""
        async with self._pool.connection() as connection:
            if stale := await messages.give_up_stale_claims(connection):
                log.warning("claims_given_up", texts=stale)
            unknown = await messages.claim_unknown(connection, limit=self._batch_size, lease=LOOK_UP_LEASE)
        if not unknown:
            return 0
        found = await self._find_all(unknown)
        async with self._pool.connection() as connection, connection.transaction():
            taken, underway = await messages.lock_unknown(
                connection,
                {text.phone_number for text in unknown if text.phone_number is not None},
                {result.gateway_message_id for result in found if result.gateway_message_id},
            )
            await messages.record(connection, _each_id_once(unknown, found, taken, underway))
        return len(unknown)

    async def _settle(
        self, connection: Connection, queued: Sequence[QueuedText]
    ) -> tuple[list[tuple[MessageType, str]], list[ClaimedText], int]:
        """Lets go, holds back or closes each locked text: (type, fate) of those that stay, those that leave, all."""
        since = uptime()
        now = await clock.read_now(connection)
        numbers = {text.id: self._e164(text.phone_number) for text in queued}
        known = {number for number in numbers.values() if number is not None}
        free = await messages.lock_numbers(connection, known)
        suppressed = await messages.load_suppressed(connection, known)
        ready = [text for text in queued if numbers[text.id] is None or numbers[text.id] in free]
        decided = [(text, departures.decide(_departing(text, numbers[text.id], suppressed), now=now)) for text in ready]
        kept = await _close(connection, decided)
        leaving = [
            (text, number, fate.valid_for)
            for text, fate in decided
            if isinstance(fate, Leave) and (number := numbers[text.id])
        ]
        if not leaving:
            return kept, [], len(ready)
        claims = await messages.mark_sending(
            connection, [((text.id, text.sync_id), number) for text, number, _ in leaving], gateway=self._gateway.name
        )
        return (
            kept,
            [
                ClaimedText(
                    OutgoingText(text.id, number, text.body, claims[text.id].claimed_at, valid_for),
                    claims[text.id],
                    since,
                    text.type,
                    text.cause_id,
                )
                for text, number, valid_for in leaving
            ],
            len(ready),
        )

    def _e164(self, phone_number: str | None) -> str | None:
        try:
            return to_e164(phone_number or "", default_region=self._region)
        except UntextableNumber:
            return None

    async def _find_all(self, unknown: Sequence[UnknownText]) -> list[Result]:
        """Looks all of them up side by side; the few that take long are left for the next time."""
        tasks = [asyncio.create_task(self._find(text)) for text in unknown]
        began = time.monotonic()
        out = set(tasks)
        while out:
            few_left = len(out) * 10 <= len(tasks)
            wait = began + PATIENCE.total_seconds() - time.monotonic() if few_left else None
            if wait is not None and wait <= 0:
                break
            _, out = await asyncio.wait(out, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
        for task in out:
            task.cancel()
        await asyncio.gather(*out, return_exceptions=True)
        return [
            _unknown(text, "The gateway did not answer the look-up in time.") if task in out else task.result()
            for text, task in zip(unknown, tasks, strict=True)
        ]

    async def _find(self, text: UnknownText) -> Result:
        if text.phone_number is None or text.body is None:
            return Result(text.claim, "unknown", reason=_FORGOTTEN)
        gateway = self._gateways.get(text.gateway)
        if gateway is None:
            return _unknown(text, f"The gateway {text.gateway!r} that it was given to is not set up here.")
        outgoing = OutgoingText(
            text.claim.message_id,
            text.phone_number,
            text.body,
            text.claim.claimed_at,
            age=text.age,
            known_ids=text.known_ids,
            other_bodies=text.other_bodies,
            made_anew=text.made_anew,
        )
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return _found(text, await gateway.find(outgoing))
        except TimeoutError:
            return _unknown(text, "The gateway did not answer the look-up in time.")
        except Exception as error:  # as above: one look-up must not cost the others theirs
            ids = {"sync_id": str(text.claim.sync_id), "message_id": str(text.claim.message_id)}
            log.exception("gateway_raised", gateway=gateway.name, **ids)
            return _unknown(text, f"The gateway's code raised {type(error).__name__} at the look-up.")


def _departing(text: QueuedText, number: str | None, suppressed: set[str]) -> Departing:
    return Departing(
        id=text.id,
        type=text.type,
        phone_number=number,
        timezone=text.timezone,
        sync_status=text.sync_status,
        answered=text.answered,
        over_at=text.over_at,
        superseded=text.superseded,
        suppressed=number in suppressed,
        age=text.age,
        paused_because=text.paused_because,
        first_is_open=text.first_is_open,
        first_is_lost=text.first_is_lost,
        is_settled=text.is_settled,
    )


async def _close(
    connection: Connection, decided: Sequence[tuple[QueuedText, Departure]]
) -> list[tuple[MessageType, str]]:
    """Writes why texts stay; returns each one's type and fate."""
    kept: list[tuple[MessageType, str]] = []
    held: list[tuple[tuple[UUID, UUID], datetime, str]] = []
    closed: list[tuple[tuple[UUID, UUID], str, str]] = []
    for text, fate in decided:
        match fate:
            case Hold(until, reason):
                held.append(((text.id, text.sync_id), until, reason))
                kept.append((text.type, "held"))
            case Cancel(reason):
                closed.append(((text.id, text.sync_id), "canceled", reason))
                kept.append((text.type, "canceled"))
            case Untextable(reason):
                closed.append(((text.id, text.sync_id), "failed", reason))
                kept.append((text.type, "failed"))
            case Leave():
                pass
    if held:
        await messages.hold(connection, held)
    if closed:
        await messages.close(connection, closed)
    return kept


def _found(text: UnknownText, result: FindResult) -> Result:
    match result:
        case Accepted(gateway_message_id):
            return Result(text.claim, "sent", gateway_message_id=gateway_message_id)
        case NotThere():
            return again(text.claim, "The gateway never got it.", timedelta())
        case _:
            return _unknown(text, result.reason)


def _each_id_once(
    unknown: Sequence[UnknownText], found: Sequence[Result], taken: set[str], underway: set[str]
) -> list[Result]:
    """Gives what a gateway has to one text only, where several with the same words go to one number.

    What it has may be that of a text that was looked up elsewhere meanwhile (`taken`), that has just been sent and not
    yet been recorded (`underway`, by number), or that was looked up at the same time: then the first one gets it.
    """
    given = set(taken)
    once: list[Result] = []
    for text, result in zip(unknown, found, strict=True):
        id_ = result.gateway_message_id
        if id_ is not None and (id_ in given or text.phone_number in underway):
            once.append(
                _unknown(text, "What the gateway has may be another text with the same words; looked up again.")
            )
            continue
        once.append(result)
        given |= {id_} if id_ is not None else set()
    return once


def _unknown(text: UnknownText, reason: str) -> Result:
    return Result(
        text.claim,
        "unknown",
        reason=reason,
        pause=departures.look_up_pause(text.doubtful_for),
    )
