"""What one process has done since it started, as Prometheus counts it: jobs, lateness, texts, the gateway.

Movers write into the `Meters` that they are given; `/metrics` reads them. Counting takes no lock and no statement.
Labels are our own few words, never a number, a name or an id; what another client or a gateway makes up is `other`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector

from autosync.model import JobType, MessageType

LATENESS = (0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0)
"""Seconds: from well on time to an hour late."""

_DURATIONS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_MOST_CODES = 40
_CODE = re.compile(r"\d{3,5}")
_JOB_TYPES = frozenset(JobType)
_MESSAGE_TYPES = frozenset(MessageType)


class Lateness(Collector):
    """A histogram that takes the jobs of a batch together: one by one they would cost as much as deciding them."""

    def __init__(self) -> None:
        self._counts = [0] * (len(LATENESS) + 1)
        self._sum = 0.0

    def observe(self, seconds: Iterable[float]) -> None:
        """Counts how many seconds late each job was; one that was early counts as on time."""
        for late in seconds:
            self._counts[bisect_left(LATENESS, late)] += 1
            self._sum += max(late, 0.0)

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """As Prometheus wants it."""
        bounds = [*map(str, LATENESS), "+Inf"]
        yield HistogramMetricFamily(
            "autosync_job_lateness_seconds",
            "From when a job was due until it was claimed.",
            buckets=list(zip(bounds, map(float, accumulate(self._counts)), strict=True)),
            sum_value=self._sum,
        )


class Meters:
    """One for each process, with a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.lateness = Lateness()
        self.registry.register(self.lateness)
        ProcessCollector(registry=self.registry)
        self._jobs = Counter(
            "autosync_jobs", "Jobs by what became of them.", ["job_type", "outcome"], registry=self.registry
        )
        self._batches = Histogram(
            "autosync_batch_duration_seconds",
            "From the claim of a batch of jobs to its commit.",
            buckets=_DURATIONS,
            registry=self.registry,
        )
        self._texts = Counter(
            "autosync_texts", "Texts by what became of an attempt.", ["message_type", "fate"], registry=self.registry
        )
        self._requests = Histogram(
            "autosync_gateway_request_duration_seconds",
            "How long the gateway took to answer a text.",
            ["gateway"],
            buckets=_DURATIONS,
            registry=self.registry,
        )
        self._errors = Counter(
            "autosync_gateway_errors", "Texts that the gateway refused, by its code.", ["code"], registry=self.registry
        )
        self._events = Counter(
            "autosync_events", "Calendar events by what became of an attempt.", ["fate"], registry=self.registry
        )
        self._calls = Counter(
            "autosync_calendar_calls", "Requests for events to Google, by outcome.", ["outcome"], registry=self.registry
        )
        self._codes: set[str] = set()

    def count_jobs(self, job_type: str, outcome: str, count: int = 1) -> None:
        """Jobs that were processed, skipped, postponed, retried or failed."""
        self._jobs.labels(job_type if job_type in _JOB_TYPES else "other", outcome).inc(count)

    def time_batch(self, seconds: float) -> None:
        """A batch that was committed."""
        self._batches.observe(seconds)

    def count_text(self, message_type: str, fate: str) -> None:
        """A text that was sent, is queued again, held, canceled, unknown or failed."""
        self._texts.labels(message_type if message_type in _MESSAGE_TYPES else "other", fate).inc()

    def time_request(self, gateway: str, seconds: float) -> None:
        """An answer of the gateway, or none within its time."""
        self._requests.labels(gateway).observe(seconds)

    def count_event(self, fate: str) -> None:
        """An event that was sent, is queued again, unknown or failed, or has no calendar to go into (none)."""
        self._events.labels(fate).inc()

    def count_call(self, outcome: str) -> None:
        """A request to Google: done, or the name of what went wrong."""
        self._calls.labels(outcome).inc()

    def count_error(self, code: str) -> None:
        """A refusal. Codes are the gateway's to make up, so only so many of them are told apart."""
        if code not in self._codes and (len(self._codes) >= _MOST_CODES or not _CODE.fullmatch(code)):
            code = "other"
        self._codes.add(code)
        self._errors.labels(code).inc()
