"""One trace for each sync, put together from what happens in many processes, without a word about anybody."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import httpx
import pytest
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from starlette.types import Receive, Scope, Send
from twilio.request_validator import RequestValidator

import overheard
from autosync import inbox, syncs
from autosync.database.pool import EARLIEST, LATEST, Pool
from autosync.processor import Processor
from autosync.traces import Happened, Traces, span_id_of, trace_id_of
from autosync.web.app import create_app
from autosync.web.webhooks import TwilioWebhooks
from commands import autosync
from factories import Factory, MadeSync, at_noon
from faulty_gateway import FaultyGateway, ambiguous_before_accepting, make_dispatcher
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, serving_app, stand_in


def by_name(spans: list[ReadableSpan]) -> dict[str, list[ReadableSpan]]:
    found: dict[str, list[ReadableSpan]] = {}
    for span in spans:
        found.setdefault(span.name, []).append(span)
    return found


async def a_reminded_sync(factory: Factory) -> MadeSync:
    await at_noon(factory)
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h")
    await factory.do(
        "update auto_sync_messages m set phone_number = c.phone_number from contacts c where c.id = m.contact_id"
    )
    return sync


async def test_a_job_its_texts_and_an_answer_are_one_trace(factory: Factory, pool: Pool) -> None:
    sync = await a_reminded_sync(factory)
    kept = InMemorySpanExporter()
    traces = Traces.by(kept)
    gateway = FaultyGateway()

    await Processor(pool=pool, traces=traces).process_due()
    lost = await factory.one(
        "select id from auto_sync_messages where message_type = 'reminder' and contact_id = %s", sync.contacts[1]
    )
    gateway.plan(lost, ambiguous_before_accepting)
    await make_dispatcher(pool, gateway, traces=traces).dispatch_once()
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])
    await inbox.receive(factory.connection, inbox.InboundText("faulty", "1", number, "1"), region="US", traces=traces)
    await asyncio.to_thread(traces.close)

    spans = by_name(list(kept.get_finished_spans()))
    assert {name: len(found) for name, found in spans.items()} == {
        "sync": 1, "job reminder_24h": 1, "text reminder": 2, "text reminder_update": 1, "text received": 1
    }  # fmt: skip
    everything = [span for found in spans.values() for span in found]
    assert {span.context.trace_id for span in everything} == {trace_id_of(sync.id)}
    job = await factory.one("select id from job_queue where sync_id = %s and job_type = 'reminder_24h'", sync.id)
    assert spans["job reminder_24h"][0].context.span_id == span_id_of(job)
    assert spans["job reminder_24h"][0].parent.span_id == spans["sync"][0].context.span_id == span_id_of(sync.id)
    assert {span.parent.span_id for span in spans["text reminder"]} == {span_id_of(job)}
    fates = {span.attributes["autosync.message_id"]: span for span in spans["text reminder"]}
    assert fates[str(lost)].attributes["autosync.outcome"] == "unknown"
    assert not fates[str(lost)].status.is_ok
    assert all(span.start_time <= span.end_time for span in everything)
    assert spans["sync"][0].parent is None
    assert len({span.context.span_id for span in everything}) == len(everything)
    told = repr([dict(span.attributes or {}) for span in everything])
    assert number not in told
    assert "Ann" not in told
    assert "Which times" not in told


async def test_an_invite_comes_of_its_sync(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    kept = InMemorySpanExporter()
    traces = Traces.by(kept)
    await syncs.invite(factory.connection, sync.id, 1)

    await make_dispatcher(pool, FaultyGateway(), traces=traces).dispatch_once()
    await asyncio.to_thread(traces.close)

    [span] = kept.get_finished_spans()
    assert span.name == "text invite"
    assert span.parent is not None
    assert span.parent.span_id == span_id_of(sync.id)


async def test_what_comes_in_by_webhook_belongs_to_the_same_trace(factory: Factory, pool: Pool) -> None:
    sync = await a_reminded_sync(factory)
    kept = InMemorySpanExporter()
    traces = Traces.by(kept)
    gateway = FaultyGateway()
    dispatcher = make_dispatcher(pool, gateway, traces=traces)
    processor = Processor(pool=pool, traces=traces)
    app = create_app(
        pool=pool, processor=processor, dispatcher=dispatcher, worker=None, service_key=None,
        twilio=TwilioWebhooks(auth_token=SecretStr(AUTH_TOKEN), public_url="http://test", region="US", traces=traces),
    )  # fmt: skip
    await processor.process_due()
    await dispatcher.dispatch_once()
    await factory.do("update auto_sync_messages set gateway = 'twilio', gateway_message_id = 'SM1' where attempt = 1")
    text = await factory.one("select id from auto_sync_messages where message_type = 'reminder' limit 1")
    number = await factory.one("select phone_number from contacts where id = %s", sync.contacts[0])

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test") as client:
        for path, form in (
            ("/webhooks/twilio/inbound", {"MessageSid": "SM2", "From": number, "Body": "1"}),
            ("/webhooks/twilio/inbound", {"MessageSid": "SM3", "From": number, "Body": "or perhaps 1 or 2??"}),
            (f"/webhooks/twilio/status?message={text}", {"MessageSid": "SM1", "MessageStatus": "delivered"}),
            (f"/webhooks/twilio/status?message={text}", {"MessageSid": "SM1", "MessageStatus": "delivered"}),
        ):
            signed = RequestValidator(AUTH_TOKEN).compute_signature(f"http://test{path}", form)
            answer = await client.post(path, data=form, headers={"X-Twilio-Signature": signed})
            assert answer.status_code == 204
    await asyncio.to_thread(traces.close)

    spans = by_name(list(kept.get_finished_spans()))
    assert {name: len(found) for name, found in spans.items()} == {
        "sync": 1, "job reminder_24h": 1, "text reminder": 2, "text reminder_update": 1, "text received": 2, "report": 1
    }  # fmt: skip
    everything = [span for found in spans.values() for span in found]
    assert {span.context.trace_id for span in everything} == {trace_id_of(sync.id)}
    [report] = spans["report"]
    assert report.parent.span_id == span_id_of(text), "which is the text's own span"
    assert report.parent.span_id in {span.context.span_id for span in spans["text reminder"]}
    assert report.attributes["autosync.outcome"] == "delivered"
    assert {span.parent.span_id for span in spans["text received"]} == {span_id_of(sync.id)}


async def test_a_job_that_raised_is_an_error_of_its_kind_only(factory: Factory, pool: Pool) -> None:
    sync = await a_reminded_sync(factory)
    await factory.do("update auto_syncs set timezone = 'Nowhere' where id = %s", sync.id)
    kept = InMemorySpanExporter()
    traces = Traces.by(kept)
    await Processor(pool=pool, traces=traces).process_due()
    await asyncio.to_thread(traces.close)
    [job] = by_name(list(kept.get_finished_spans()))["job reminder_24h"]
    assert job.attributes["autosync.outcome"] == "retried"
    assert job.status.description is not None
    assert " " not in job.status.description, "the kind of the error, without its words"


@pytest.mark.parametrize("began", [EARLIEST, LATEST])
def test_a_moment_that_no_span_can_hold_costs_the_other_spans_nothing(began: datetime) -> None:
    """Such as the created_at of a sync, which its organizer may set to any."""
    kept = InMemorySpanExporter()
    traces = Traces.by(kept)
    traces.tell(Happened("sync", uuid4(), None, None, began.timestamp(), began.timestamp(), {}))
    traces.close()
    assert encode_spans(kept.get_finished_spans()).resource_spans


def test_nothing_is_told_where_traces_are_off() -> None:
    traces = Traces.off()
    now = datetime.now(UTC).timestamp()
    traces.tell(Happened("sync", uuid4(), None, None, now, now, {}))
    traces.close()
    assert not traces.are_on


class Collector:
    """Takes what OpenTelemetry sends by HTTP."""

    def __init__(self) -> None:
        self.names: list[tuple[str, bytes]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        request = ExportTraceServiceRequest.FromString(body)
        overheard.add(str(request))
        self.names += [
            (span.name, span.trace_id)
            for resource in request.resource_spans
            for scoped in resource.scope_spans
            for span in scoped.spans
        ]
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


async def test_the_program_sends_its_traces_to_the_collector_of_the_settings(factory: Factory, direct_url: str) -> None:
    sync = await a_reminded_sync(factory)
    collector = Collector()
    with serving_app(collector) as endpoint, stand_in() as twilio:
        ran = autosync(
            "process", database_url=direct_url,
            AUTOSYNC_OTLP_ENDPOINT=endpoint,
            AUTOSYNC_GATEWAY="twilio",
            AUTOSYNC_TWILIO_BASE_URL=twilio.url,
            AUTOSYNC_TWILIO_ACCOUNT_SID=ACCOUNT_SID,
            AUTOSYNC_TWILIO_AUTH_TOKEN=AUTH_TOKEN,
            AUTOSYNC_TWILIO_FROM=FROM,
        )  # fmt: skip
    assert (ran.code, ran.err) == (0, "")
    names = {name for name, _ in collector.names}
    assert names == {"sync", "job reminder_24h", "text reminder", "text reminder_update"}
    assert {trace for _, trace in collector.names} == {sync.id.bytes}


async def test_a_collector_that_is_away_costs_nothing_but_its_traces(factory: Factory, direct_url: str) -> None:
    await a_reminded_sync(factory)
    ran = autosync("process", database_url=direct_url, AUTOSYNC_OTLP_ENDPOINT="http://127.0.0.1:9")
    assert (ran.code, ran.out.split(",")[0]) == (0, "1 processed")


@pytest.mark.parametrize("endpoint", ["collector", "ftp://collector"])
def test_an_endpoint_that_is_no_address_is_refused(endpoint: str, database_url: str) -> None:
    ran = autosync("process", database_url=database_url, AUTOSYNC_OTLP_ENDPOINT=endpoint)
    assert ran.code == 2
    assert "AUTOSYNC_OTLP_ENDPOINT" in ran.err
