"""GET /metrics: for Prometheus. What this process has done, and what there is in the database.

Numbers only: no name, number or id. Each process answers for itself; the database's figures are the same from all, so
take their maximum. With the database away the answer still comes, within seconds, and `autosync_database_up` is 0.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

import psycopg
from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from psycopg_pool import PoolTimeout

from autosync.database import figures
from autosync.database.figures import Figures
from autosync.database.pool import Pool
from autosync.meters import Meters
from autosync.model import JobType
from autosync.worker import Worker

PATIENCE = 3.0
"""Seconds that a scrape waits for the database."""

GOOD_FOR = 1.0
"""Seconds for which the database is not asked again, whoever scrapes."""

_JOB_TYPES = frozenset(JobType)
_OPEN = ("due", "waiting", "processing", "failed")


class _Gauges(Collector):
    """Families that were made before."""

    def __init__(self, families: Sequence[GaugeMetricFamily]) -> None:
        self._families = families

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from self._families


class Metrics:
    """Writes the document; keeps what the database said for GOOD_FOR seconds."""

    def __init__(self, *, pool: Pool, worker: Worker | None, meters: Meters) -> None:
        self._pool = pool
        self._worker = worker
        self._meters = meters
        self._asking = asyncio.Lock()
        self._known: Figures | None = None
        self._asked_at: float | None = None

    async def write(self) -> bytes:
        """The whole document in Prometheus's text format."""
        async with self._asking:
            if self._asked_at is None or time.monotonic() - self._asked_at > GOOD_FOR:
                self._known = await self._ask()
                self._asked_at = time.monotonic()
        registry = CollectorRegistry()
        registry.register(_Gauges([*self._of_process(), *_of_database(self._known)]))
        return generate_latest(self._meters.registry) + generate_latest(registry)

    async def _ask(self) -> Figures | None:
        try:
            async with asyncio.timeout(PATIENCE), self._pool.connection() as connection:
                return await figures.read(connection)
        except (psycopg.Error, PoolTimeout, TimeoutError):
            return None  # which is said: autosync_database_up is 0

    def _of_process(self) -> list[GaugeMetricFamily]:
        stats = self._pool.get_stats()
        pool = _labelled("autosync_pool_connections", "Connections of this process's pool.", ["state"])
        pool.add_metric(["open"], stats.get("pool_size", 0))
        pool.add_metric(["idle"], stats.get("pool_available", 0))
        pool.add_metric(["waited_for"], stats.get("requests_waiting", 0))
        if self._worker is None:
            return [pool]
        still = self._worker.stands_still_since.total_seconds()
        help_ = "Since the claim loop that is still for longest last turned, less what a batch may take at Google."
        return [pool, _gauge("autosync_claim_loop_still_seconds", help_, still)]


def create_router(metrics: Metrics) -> APIRouter:
    """The one route; it stands in no schema, as it is not JSON."""
    router = APIRouter(include_in_schema=False)

    @router.get("/metrics")
    async def write() -> Response:
        return Response(await metrics.write(), media_type=CONTENT_TYPE_LATEST)

    return router


def _of_database(known: Figures | None) -> list[GaugeMetricFamily]:
    up = _gauge("autosync_database_up", "Whether the database answered this scrape.", float(known is not None))
    if known is None:
        return [up]
    jobs = _labelled("autosync_queue_jobs", "Jobs that are not done, counted up to 10,000.", ["job_type", "state"])
    for (job_type, state), count in _known_types(known).items():
        jobs.add_metric([job_type, state], count)
    texts = _labelled("autosync_queue_texts", "Texts on their way, counted up to 10,000.", ["state"])
    for state in ("due", "held", "sending", "unknown"):
        texts.add_metric([state], known.texts.get(state, 0))
    events = _labelled(
        "autosync_queue_events", "Calendar events on their way, or failed, counted up to 10,000.", ["state"]
    )
    for state in ("due", "waiting", "sending", "unknown", "failed"):
        events.add_metric([state], known.events.get(state, 0))
    rows = _labelled("autosync_table_rows", "The server's estimate of a table's rows.", ["table", "state"])
    for upkeep in known.upkeep:
        rows.add_metric([upkeep.table, "live"], upkeep.live)
        rows.add_metric([upkeep.table, "dead"], upkeep.dead)
    found = [
        up,
        jobs,
        texts,
        events,
        rows,
        _gauge("autosync_oldest_due_job_seconds", "How late the oldest due job is.", _seconds(known.oldest_due_job)),
        _gauge("autosync_oldest_due_text_seconds", "How late the oldest due text is.", _seconds(known.oldest_due_text)),
        _gauge("autosync_workers_alive", "Workers that were seen within a minute.", known.workers_alive),
    ]
    if known.cron_success is not None:
        moment = known.cron_success.timestamp()
        meaning = "When pg_cron's job last ended well, whether or not its call arrived."
        found.append(_gauge("autosync_cron_last_success_timestamp_seconds", meaning, moment))
    return found


def _known_types(known: Figures) -> dict[tuple[str, str], int]:
    """Jobs by (type, state) of those that are not done; another client's types count as `other`."""
    counted: dict[tuple[str, str], int] = {(type_, state): 0 for type_ in sorted(_JOB_TYPES) for state in _OPEN}
    for (type_, state), count in known.jobs.items():
        if state in _OPEN:
            key = (type_ if type_ in _JOB_TYPES else "other", state)
            counted[key] = counted.get(key, 0) + count
    return counted


def _seconds(span: timedelta) -> float:
    return max(span.total_seconds(), 0.0)


def _gauge(name: str, meaning: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, value=value)


def _labelled(name: str, meaning: str, labels: Sequence[str]) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, meaning, labels=labels)
