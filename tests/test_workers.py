"""Workers' signs of life: what they say, what a database that is away does to them, and who is forgotten."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import psycopg
import pytest

from autosync import __version__
from autosync.database import workers
from autosync.database.pool import Connection, Pool, connect
from autosync.database.review import Late
from autosync.database.workers import SeenWorker
from autosync.dispatcher import Dispatcher
from autosync.doctor.findings import Level
from autosync.doctor.review import review
from autosync.doctor.workers import Found, is_alive, judge
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.processor import Processor
from autosync.worker import BEAT_EVERY, Worker
from factories import Factory
from waiting import until


def worker_of(pool: Pool) -> Worker:
    gateway = RecordGateway()
    return Worker(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US"),
        housekeeping=Housekeeping(pool=pool),
    )


def seen(**changes: Any) -> SeenWorker:
    fields = {"name": "web-1:7", "version": "1", "does": "processor", "claimed": None, "stopped": None}
    lengths = {"started": timedelta(hours=1), "seen": timedelta(seconds=4), "turned": timedelta(seconds=5)}
    return SeenWorker(**(fields | lengths | changes))


async def test_a_worker_says_who_it_is_and_that_it_has_had_nothing_in_hand_yet(
    pool: Pool, connection: Connection
) -> None:
    assert await worker_of(pool).beat_once() == BEAT_EVERY == timedelta(seconds=10)
    (found,) = await workers.list_seen(connection)
    assert (found.version, found.does) == (__version__, "processor, dispatcher, look-ups, housekeeping")
    assert (found.claimed, found.stopped) == (None, None)
    assert is_alive(found)


async def test_a_worker_says_so_by_itself_and_when_it_last_had_a_job_in_hand(
    pool: Pool, factory: Factory, connection: Connection
) -> None:
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")
    worker = worker_of(pool)
    worker.start()

    async def says_so() -> bool:
        await worker.beat_once()
        (found,) = await workers.list_seen(connection)
        return found.claimed is not None and found.claimed < timedelta(seconds=30)

    await until(says_so)
    await worker.stop()
    (found,) = await workers.list_seen(connection)
    assert found.stopped is not None
    assert not is_alive(found)


async def test_two_signs_of_life_are_one_row(pool: Pool, factory: Factory) -> None:
    worker = worker_of(pool)
    await worker.beat_once()
    await factory.do("update auto_sync_workers set seen_at = now() - interval '1 hour'")
    await worker.beat_once()
    await worker_of(pool).beat_once()
    assert await factory.rows("select seen_at > now() - interval '1 minute' from auto_sync_workers") == [(True,)] * 2


async def test_a_worker_goes_on_where_its_sign_of_life_is_refused(pool: Pool, factory: Factory) -> None:
    await factory.do("alter table auto_sync_workers add constraint never check (false) not valid")
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")
    worker = worker_of(pool)
    worker.start()

    async def done() -> bool:
        return bool(await factory.one("select count(*) from job_queue where status = 'processed'"))

    await until(done)
    with pytest.raises(psycopg.errors.CheckViolation):
        await worker.beat_once()
    await worker.stop()


async def test_a_worker_that_stops_does_not_wait_long_for_a_database_that_does_not_answer(
    pool: Pool, database_url: str
) -> None:
    worker = worker_of(pool)
    await worker.beat_once()
    async with connect(database_url) as other, other.transaction():
        await other.execute("lock table auto_sync_workers in access exclusive mode")
        async with asyncio.timeout(8):
            await worker.stop()


async def test_who_was_last_seen_a_day_ago_is_forgotten(pool: Pool, factory: Factory) -> None:
    for _ in range(3):
        await worker_of(pool).beat_once()
    await factory.do(
        "update auto_sync_workers set seen_at = now() - interval '24 hours 1 minute'"
        " where id in (select id from auto_sync_workers limit 2)"
    )
    assert (await Housekeeping(pool=pool).tidy()).forgotten == 2
    assert await factory.one("select count(*) from auto_sync_workers") == 1


@pytest.mark.parametrize(
    "workers_seen, late, said",
    [
        ((), timedelta(seconds=50), []),
        ((), timedelta(minutes=2), ["No worker has been seen within a day, while jobs are due."]),
        ((seen(),), timedelta(minutes=2), []),
        ((seen(seen=timedelta(minutes=4)),), timedelta(minutes=2), []),
        (
            (seen(seen=timedelta(minutes=6)),),
            timedelta(minutes=2),
            ["No worker has been seen for 6 minutes, while jobs are due."],
        ),
        ((seen(stopped=timedelta(seconds=4)),), timedelta(minutes=2), ["No worker has been seen within a day"]),
        (
            (seen(turned=timedelta(minutes=3)),),
            timedelta(),
            ["The worker web-1:7 lives, but its claim loop has stood still for 3 minutes."],
        ),
        ((seen(turned=timedelta(minutes=3), seen=timedelta(minutes=2)),), timedelta(), []),
        ((seen(turned=timedelta(minutes=3), stopped=timedelta(seconds=1)),), timedelta(), []),
    ],
)
def test_what_is_said_of_workers(workers_seen: tuple[SeenWorker, ...], late: timedelta, said: list[str]) -> None:
    found = list(judge(Found(workers_seen, Late(1 if late else 0, late))))
    assert len(found) == len(said)
    assert all(finding.what.startswith(start) for finding, start in zip(found, said, strict=True)), found


async def test_the_doctor_says_that_nobody_is_at_work_only_where_jobs_are_late(
    factory: Factory, connection: Connection
) -> None:
    async def told() -> list[Level]:
        return [one.level for one in (await review(connection)).findings if "No worker has been seen" in one.what]

    sync = await factory.sync()
    assert await told() == []
    await factory.do("update job_queue set scheduled_at = now() - interval '10 minutes' where sync_id = %s", sync.id)
    assert await told() == [Level.NOTE]
