"""What Prometheus is told: what a process has done, what there is in the database, and nothing of anybody."""

from __future__ import annotations

import asyncio
import re
import signal
from time import monotonic

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from asked import statements_asked
from autosync.database.figures import QUEUES
from autosync.database.pool import Pool, open_pool
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.meters import LATENESS, Meters
from autosync.processor import Processor
from autosync.web.app import create_app
from commands import a_worker
from factories import Factory, at_noon
from faulty_gateway import FaultyGateway, refuse


class Watched:
    """An application with a processor and a dispatcher that count, and a way to scrape it."""

    def __init__(self, pool: Pool, gateway: RecordGateway | FaultyGateway | None = None) -> None:
        sending = gateway or RecordGateway()
        self.meters = Meters()
        self.processor = Processor(pool=pool, meters=self.meters)
        self.dispatcher = Dispatcher(
            pool=pool, gateways={sending.name: sending}, gateway=sending.name, region="US", meters=self.meters
        )
        app = create_app(
            pool=pool,
            processor=self.processor,
            dispatcher=self.dispatcher,
            worker=None,
            meters=self.meters,
            service_key=None,
        )
        self.client = httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://test")

    async def scrape(self) -> str:
        answer = await self.client.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=")
        return answer.text


def figure(document: str, name: str, **labels: str) -> float | None:
    """One sample of a document; None if it is not there."""
    for family in text_string_to_metric_families(document):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return float(sample.value)
    return None


async def test_what_was_done_is_counted_by_type_and_outcome_with_how_late_it_was(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    watched = Watched(pool)
    sync = await factory.sync(invitees=2)
    await factory.make_due(sync.id, "reminder_24h", minutes=4)
    foreign = await factory.sync(invitees=1)
    await factory.do("update auto_syncs set timezone = 'Nowhere/Land' where id = %s", foreign.id)
    await factory.make_due(foreign.id, "reminder_24h")

    await watched.processor.process_due()
    await watched.dispatcher.dispatch_due()
    document = await watched.scrape()

    assert figure(document, "autosync_jobs_total", job_type="reminder_24h", outcome="processed") == 1
    assert figure(document, "autosync_jobs_total", job_type="reminder_24h", outcome="retried") == 1
    assert figure(document, "autosync_job_lateness_seconds_count") == 2
    assert figure(document, "autosync_job_lateness_seconds_bucket", le="60.0") == 1
    assert figure(document, "autosync_job_lateness_seconds_bucket", le="300.0") == 2
    assert figure(document, "autosync_batch_duration_seconds_count") == 1
    assert figure(document, "autosync_texts_total", message_type="reminder", fate="sent") == 2
    assert figure(document, "autosync_gateway_request_duration_seconds_count", gateway="record") == 3


async def test_what_is_in_the_database_is_shown_by_type_and_state(factory: Factory, pool: Pool) -> None:
    late, _ = await factory.sync(invitees=1), await factory.sync(invitees=1)
    await factory.make_due(late.id, "reminder_24h", minutes=2)

    document = await Watched(pool).scrape()

    assert figure(document, "autosync_database_up") == 1
    assert figure(document, "autosync_queue_jobs", job_type="reminder_24h", state="due") == 1
    assert figure(document, "autosync_queue_jobs", job_type="reminder_24h", state="waiting") == 1
    assert figure(document, "autosync_queue_jobs", job_type="auto_end_check", state="waiting") == 2
    assert figure(document, "autosync_queue_jobs", job_type="reminder_24h", state="failed") == 0
    oldest = figure(document, "autosync_oldest_due_job_seconds")
    assert oldest is not None
    assert 120 <= oldest < 180
    assert figure(document, "autosync_oldest_due_text_seconds") == 0
    assert figure(document, "autosync_workers_alive") == 0
    for table in QUEUES:
        assert figure(document, "autosync_table_rows", table=table, state="dead") is not None


async def test_a_text_that_is_late_shows_though_it_is_not_held(factory: Factory, pool: Pool) -> None:
    began = monotonic()
    await at_noon(factory)
    watched = Watched(pool)
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    await watched.processor.process_due()
    await factory.move_clock(hours=1)

    document = await watched.scrape()

    assert figure(document, "autosync_queue_texts", state="due") == 2
    age = figure(document, "autosync_oldest_due_text_seconds")
    assert age is not None
    assert 3500 < age <= 3600 + monotonic() - began


async def test_each_process_counts_its_own_and_all_tell_the_same_of_the_database(factory: Factory, pool: Pool) -> None:
    one, other = Watched(pool), Watched(pool)
    for _ in range(2):
        await factory.make_due((await factory.sync(invitees=1)).id, "reminder_24h")
        await one.processor.process_due()
    await factory.make_due((await factory.sync(invitees=1)).id, "reminder_24h")
    await other.processor.process_due()
    await factory.make_due((await factory.sync(invitees=1)).id, "reminder_24h")

    documents = [await one.scrape(), await other.scrape()]

    counted = [figure(each, "autosync_jobs_total", job_type="reminder_24h", outcome="processed") for each in documents]
    assert counted == [2, 1], "which sum up"
    due = [figure(each, "autosync_queue_jobs", job_type="reminder_24h", state="due") for each in documents]
    assert due == [1, 1], "of which the largest counts"


async def test_a_refusal_is_counted_by_its_code(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    gateway = FaultyGateway()
    watched = Watched(pool, gateway)
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    await watched.processor.process_due()
    for (text,) in await factory.rows("select id from auto_sync_messages where status = 'queued'"):
        gateway.plan(text, refuse)
    await watched.dispatcher.dispatch_due()
    document = await watched.scrape()
    assert figure(document, "autosync_gateway_errors_total", code="21211") == 2
    assert figure(document, "autosync_texts_total", message_type="reminder", fate="failed") == 1


async def test_with_the_database_away_what_the_process_knows_still_comes(database_url: str) -> None:
    async with open_pool(database_url) as pool:
        watched = Watched(pool)
        watched.meters.count_jobs("reminder_24h", "processed", 3)
    document = await watched.scrape()
    assert figure(document, "autosync_database_up") == 0
    assert figure(document, "autosync_jobs_total", job_type="reminder_24h", outcome="processed") == 3
    assert figure(document, "autosync_queue_jobs", job_type="reminder_24h", state="due") is None


async def test_names_follow_the_conventions_and_say_what_they_mean(factory: Factory, pool: Pool) -> None:
    watched = Watched(pool)
    sync = await factory.sync(invitees=1)
    await factory.make_due(sync.id, "reminder_24h")
    await watched.processor.process_due()
    for family in text_string_to_metric_families(await watched.scrape()):
        assert re.fullmatch(r"(autosync|process)_[a-z_]+", family.name)
        assert family.documentation, family.name
        assert not family.name.endswith(("_ms", "_minutes", "_hours")), "seconds are the unit"
        if family.type == "counter":
            assert all(sample.name.endswith(("_total", "_created")) for sample in family.samples)


async def test_no_name_number_or_id_of_anybody_is_in_it(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    watched = Watched(pool)
    sync = await factory.sync(invitees=2, event_name="Surprise party")
    await factory.make_due(sync.id, "reminder_24h")
    await watched.processor.process_due()
    await watched.dispatcher.dispatch_due()
    document = await watched.scrape()
    numbers = await factory.rows("select phone_number from contacts union select phone_number from profiles")
    for secret in ("Maya", "Lopez", "Ann", "Surprise", str(sync.id), *(number[-7:] for (number,) in numbers)):
        assert secret not in document


def test_labels_are_few_whatever_others_write() -> None:
    meters = Meters()
    for number in range(1000):
        meters.count_error(str(10_000 + number))
        meters.count_error(f"code {number}")
        meters.count_jobs(f"type {number}", "processed")
        meters.count_text(f"type {number}", "sent")
    samples = [sample for family in meters.registry.collect() for sample in family.samples]
    codes = {sample.labels["code"] for sample in samples if "code" in sample.labels}
    types = {sample.labels["job_type"] for sample in samples if "job_type" in sample.labels}
    kinds = {sample.labels["message_type"] for sample in samples if "message_type" in sample.labels}
    assert len(codes) <= 41
    assert "other" in codes
    assert types == kinds == {"other"}


def test_lateness_counts_each_job_in_every_bucket_from_its_own_on() -> None:
    meters = Meters()
    meters.lateness.observe([-1.0, 0.1, 0.2, 7200.0])
    (family,) = meters.lateness.collect()
    buckets = {sample.labels["le"]: sample.value for sample in family.samples if sample.name.endswith("_bucket")}
    assert buckets[str(LATENESS[0])] == 2
    assert buckets[str(LATENESS[1])] == 3
    assert buckets[str(LATENESS[-1])] == 3
    assert buckets["+Inf"] == 4


async def test_a_scrape_takes_a_fixed_number_of_statements_and_none_within_a_second(
    factory: Factory, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = Watched(pool), Watched(pool)
    with statements_asked(monkeypatch) as first:
        await few.scrape()
    for _ in range(20):
        await factory.sync(invitees=3)
    with statements_asked(monkeypatch) as second:
        await many.scrape()
        await many.scrape()
    assert len(first) == len(second)
    assert 0 < len(first) <= 10


async def test_a_worker_answers_for_itself_on_a_port_of_its_own_and_still_ends_at_sigterm(
    factory: Factory, database_url: str
) -> None:
    async with a_worker(database_url) as (process, address), httpx.AsyncClient(base_url=address) as client:
        document = (await client.get("/metrics")).text
        still = figure(document, "autosync_claim_loop_still_seconds")
        assert still is not None
        assert still < 30
        assert figure(document, "autosync_pool_connections", state="open") is not None
        assert (await client.get("/health/live")).status_code == 200
        assert (await client.get("/api/syncs")).status_code == 404
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(30):
            assert await process.wait() == 0
