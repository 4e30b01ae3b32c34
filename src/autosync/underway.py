"""Texts that are on their way: sent side by side, and what the gateway says recorded as it comes in.

`await underway.send(connection, claimed)` is over once each is reported, or a little later than most with a few that
the gateway makes wait: then it keeps the connection, and one task looks after these, so that one slow text in a hundred
does not hold up all that are queued behind it. `await underway.finish()` waits for them. Nothing is sent twice here.

A connection is kept for what is out, instead of asked for when a result is there: those who wait for these very texts
(a stop, an invite) may have taken all the others of the pool.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import psycopg
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
"""How long a batch waits for its last texts before the next one may begin, at the most. Once nine of ten are reported,
it waits for the others only as long again."""

SHORTEST_PATIENCE = timedelta(milliseconds=50)

MOST_STRAGGLERS = 200
"""Texts that may be out without holding up the next batch."""


@dataclass(frozen=True, slots=True)
class ClaimedText:
    """A text marked as being sent, `since` when (on the monotonic clock)."""

    text: OutgoingText
    claim: Claim
    since: float
    type: MessageType
    cause_id: UUID | None


_Tasks = dict[asyncio.Task[Result], ClaimedText]


class Underway:
    """All texts of one dispatcher that have left the queue and are not reported yet."""

    def __init__(self, *, pool: Pool, gateway: Gateway, meters: Meters, traces: Traces) -> None:
        self._pool = pool
        self._gateway = gateway
        self._meters = meters
        self._traces = traces
        self._stragglers: _Tasks = {}
        self._more = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._breaker = Breaker()

    def allowance(self, most: int) -> int:
        """How many texts may leave now, `most` at the most."""
        return self._breaker.allowance(most, underway=len(self._stragglers), at=time.monotonic())

    async def send(self, connection: Connection, leaving: Sequence[ClaimedText]) -> bool:
        """Sends these; returns whether the connection is kept, for some that are still out."""
        out: _Tasks = {asyncio.create_task(self._send(claimed)): claimed for claimed in leaving}
        began = time.monotonic()
        patience = PATIENCE.total_seconds()
        while out:
            spent = time.monotonic() - began
            if len(out) * 10 <= len(leaving):
                patience = min(patience, max(2 * spent, SHORTEST_PATIENCE.total_seconds()))
            wait = patience - spent
            if wait <= 0 and len(out) + len(self._stragglers) <= MOST_STRAGGLERS:
                return self._give_over(connection, out)
            await self._record_next(connection, out, within=wait if wait > 0 else None)
        return False

    async def finish(self) -> None:
        """Waits until everything is reported."""
        while self._keeper is not None:
            await self._keeper

    def _give_over(self, connection: Connection, out: _Tasks) -> bool:
        self._stragglers.update(out)
        self._more.set()
        if self._keeper is not None:
            return False
        self._keeper = asyncio.create_task(self._keep(connection), name="stragglers")
        return True

    async def _keep(self, connection: Connection) -> None:
        """Looks after what is out until nothing is, and gives the connection back then."""
        try:
            while self._stragglers:
                self._more.clear()
                await self._record_next(connection, self._stragglers, or_when=self._more)
        finally:
            self._keeper = None
            await self._pool.putconn(connection)

    async def _record_next(
        self, connection: Connection, out: _Tasks, *, within: float | None = None, or_when: asyncio.Event | None = None
    ) -> None:
        """Records those results that come in next, all of one moment together, and takes them out."""
        called = asyncio.create_task(or_when.wait()) if or_when is not None else None
        waited_for = {*out, *([called] if called is not None else [])}
        try:
            done, _ = await asyncio.wait(waited_for, timeout=within, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if called is not None:
                called.cancel()
        reported = {task: out.pop(task) for task in list(out) if task in done}
        if not reported:
            return
        await self._record(connection, [task.result() for task in reported])
        for task, claimed in reported.items():
            self._meters.count_text(claimed.type, task.result().status)
            self._learn_from(task.result())
            self._tell(claimed, task.result())
            if (code := task.result().error_code) is not None:
                self._meters.count_error(code)

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
                claimed.cause_id,
                began,
                time.time(),
                facts,
                failed,
                claim.attempt,
            )
        )

    async def _record(self, connection: Connection, results: Sequence[Result]) -> None:
        """Records on this connection, or on another one where it was lost while the texts were on their way."""
        try:
            await messages.record(connection, results)
        except psycopg.Error as error:
            log.warning("recorded_again", error=in_short(error))
            await self._record_on_another(results)

    async def _record_on_another(self, results: Sequence[Result]) -> None:
        try:
            async with self._pool.connection() as connection:
                await messages.record(connection, results)
        except psycopg.Error:
            # The other texts of the batch must not lose theirs: these become unknown after their lease.
            lost = [result.claim for result in results]
            log.exception(
                "results_lost",
                sync_ids=[str(claim.sync_id) for claim in lost],
                message_ids=[str(claim.message_id) for claim in lost],
            )

    async def _send(self, claimed: ClaimedText) -> Result:
        if time.monotonic() - claimed.since > SEND_TIMEOUT.total_seconds():
            # The process stood still since the claim, whose lease may be over: somebody else may have the text.
            return _sent(claimed.claim, NotProcessed("The claim had grown old before the text could be sent."))
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
