"""One trace for each sync, by OpenTelemetry: its jobs, its texts, what the gateway reports, and what people answer.

`Traces.off()` does nothing; `Traces.to(endpoint)` sends spans by OTLP over HTTP, in batches, beside the work. What
happens to a sync happens in many processes and over days, so nothing is handed on: a trace's id is the sync's, a span's
id follows from the row's, and whatever comes of a row names that row's span as its parent. Spans carry ids, types and
outcomes, never a name, a number or words.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import UUID

from autosync import __version__
from autosync.model import Unusable

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

_own_ids: ContextVar[tuple[int, int]] = ContextVar("own_ids")


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened to a sync: to which of its rows, because of which other one (None: of the sync itself).

    `row_id` None: the sync's insert, where its trace begins. `nth`: tells apart what happens to a row more than once,
    the first of which is 1, or a report of a text, such as `delivered`. `began` and `ended`: seconds since the epoch.
    `failed`: why it is an error; None: it is none.
    """

    name: str
    sync_id: UUID
    row_id: UUID | None
    because_of: UUID | None
    began: float
    ended: float
    facts: Mapping[str, str | int]
    failed: str | None = None
    nth: int | str = 1


class Traces:
    """Where spans go."""

    def __init__(self, provider: TracerProvider | None) -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("autosync", __version__) if provider else None

    @classmethod
    def off(cls) -> Traces:
        """Nothing is kept."""
        return cls(None)

    @classmethod
    def to(cls, endpoint: str) -> Traces:
        """To a collector, such as http://127.0.0.1:4318. Raises Unusable where OpenTelemetry is not installed."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 - not always there
                OTLPSpanExporter,
            )
        except ImportError:
            raise Unusable(
                "AUTOSYNC_OTLP_ENDPOINT is set, but OpenTelemetry is not installed"
                " (in a checkout: pip install '.[traces]')."
            ) from None
        return cls.by(OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces"))

    @classmethod
    def by(cls, exporter: SpanExporter) -> Traces:
        """Through this exporter."""
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 - as above
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON  # noqa: PLC0415

        about = Resource.create({"service.name": "autosync", "service.version": __version__})
        provider = TracerProvider(resource=about, id_generator=_ids(), sampler=ALWAYS_ON, shutdown_on_exit=False)
        provider.add_span_processor(BatchSpanProcessor(exporter))
        return cls(provider)

    @property
    def are_on(self) -> bool:
        """Whether it is worth telling."""
        return self._tracer is not None

    def tell(self, what: Happened) -> None:
        """Keeps it, to be sent soon; loses it if nobody takes it."""
        if self._tracer is None:
            return
        from opentelemetry.trace import Status, StatusCode  # noqa: PLC0415 - as above

        own = (trace_id_of(what.sync_id), span_id_of(what.row_id or what.sync_id, what.nth))
        token = _own_ids.set(own)
        try:
            span = self._tracer.start_span(
                what.name,
                context=_parent(what),
                start_time=_nanoseconds(what.began),
                attributes={"autosync.sync_id": str(what.sync_id), **what.facts},
            )
        finally:
            _own_ids.reset(token)
        if what.failed is not None:
            span.set_status(Status(StatusCode.ERROR, what.failed))
        span.end(_nanoseconds(max(what.ended, what.began)))

    def close(self) -> None:
        """Sends what is left."""
        if self._provider is not None:
            self._provider.shutdown()


def trace_id_of(sync_id: UUID) -> int:
    """The 128 bits of its id."""
    return sync_id.int


def span_id_of(row_id: UUID, nth: int | str = 1) -> int:
    """64 bits that follow from the row's id, and what of it: of ids made together the first half is the same."""
    return int.from_bytes(sha256(row_id.bytes + str(nth).encode()).digest()[:8])


def seconds(moment: datetime) -> float:
    """Since the epoch."""
    return moment.timestamp()


def _nanoseconds(since_epoch: float) -> int:
    """As a span keeps them, in 64 bits without a sign; what is out of their reach stands at its edge."""
    return min(max(int(since_epoch * 1e6) * 1000, 0), 2**64 - 1)


def _parent(what: Happened) -> Any:
    from opentelemetry.context import Context  # noqa: PLC0415 - as above
    from opentelemetry.trace import (  # noqa: PLC0415
        NonRecordingSpan,
        SpanContext,
        TraceFlags,
        set_span_in_context,
    )

    if what.row_id is None:
        return Context()  # where the trace begins
    parent = span_id_of(what.because_of or what.sync_id)
    context = SpanContext(trace_id_of(what.sync_id), parent, is_remote=True, trace_flags=TraceFlags(TraceFlags.SAMPLED))
    return set_span_in_context(NonRecordingSpan(context))


def _ids() -> Any:
    from opentelemetry.sdk.trace.id_generator import RandomIdGenerator  # noqa: PLC0415 - as above

    class FromRows(RandomIdGenerator):
        """Those of what is told of."""

        def generate_trace_id(self) -> int:
            return _own_ids.get()[0]

        def generate_span_id(self) -> int:
            return _own_ids.get()[1]

    return FromRows()
