"""Texts that are on their way: sent side by side, and what the gateway says recorded as it comes in.

`underway.send(connection, claimed)` sees them off, so many at once and the others as soon as these are through;
`await underway.wait_for_room()` is over when a quarter as many wait for their turn, so that the next ones are claimed
while the gateway has these. One that the gateway makes wait gives its turn to another after a while: a slow text in a
hundred does not hold up all that are queued behind it. `await underway.finish()` waits for all. Nothing is sent twice
here.

One task records what comes in, on a connection that is kept while any are out, instead of asked for when a result is
there: those who wait for these very texts (a stop, an invite) may have taken all the others of the pool.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from autosync import departures
from autosync.breaker import Breaker
from autosync.database import messages
from autosync.database.messages import Claim, Result
from autosync.database.pool import Connection, Pool, in_short
from autosync.gateways import (
    SEND_TIMEOUT,
    Accepted,
    Ambiguous,
    Gateway,
    NotProcessed,
    OutgoingText,
    Refused,
    SendResult,
)
from autosync.meters import Meters
from autosync.model import MessageType
from autosync.traces import Happened, Traces

log = structlog.get_logger(__name__)

PATIENCE = timedelta(seconds=1)
"""After so long, a text that the gateway has not answered for counts no longer among those that are sent at once."""

MOST_OUT = 200
"""Texts that may be out before more are claimed, those that wait for their turn included."""


_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Linux's monotonic clock stands still while the machine sleeps; others' does not."""


def uptime() -> float:
    """Seconds that have gone by, those included for which the machine slept."""
    return time.clock_gettime(_CLOCK)


@dataclass(frozen=True, slots=True)
class ClaimedText:
    """A text marked as being sent; `since`: when that was begun, by `uptime()`."""

    text: OutgoingText
    claim: Claim
    since: float
    type: MessageType
    cause_id: UUID | None


class Underway:
    """All texts of one dispatcher that have left the queue and are not reported yet; `at_once`: calls side by side."""

    def __init__(self, *, pool: Pool, gateway: Gateway, at_once: int, meters: Meters, traces: Traces) -> None:
        self._pool = pool
        self._gateway = gateway
        self._at_once = at_once
        self._meters = meters
        self._traces = traces
        self._turns = asyncio.Semaphore(at_once)
        self._waiting = 0
        self._out: set[asyncio.Task[None]] = set()
        self._reported: list[tuple[asyncio.Task[None], ClaimedText, Result]] = []
        self._news = asyncio.Event()
        self._moved = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._is_kept = False
        self._breaker = Breaker()

    @property
    def is_busy(self) -> bool:
        """Whether any text is out, of which it will be recorded what became of it."""
        return self._is_kept

    @property
    def gateway_is_silent(self) -> bool:
        """Whether the gateway has taken none of many texts in a row, and gets one at a time."""
        return self._breaker.is_open

    def allowance(self, most: int) -> int:
        """How many texts may leave now, `most` at the most, and half as many while others are out."""
        room = (most + 1) // 2 if self._out else most
        return self._breaker.allowance(room, underway=len(self._out), at=time.monotonic())

    def send(self, connection: Connection, leaving: Sequence[ClaimedText]) -> bool:
        """Sees these off; returns whether the connection is kept, to record what becomes of them."""
        self._waiting += len(leaving)
        self._out.update(asyncio.create_task(self._see_off(claimed)) for claimed in leaving)
        if not leaving or self._is_kept:
            return False
        self._is_kept = True
        self._keeper = asyncio.create_task(self._keep(connection), name="underway")
        return True

    async def wait_for_room(self) -> None:
        """Until it is time to claim more."""
        while self._waiting * 4 > self._at_once or len(self._out) > MOST_OUT:
            self._moved.clear()
            await self._moved.wait()

    async def finish(self) -> None:
        """Waits until everything that is out now is reported, whoever sees more off meanwhile."""
        mine = set(self._out)
        while mine & self._out:
            self._moved.clear()
            await self._moved.wait()
        if self._keeper is not None and not self._out:
            await asyncio.wait({self._keeper})

    async def _see_off(self, claimed: ClaimedText) -> None:
        task = asyncio.current_task()
        assert task is not None, "it is only run as a task"  # noqa: S101
        try:
            async with self._turn():
                result = await self._unless_it_is_silent(claimed)
        except asyncio.CancelledError:  # the process ends: what has left is looked up
            self._out.discard(task)
            raise
        else:
            self._reported.append((task, claimed, result))
        finally:
            self._news.set()
            self._moved.set()

    async def _unless_it_is_silent(self, claimed: ClaimedText) -> Result:
        """What became of it; where the gateway has turned silent while it waited for its turn, it stays."""
        if self._breaker.is_open and len(self._out) > 1:
            return again(claimed.claim, "The gateway takes nothing at present.", timedelta())
        if uptime() - claimed.since > SEND_TIMEOUT.total_seconds():
            # Process or machine stood still since the claim, whose lease may be over: somebody else may have the text.
            return again(claimed.claim, "The claim had grown old before the text could be sent.", timedelta())
        result = await self._send(claimed)
        self._learn_from(result)
        return result

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """One of the calls that are made at once, for PATIENCE at the most."""
        try:
            await self._turns.acquire()
        finally:
            self._waiting -= 1
            self._moved.set()
        passed_on = False

        def pass_on() -> None:
            nonlocal passed_on
            if not passed_on:
                passed_on = True
                self._turns.release()

        timer = asyncio.get_running_loop().call_later(PATIENCE.total_seconds(), pass_on)
        try:
            yield
        finally:
            timer.cancel()
            pass_on()

    async def _keep(self, connection: Connection) -> None:
        """Records what comes in, all of one moment together, until nothing is out, and gives the connection back."""
        try:
            while self._out:
                await self._news.wait()
                self._news.clear()
                reported, self._reported = self._reported, []
                try:
                    if reported:
                        connection = await self._record(connection, [result for *_, result in reported])
                finally:
                    self._out.difference_update([task for task, *_ in reported])
                    self._moved.set()
                try:
                    for _, claimed, result in reported:
                        self._note(claimed, result)
                except Exception:  # it is recorded, and only not counted
                    log.exception("results_not_counted")
        finally:
            self._is_kept = False
            await self._pool.putconn(connection)

    def _note(self, claimed: ClaimedText, result: Result) -> None:
        self._meters.count_text(claimed.type, result.status)
        self._tell(claimed, result)
        if result.error_code is not None:
            self._meters.count_error(result.error_code)

    def _learn_from(self, result: Result) -> None:
        answered = result.status == "sent" or result.error_code is not None
        if self._breaker.note(answered=answered, at=time.monotonic()):
            said = "gateway_answers" if answered else "gateway_silent"
            log.warning(said, gateway=self._gateway.name, reason=result.reason)

    def _tell(self, claimed: ClaimedText, result: Result) -> None:
        if not self._traces.are_on:
            return
        claim = result.claim
        facts: dict[str, str | int] = {
            "autosync.message_type": claimed.type,
            "autosync.message_id": str(claim.message_id),
            "autosync.outcome": result.status,
            "autosync.attempt": claim.attempt,
            "autosync.gateway": self._gateway.name,
        }
        failed = None if result.status == "sent" else result.error_code or result.status
        began, name = claim.claimed_at.timestamp(), f"text {claimed.type}"
        self._traces.tell(
            Happened(
                name,
                claim.sync_id,
                claim.message_id,
                None if claimed.type is MessageType.INVITE else claimed.cause_id,  # an option has no span
                began,
                time.time(),
                facts,
                failed,
                claim.attempt,
            )
        )

    async def _record(self, connection: Connection, results: Sequence[Result]) -> Connection:
        """Records on this connection or, where it was lost meanwhile, on another one, which it returns.

        It raises nothing: the texts that follow must not lose theirs, too. These become unknown after their lease.
        """
        try:
            await messages.record(connection, results)
        except Exception as error:  # noqa: BLE001 - as above, such as words that cannot be encoded
            log.warning("recorded_again", error=in_short(error))
            return await self._record_on_another(connection, results)
        return connection

    async def _record_on_another(self, lost: Connection, results: Sequence[Result]) -> Connection:
        connection = lost
        try:
            connection = await self._pool.getconn()
            await self._pool.putconn(lost)
            await messages.record(connection, results)
        except Exception:  # as above
            claims = [result.claim for result in results]
            log.exception(
                "results_lost",
                sync_ids=[str(claim.sync_id) for claim in claims],
                message_ids=[str(claim.message_id) for claim in claims],
            )
        return connection

    async def _send(self, claimed: ClaimedText) -> Result:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(SEND_TIMEOUT.total_seconds()):
                return _sent(claimed.claim, await self._gateway.send(claimed.text))
        except TimeoutError:
            return _sent(claimed.claim, Ambiguous("The gateway did not answer in time."))
        except Exception as error:  # a gateway's own fault must not cost the other texts their record
            ids = {"sync_id": str(claimed.claim.sync_id), "message_id": str(claimed.claim.message_id)}
            log.exception("gateway_raised", gateway=self._gateway.name, **ids)
            return _sent(claimed.claim, Ambiguous(f"The gateway's code raised {type(error).__name__}."))
        finally:
            self._meters.time_request(self._gateway.name, time.perf_counter() - began)


def _sent(claim: Claim, result: SendResult) -> Result:
    match result:
        case Accepted(gateway_message_id):
            return Result(claim, "sent", gateway_message_id=gateway_message_id)
        case Refused(code, reason, opted_out):
            return Result(claim, "failed", error_code=code, reason=reason, opted_out=opted_out)
        case Ambiguous(reason):
            return Result(claim, "unknown", reason=reason, pause=timedelta())
        case NotProcessed(reason, retry_after):
            return again(claim, reason, retry_after or timedelta())


def again(claim: Claim, reason: str, at_least: timedelta) -> Result:
    """Surely not sent: to be tried again after a growing pause, or failed if that was the last attempt."""
    pause = departures.retry_pause(claim.attempt)
    if pause is None:
        return Result(claim, "failed", reason=reason)
    return Result(claim, "queued", reason=reason, pause=max(pause, at_least))
