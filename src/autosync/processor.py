"""Does what is due: claims a batch of jobs, decides each, and writes everything in one transaction.

`await processor.process_once()` does one batch, `process_due()` goes on until nothing is due. It sends nothing: texts
are rows that the dispatcher takes from there. A crash rolls the batch back, and its jobs are simply pending again.

Where two processors meet, or a processor and an organizer: a job is taken only together with its sync's row lock, and
never by waiting (SKIP LOCKED). Whoever has the sync first wins; the job is looked at again in the next round, when the
outcome of the other one can be seen. At most one job of a sync is done in a batch, so a decision never rests on a
state that the same batch is about to change.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from operator import attrgetter
from uuid import UUID

import psycopg
import structlog
from psycopg_pool import PoolTimeout

from autosync import lifecycle
from autosync.backlog import Backlog
from autosync.database import clock, jobs, messages, syncs
from autosync.database.jobs import ClaimedJob, FailedAttempt
from autosync.database.pool import Connection, Pool, in_short, is_away
from autosync.invitee_links import Links
from autosync.lifecycle import Decision, Outcome
from autosync.meters import Meters
from autosync.model import JobType, SyncStatus
from autosync.traces import Happened, Traces

log = structlog.get_logger(__name__)

BATCH_SIZE = 500

MOST_TEXTS = 20_000
"""Texts of a transaction: behind one that wrote more, since crews are large, batches are smaller for a while."""

LANES = 3
"""Batches in hand at once while there is a backlog: one is decided here while the server writes the other."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What was done: jobs by what became of them, texts queued, and due jobs that remain."""

    processed: int = 0
    skipped: int = 0
    retried: int = 0
    failed: int = 0
    messages: int = 0
    remaining: int = 0

    @property
    def jobs(self) -> int:
        """How many jobs were brought further."""
        return self.processed + self.skipped + self.retried + self.failed

    def __add__(self, other: Summary) -> Summary:
        return Summary(
            self.processed + other.processed,
            self.skipped + other.skipped,
            self.retried + other.retried,
            self.failed + other.failed,
            self.messages + other.messages,
            self.remaining + other.remaining,
        )


def next_limit(limit: int, done: Summary, *, most: int) -> int:
    """How many jobs, from 1 to `most`, the batch behind one of up to `limit` claims.

    As many as come to MOST_TEXTS where they are like these, and at most twice as many as before.
    """
    if done.jobs == 0:
        return limit
    fitting = done.jobs * MOST_TEXTS // done.messages if done.messages else most
    return max(1, min(most, 2 * limit, fitting))


class _BatchRefusedError(Exception):
    """Something about these jobs was refused, by the database or by what read or wrote them; nothing was written."""

    def __init__(self, job_ids: Sequence[UUID], cause: Exception) -> None:
        super().__init__(str(cause))
        self.job_ids = job_ids
        self.cause = cause


class Processor:
    """Any number of processors may work on one database at once, each with `lanes` connections under a backlog."""

    def __init__(
        self,
        *,
        pool: Pool,
        batch_size: int = BATCH_SIZE,
        lanes: int = LANES,
        links: Links | None = None,
        meters: Meters | None = None,
        traces: Traces | None = None,
    ) -> None:
        self._pool = pool
        self._meters = meters or Meters()
        self._traces = traces or Traces.off()
        self._links = links
        self._batch_size = batch_size
        self._limit = batch_size
        self._lanes = lanes
        self._backlog = Backlog()

    async def process_due(self, *, at_most: timedelta | None = None) -> Summary:
        """Does batch after batch until nothing more can be claimed, or until `at_most` is over.

        Raises what a lost database raises (see `pool.is_away`); what was committed before stays.
        """
        deadline = None if at_most is None else time.monotonic() + at_most.total_seconds()
        done = await self.process_while(lambda: deadline is None or time.monotonic() < deadline)
        async with self._pool.connection() as connection:
            return replace(done, remaining=await jobs.count_due(connection))

    async def process_while(self, may_go_on: Callable[[], bool]) -> Summary:
        """Batch after batch, behind a full one in all lanes, until nothing more can be claimed, or it may not go on.

        `may_go_on` is asked before each batch; `remaining` is left 0. Raises as `process_due` does.
        """
        backlog: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        others = (self._join(may_go_on, backlog) for _ in range(self._lanes - 1))
        return sum(await _all_done((self._lead(may_go_on, backlog), *others)), Summary())

    async def _lead(self, may_go_on: Callable[[], bool], backlog: asyncio.Future[bool]) -> Summary:
        """The first lane. It tells the others once it has claimed a full batch, or at its end that it never did."""
        try:
            return await self._go_on(may_go_on, partial(_settle, backlog, True))
        finally:
            _settle(backlog, False)

    async def _join(self, may_go_on: Callable[[], bool], backlog: asyncio.Future[bool]) -> Summary:
        """Another lane, where there is a backlog."""
        return await self._go_on(may_go_on) if await backlog else Summary()

    async def _go_on(self, may_go_on: Callable[[], bool], on_full: Callable[[], None] | None = None) -> Summary:
        """One lane: batch after batch until there is none left for it."""
        done = Summary()
        while may_go_on():
            batch = await self.process_once(on_full=on_full)
            done += batch
            if batch.jobs == 0:
                break
        return done

    async def process_once(self, *, on_full: Callable[[], None] | None = None) -> Summary:
        """Does one batch of due jobs; `remaining` is left 0. `on_full`: called once a full batch is claimed."""
        try:
            done = await self._do_batch(limit=self._limit, on_full=on_full)
        except _BatchRefusedError as refusal:
            return await self._isolate(refusal)
        self._limit = next_limit(self._limit, done, most=self._batch_size)
        return done

    async def _isolate(self, refusal: _BatchRefusedError) -> Summary:
        """Splits a refused batch until the poison job stands alone; the others go through."""
        if len(refusal.job_ids) == 1:
            return await self._try_alone(refusal.job_ids[0])
        middle = len(refusal.job_ids) // 2
        done = Summary()
        for half in (refusal.job_ids[:middle], refusal.job_ids[middle:]):
            try:
                done += await self._do_batch(limit=len(half), only=half)
            except _BatchRefusedError as smaller:
                done += await self._isolate(smaller)
        return done

    async def _try_alone(self, job_id: UUID) -> Summary:
        """Once more, since what was read may have been deleted before it could be written about; then it is kept."""
        try:
            return await self._do_batch(limit=1, only=[job_id])
        except _BatchRefusedError as refusal:
            return await self._record_refusal(job_id, refusal.cause)

    async def _do_batch(
        self, *, limit: int, only: Sequence[UUID] | None = None, on_full: Callable[[], None] | None = None
    ) -> Summary:
        began = time.perf_counter()
        async with self._pool.connection() as connection:
            job_ids: list[UUID] = []
            try:
                async with connection.transaction():
                    due = await self._claim(connection, limit, only)
                    if on_full is not None and len(due) >= limit:
                        on_full()
                    claimed = _one_job_a_sync(due)
                    if not claimed:
                        return Summary()
                    job_ids = [claim.id for claim in claimed]
                    batch = await _decide_and_apply(connection, claimed, self._links)
            except Exception as error:  # whatever it is that one job's rows bring about, the others of its batch go on
                if is_away(error) or not job_ids:
                    raise
                raise _BatchRefusedError(job_ids, error) from error
        took = time.perf_counter() - began
        self._meters.time_batch(took)
        if self._traces.are_on:
            await self._tell(batch, took)
        return self._counted(batch)

    async def _claim(self, connection: Connection, limit: int, only: Sequence[UUID] | None) -> Sequence[ClaimedJob]:
        if only is not None:
            return await jobs.claim_due(connection, limit=limit, only=only)
        return await self._backlog.claim(
            lambda since: jobs.claim_due(connection, limit=limit, since=since), at=attrgetter("scheduled_at")
        )

    async def _record_refusal(self, job_id: UUID, cause: Exception) -> Summary:
        async with self._pool.connection() as connection, connection.transaction():
            claimed = await jobs.claim_due(connection, limit=1, only=[job_id])
            failed = await _record_failures(connection, [(claim, cause) for claim in claimed])
        return self._counted(_Batch(claimed, failed=failed))

    async def _tell(self, batch: _Batch, took: float) -> None:
        """Spans of the jobs, and of the inserts of their syncs where these begin with them."""
        ended = time.time()
        first = [claim.sync_id for claim in batch.claimed if claim.job_type == JobType.REMINDER]
        inserted: dict[UUID, datetime] = {}
        try:
            async with self._pool.connection() as connection:
                inserted = await syncs.load_inserted(connection, first) if first else {}
        except (psycopg.Error, PoolTimeout) as lost:  # the batch is committed: only its spans are poorer
            log.warning("traces_begin_nowhere", error=type(lost).__name__)
        for sync_id, at in inserted.items():
            self._traces.tell(Happened("sync", sync_id, None, None, at.timestamp(), at.timestamp(), {}))
        for claim, outcome, error, attempt in batch.fates():
            facts = {"autosync.job_type": claim.job_type, "autosync.outcome": outcome, "autosync.job_id": str(claim.id)}
            name = f"job {claim.job_type}"
            began = ended - took
            self._traces.tell(Happened(name, claim.sync_id, claim.id, None, began, ended, facts, error, attempt))

    def _counted(self, batch: _Batch) -> Summary:
        """What a committed batch comes to, told to the meters."""
        if batch.now is not None:
            now = batch.now.timestamp()
            self._meters.lateness.observe([now - claim.scheduled_at.timestamp() for claim in batch.claimed])
        for (job_type, outcome), count in batch.outcomes().items():
            self._meters.count_jobs(job_type, outcome, count)
        return batch.summary()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What became of the jobs of one transaction; `now`: when they were decided, None where none was."""

    claimed: Sequence[ClaimedJob]
    decided: Sequence[tuple[ClaimedJob, Decision]] = ()
    failed: Sequence[FailedAttempt] = ()
    messages: int = 0
    now: datetime | None = None

    def outcomes(self) -> Counter[tuple[str, str]]:
        """How many there are by (type, outcome)."""
        types = {claim.id: claim.job_type for claim in self.claimed} if self.failed else {}
        counted = Counter((claim.job_type, str(decision.outcome)) for claim, decision in self.decided)
        counted.update((types[a.job.id], "failed" if a.pause is None else "retried") for a in self.failed)
        return counted

    def fates(self) -> Iterator[tuple[ClaimedJob, str, str | None, int | str]]:
        """Each job with its outcome, the kind of error if it raised, and what tells its attempts apart."""
        for claim, decision in self.decided:
            yield claim, str(decision.outcome), None, 1
        for attempt in self.failed:
            kind = attempt.error.partition(":")[0]
            yield attempt.job, "failed" if attempt.pause is None else "retried", kind, f"raised {attempt.attempt}"

    def summary(self) -> Summary:
        """The same in one line; a postponed job counts as processed."""
        skipped = sum(decision.outcome is Outcome.SKIPPED for _, decision in self.decided)
        given_up = sum(attempt.pause is None for attempt in self.failed)
        return Summary(
            processed=len(self.decided) - skipped,
            skipped=skipped,
            retried=len(self.failed) - given_up,
            failed=given_up,
            messages=self.messages,
        )


def _settle(question: asyncio.Future[bool], answer: bool) -> None:
    if not question.done():
        question.set_result(answer)


async def _all_done(lanes: Iterable[Awaitable[Summary]]) -> list[Summary]:
    """What each lane did, once all have come to an end. Raises the first error, when no batch is in hand any more."""
    ended = await asyncio.gather(*lanes, return_exceptions=True)
    for lane in ended:
        if isinstance(lane, BaseException):
            raise lane
    return [lane for lane in ended if isinstance(lane, Summary)]


def _one_job_a_sync(claimed: Iterable[ClaimedJob]) -> list[ClaimedJob]:
    """The first due job of each sync; the others have their turn in the next batch."""
    first: dict[UUID, ClaimedJob] = {}
    for claim in claimed:
        first.setdefault(claim.sync_id, claim)
    return list(first.values())


async def _decide_and_apply(connection: Connection, claimed: Sequence[ClaimedJob], links: Links | None) -> _Batch:
    now, timings = await clock.read(connection)
    with_options = [c.sync_id for c in claimed if lifecycle.turns_on_options(c.job_type, c.sync_status)]
    with_invitees = [c.sync_id for c in claimed if lifecycle.turns_on_invitees(c.job_type, c.sync_status)]
    options = await syncs.load_options(connection, with_options) if with_options else {}
    invitees = await syncs.load_invitees(connection, with_invitees) if with_invitees else {}
    decided: list[tuple[ClaimedJob, Decision]] = []
    raised: list[tuple[ClaimedJob, Exception]] = []
    for claim in claimed:
        try:
            job, sync = claim.read(options.get(claim.sync_id, ()), invitees.get(claim.sync_id, ()))
            decided.append((claim, lifecycle.decide(job, sync, now=now, timings=timings)))
        except Exception as error:  # noqa: BLE001 - one job's rules must not stop the others; the job keeps the error
            raised.append((claim, error))
    queued = await _apply(connection, decided, links)
    return _Batch(claimed, decided, await _record_failures(connection, raised), queued, now)


async def _apply(connection: Connection, decided: Sequence[tuple[ClaimedJob, Decision]], links: Links | None) -> int:
    """Writes all decisions and returns how many texts these are.

    Jobs are closed before their syncs change state, or the trigger would skip them.
    """
    finished = [(c, str(d.outcome), d.reason) for c, d in decided if d.outcome is not Outcome.POSTPONED]
    postponed = [(c, d.postponed_to) for c, d in decided if d.postponed_to is not None]
    follow_ups = [d.follow_up for _, d in decided if d.follow_up is not None]
    new_texts = [text for _, d in decided for text in d.texts]
    if finished:
        await jobs.finish(connection, finished)
    if postponed:
        await jobs.postpone(connection, postponed)
    if reminded := [c.sync_id for c, d in decided if d.reminded]:
        await syncs.mark_reminded(connection, reminded)
    for status in (SyncStatus.PAUSED, SyncStatus.STOPPED):
        if changed := [c.sync_id for c, d in decided if d.new_status is status]:
            await syncs.change_status(connection, changed, status)
    if follow_ups:
        await jobs.schedule(connection, follow_ups)
    return await messages.queue(connection, new_texts, links) if new_texts else 0


async def _record_failures(
    connection: Connection, raised: Sequence[tuple[ClaimedJob, Exception]]
) -> list[FailedAttempt]:
    if not raised:
        return []
    so_far = await jobs.count_failed_attempts(connection, [claim.id for claim, _ in raised])
    failed = [
        FailedAttempt(
            job=claim,
            attempt=so_far.get(claim.id, 0) + 1,
            error=_sentence(error),
            pause=lifecycle.retry_pause(so_far.get(claim.id, 0) + 1),
        )
        for claim, error in raised
    ]
    await jobs.record_failed_attempts(connection, failed)
    for attempt in failed:
        job = attempt.job
        log.warning(
            "job_raised", sync_id=str(job.sync_id), job_id=str(job.id), attempt=attempt.attempt, error=attempt.error
        )
    return failed


def _sentence(error: Exception) -> str:
    """What went wrong, on one line, without the rows' contents that PostgreSQL puts into its details."""
    return f"{type(error).__name__}: {in_short(error)}"
