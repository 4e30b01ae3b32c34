"""A worker at work: by itself, through crashes, and when it is told to stop."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any, LiteralString
from uuid import UUID

import httpx
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import sql

from autosync import inviter, loops
from autosync.database import jobs, messages, rates
from autosync.database import pool as pools
from autosync.database.pool import Connection, Pool, connect, open_pool
from autosync.dispatcher import BATCH_SIZE as AT_ONCE
from autosync.dispatcher import Dispatcher
from autosync.gateways.record import RecordGateway
from autosync.housekeeping import Housekeeping
from autosync.inviter import Inviter
from autosync.loops import Loop
from autosync.meters import Meters
from autosync.processor import BATCH_SIZE, LANES, Processor
from autosync.web import health
from autosync.web.app import create_watched
from autosync.worker import IN_OTHER_HANDS, LOOK_AGAIN, Worker, rest_until
from chaos.wire import Wire
from connected import connections_of, google_at
from factories import Factory, at_noon
from faulty_gateway import FaultyGateway, accept, make_dispatcher, not_processed
from outbox import queue_one_each, status_of
from pooler import Pooler
from stand_in import ACCOUNT_SID, AUTH_TOKEN, FROM, StandIn, stand_in
from waiting import until

Claim = Callable[[Connection], Awaitable[None]]
SILENT = "The gateway took none of the last texts: one at a time is tried until it takes one."


def make_worker(pool: Pool, *, at_most: Mapping[str, float] | None = None, inviter: Inviter | None = None) -> Worker:
    gateway = RecordGateway()
    return Worker(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=Dispatcher(
            pool=pool, gateways={gateway.name: gateway}, gateway=gateway.name, region="US", rates=at_most
        ),
        housekeeping=Housekeeping(pool=pool),
        inviter=inviter,
    )


def idle_inviter(pool: Pool) -> Inviter:
    """For a calendar that nothing is to be put into: its Google is not there."""
    return Inviter(pool=pool, connections=connections_of(pool, google_at("http://127.0.0.1:9")))


@asynccontextmanager
async def working(pool: Pool, **parts: Any) -> AsyncIterator[Worker]:
    """A worker in this process, stopped at the end; `parts`: see make_worker."""
    worker = make_worker(pool, **parts)
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


@asynccontextmanager
async def worker_process(database_url: str, **settings: str) -> AsyncIterator[asyncio.subprocess.Process]:
    """`autosync worker` as a process of its own, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "autosync", "worker",
        env={**os.environ, "DATABASE_URL": database_url, **settings},
    )  # fmt: skip
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def settings_of(twilio: StandIn) -> dict[str, str]:
    """Those of a process that sends through it."""
    return {
        "AUTOSYNC_GATEWAY": "twilio",
        "AUTOSYNC_TWILIO_BASE_URL": twilio.url,
        "AUTOSYNC_TWILIO_ACCOUNT_SID": ACCOUNT_SID,
        "AUTOSYNC_TWILIO_AUTH_TOKEN": AUTH_TOKEN,
        "AUTOSYNC_TWILIO_FROM": FROM,
    }


async def exit_code(process: asyncio.subprocess.Process) -> int:
    async with asyncio.timeout(30):
        return await process.wait()


async def due_reminders(factory: Factory, count: int) -> UUID:
    """So many syncs with a due reminder, at night; the invitee of the one in the middle is returned."""
    await at_noon(factory)
    await factory.move_clock(hours=11)
    organizer = await factory.organizer()
    common, special = await factory.contact(organizer, "Ann"), await factory.contact(organizer, "Ben")
    await factory.connection.execute(
        "with s as ("
        "  insert into auto_syncs (organizer_id, event_name, timezone, started_at)"
        "  select %(organizer)s, n::text, 'America/New_York', autosync_now() - interval '1 hour' + n * interval '1 ms'"
        "  from generate_series(1, %(count)s) as n"
        "  returning id, event_name"
        "), o as ("
        "  insert into auto_sync_options (auto_sync_id, idx, start_time)"
        "  select id, 1, autosync_now() + interval '9 days' from s"
        ") insert into auto_sync_messages (auto_sync_id, contact_id, message_type)"
        " select id, case event_name::int when %(count)s / 2 + 1 then %(special)s else %(common)s end::uuid, 'initial'"
        " from s",
        {"organizer": organizer, "count": count, "common": common, "special": special},
    )
    return special


@asynccontextmanager
async def in_the_middle_of_a_batch(factory: Factory, url: str, contact: UUID) -> AsyncIterator[None]:
    """Begins once a worker hangs in the transaction that texts this contact, and lets it go on at the end."""
    async with connect(url) as holding, holding.transaction():
        await holding.execute("select from contacts where id = %s for update", [contact])

        async def somebody_waits() -> bool:
            return bool(
                await factory.one(
                    "select count(*) from pg_stat_activity"
                    " where datname = current_database() and wait_event_type = 'Lock'"
                    " and query like '-- Queues texts%%'"
                )
            )

        await until(somebody_waits, within=30)
        yield


async def reminders_done(factory: Factory) -> int:
    done: int = await factory.one(
        "select count(*) from job_queue where job_type = 'reminder_24h' and status = 'processed'"
    )
    return done


async def cut_all_connections(connection: Connection) -> None:
    await connection.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()"
    )


async def test_a_worker_reminds_sends_and_pauses_by_itself(factory: Factory, pool: Pool) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=3, started_at=await factory.one("select autosync_now()"))

    async def sent(type_: str, count: int) -> bool:
        return [status for _, status, *_ in await factory.texts(sync.id, type_)] == ["sent"] * count

    async def reminded() -> bool:
        return await sent("reminder", 3) and await sent("reminder_update", 1)

    async def summarized() -> bool:
        return await sent("pause_summary", 1)

    async with working(pool):
        await factory.move_clock(minutes=5)
        await until(reminded)
        assert await factory.one("select status::text from auto_syncs") == "running"
        await factory.move_clock(minutes=5, seconds=5)
        await until(summarized)

    assert await factory.one("select status::text from auto_syncs") == "paused"
    assert [(type_, status) for type_, status, _ in await factory.jobs(sync.id)][:2] == [
        ("reminder_24h", "processed"),
        ("pause_check_48h", "processed"),
    ]


async def test_a_gateway_that_is_slow_to_tell_what_it_has_does_not_keep_texts_from_leaving(
    factory: Factory, pool: Pool
) -> None:
    await at_noon(factory)
    sync = await factory.sync(invitees=2)
    gateway = FaultyGateway()
    gateway.tells.clear()
    unknown, queued = await queue_one_each(factory, sync)
    await factory.do(
        "update auto_sync_messages set status = 'unknown', claimed_at = now() - interval '1 hour', attempt = 1,"
        " gateway = %s, phone_number = '+12125550100' where id = %s", gateway.name, unknown,
    )  # fmt: skip

    async def has_left() -> bool:
        return await status_of(factory, queued) == "sent" and gateway.looked_up == [unknown]

    dispatcher = make_dispatcher(pool, gateway)
    worker = Worker(
        pool=pool, processor=Processor(pool=pool), dispatcher=dispatcher, housekeeping=Housekeeping(pool=pool)
    )
    worker.start()
    try:
        await until(has_left)
    finally:
        gateway.tells.set()
        await worker.stop()


@pytest.mark.parametrize(
    ("lock", "loop"),
    [
        ("lock table profiles in access exclusive mode", "processor"),
        ("lock table auto_sync_messages in exclusive mode", "dispatcher"),
        ("lock table auto_sync_messages in share mode", "look-ups"),
        ("lock table auto_sync_events in share mode", "calendar"),
    ],
)
async def test_a_claim_that_hangs_is_not_ready_and_health_says_what_hangs(
    pool: Pool, direct_url: str, monkeypatch: pytest.MonkeyPatch, lock: LiteralString, loop: str
) -> None:
    monkeypatch.setattr(health, "STANDS_STILL", 2 * LOOK_AGAIN)
    monkeypatch.setattr(Inviter, "longest_batch", timedelta())
    async with working(pool, inviter=idle_inviter(pool)) as worker:
        app = create_watched(pool=pool, worker=worker, meters=Meters())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://worker") as client:

            async def is_ready() -> bool:
                return (await client.get("/health/ready")).status_code == 200

            async def says_what_hangs() -> bool:
                answer = await client.get("/health/ready")
                said = answer.json()
                assert (answer.status_code, said["status"]) in {(200, "ready"), (503, "not ready")}
                named = any(f"{loop} has brought no turn to its end" in sentence for sentence in said["waits_for"])
                return named and answer.status_code == 503

            await until(is_ready)
            async with connect(direct_url) as somebody, somebody.transaction():
                await somebody.execute(lock)
                await until(says_what_hangs)
                assert (await client.get("/health/live")).status_code == 200
            await until(is_ready)
            assert (await client.get("/health/ready")).json()["waits_for"] == []


async def test_a_batch_at_a_slow_google_does_not_count_as_standing_still(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    monkeypatch.setattr(loops, "time", SimpleNamespace(monotonic=lambda: now))
    calendar = make_worker(pool, inviter=idle_inviter(pool)).inviting
    assert calendar is not None
    now += (inviter.FRESH + inviter.PATIENCE).total_seconds()
    assert calendar.stands_still_since == timedelta()
    now += loops.STANDS_STILL.total_seconds()
    assert calendar.stands_still_since == loops.STANDS_STILL


async def test_health_says_that_the_gateway_takes_nothing_or_that_sending_is_paused(
    factory: Factory, pool: Pool
) -> None:
    await at_noon(factory)
    for _ in range(8):
        await queue_one_each(factory, await factory.sync(invitees=8))
    gateway = FaultyGateway()
    gateway.always = not_processed()
    worker = Worker(
        pool=pool,
        processor=Processor(pool=pool),
        dispatcher=make_dispatcher(pool, gateway),
        housekeeping=Housekeeping(pool=pool),
    )
    app = create_watched(pool=pool, worker=worker, meters=Meters())
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://worker") as client:

        async def waits_for() -> list[str]:
            answer = await client.get("/health/ready")
            assert answer.status_code == 200  # it answers people, and does all else
            said: list[str] = answer.json()["waits_for"]
            return said

        async def says(expected: list[str]) -> bool:
            return await waits_for() == expected

        worker.start()
        try:
            await until(partial(says, [SILENT]))
            gateway.always = accept
            await factory.do("update auto_sync_messages set send_after = autosync_now() where status = 'queued'")
            await until(partial(says, []))
            await factory.insert("auto_sync_sending_pauses", paused_by="Olga", reason="A flood in Ann's street.")
            assert await waits_for() == ["All sending is paused: `autosync sending status` says why."]
        finally:
            await worker.stop()


@pytest.mark.parametrize(
    ("code", "cause"), [("53100", "the database's disk is full"), ("53300", "the database is away")]
)
async def test_health_says_that_the_database_has_no_disk_or_no_connection_left_until_it_has(
    factory: Factory, pool: Pool, code: str, cause: str
) -> None:
    """As a server says so, in the middle of a batch."""
    function: LiteralString = (
        "create function refuse() returns trigger language plpgsql as"
        " $$ begin raise exception 'there is none' using errcode = tg_argv[0]; end $$"
    )
    await factory.make_due((await factory.sync()).id, "reminder_24h")
    await factory.do(function)
    refusing = sql.SQL("create trigger refuse before update on job_queue for each row execute function refuse({})")
    await factory.connection.execute(refusing.format(code))

    async def waits_for(expected: list[str]) -> bool:
        told: list[str] = (await client.get("/health/ready")).json()["waits_for"]
        return told == expected

    async with working(pool) as worker:
        app = create_watched(pool=pool, worker=worker, meters=Meters())
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://worker") as client:
            await until(partial(waits_for, [f"A turn of the loop processor failed, and is tried again: {cause}."]))
            await factory.do("drop trigger refuse on job_queue")
            await until(partial(waits_for, []))
    assert await reminders_done(factory) == 1


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "the database's disk is full"),
        (psycopg.errors.OutOfMemory("out of memory"), "the database is out of memory"),
        (psycopg.errors.IdleInTransactionSessionTimeout("terminating"), "the database ended it, as it had stood still"),
        (psycopg.errors.AdminShutdown("terminating connection"), "the database is away"),
        (psycopg.OperationalError("the connection is lost"), "the database is away"),
    ],
)
async def test_a_loop_says_what_the_database_has_run_out_of(error: psycopg.Error, said: str) -> None:
    async def turn() -> timedelta:
        raise error

    async def is_told() -> bool:
        return loop.trouble == said

    loop = Loop(name="processor", verb=turn)
    loop.start()
    await until(is_told)
    await loop.stop()


async def test_a_turn_that_fails_is_told_until_one_comes_to_its_end() -> None:
    fails = True

    async def turn() -> timedelta:
        if fails:
            raise ValueError("the words of somebody's text")
        return LOOK_AGAIN

    loop = Loop(name="processor", verb=turn)
    loop.start()

    async def is_in_trouble(*, expected: bool) -> bool:
        return (loop.trouble is not None) == expected

    await until(partial(is_in_trouble, expected=True))
    assert loop.trouble == "ValueError, and the log says more"
    fails = False
    await until(partial(is_in_trouble, expected=False))
    await loop.stop()


async def test_a_worker_tidies_by_itself(factory: Factory, pool: Pool) -> None:
    sync = await factory.sync()
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)"
        " select %s, 'reminder_24h', now() - n * interval '1 s', 'processed', now() - interval '4 days'"
        " from generate_series(1, 2500) as n",
        sync.id,
    )

    async def tidied() -> bool:
        return not await factory.one("select count(*) from job_queue where status = 'processed'")

    async with working(pool):
        await until(tidied)


async def test_a_worker_goes_on_by_itself_when_the_database_comes_back(factory: Factory, pool: Pool) -> None:
    async with working(pool):
        for number in range(1, 4):
            sync = await factory.sync()
            await cut_all_connections(factory.connection)
            await factory.make_due(sync.id, "reminder_24h")

            async def done(so_many: int = number) -> bool:
                return await reminders_done(factory) == so_many

            await until(done)


async def test_a_worker_whose_pool_had_no_connection_left_goes_on_by_itself(factory: Factory, direct_url: str) -> None:
    await factory.make_due((await factory.sync()).id, "reminder_24h")

    async def is_in_trouble() -> bool:
        return {loop.trouble for loop in worker.claiming} == {"the database is away"}

    async def is_well() -> bool:
        return await reminders_done(factory) == 1 and not any(loop.trouble for loop in worker.claiming)

    async with open_pool(direct_url, size=1, patience=0.5) as pool, AsyncExitStack() as taken:
        await taken.enter_async_context(pool.connection())
        async with working(pool) as worker:
            await until(is_in_trouble)
            await taken.aclose()
            await until(is_well)


async def test_a_worker_whose_statement_is_never_answered_hangs_up_and_goes_on_within_seconds(
    factory: Factory, direct_url: str
) -> None:
    wire = Wire(direct_url)
    await wire.start()
    sync = await factory.sync()

    async def claim_waits() -> bool:
        return bool(
            await factory.one("select count(*) from pg_locks where relation = 'profiles'::regclass and not granted")
        )

    async def is_reminded() -> bool:
        return await reminders_done(factory) == 1

    async with open_pool(wire.url) as pool, working(pool):
        async with connect(direct_url) as somebody, somebody.transaction():
            await somebody.execute("lock table profiles in access exclusive mode")
            await factory.make_due(sync.id, "reminder_24h")
            await until(claim_waits)
            wire.strand()
        await until(is_reminded, within=60)
    await wire.close()


IN_DOUBT = """
insert into auto_sync_messages (auto_sync_id, message_type, body, cause_id, phone_number, status, sent_at, send_after,
  claimed_at, attempt, gateway)
values (%s, 'started', 'It has begun.', gen_random_uuid(), '+12125550100', 'unknown', null, autosync_now(),
  clock_timestamp() - interval '2 minutes', 1, 'record')"""


async def claim_jobs(connection: Connection) -> None:
    await jobs.claim_due(connection, limit=10)


async def claim_texts(connection: Connection) -> None:
    await messages.claim_queued(connection, limit=10)


async def settle_a_look_up(connection: Connection) -> None:
    await messages.lock_unknown(connection, {"+12125550100"}, set())


async def take_the_rate(connection: Connection) -> None:
    await rates.lock(connection, ["account"])


@pytest.mark.parametrize("claim", [claim_jobs, claim_texts, take_the_rate, settle_a_look_up])
async def test_what_a_machine_that_is_gone_has_claimed_is_let_go_by_the_server(
    factory: Factory, pool: Pool, direct_url: str, monkeypatch: pytest.MonkeyPatch, claim: Claim
) -> None:
    """Nobody hangs up for it: as when its power fails, or its network is cut off."""
    await at_noon(factory)
    sync = await factory.sync(invitees=1)
    await queue_one_each(factory, sync, "initial")
    await factory.do(IN_DOUBT, sync.id)
    await factory.make_due(sync.id, "reminder_24h")

    async def all_is_done() -> bool:
        left = "select count(*) from auto_sync_messages where status in ('queued', 'unknown') and body is not null"
        return await reminders_done(factory) == 1 and await factory.one(left) == 0

    async with connect(direct_url) as gone:
        await gone.execute("begin")
        with monkeypatch.context() as impatient:
            impatient.setattr(pools, "LEFT_ALONE", 0.5)
            await claim(gone)
        async with working(pool, at_most={"account": 1000.0}):
            await until(all_is_done)
        with pytest.raises(psycopg.errors.IdleInTransactionSessionTimeout):
            await gone.execute("select 1")


async def test_a_connection_asks_for_a_sign_of_life_and_does_not_wait_for_one_for_long(direct_url: str) -> None:
    wire = Wire(direct_url)
    await wire.start()
    async with connect(wire.url) as connection:
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            first = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
            between = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL)
            probes = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPCNT)
            unanswered = line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)
            assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
    await wire.close()
    assert (first + between * probes, unanswered) == (30, 30_000)


async def test_a_batch_that_lost_its_connection_is_done_again_whole(
    factory: Factory, pool: Pool, database_url: str
) -> None:
    contact = await due_reminders(factory, 10)

    async def done() -> bool:
        return await reminders_done(factory) == 10

    async with working(pool):
        async with in_the_middle_of_a_batch(factory, database_url, contact):
            await factory.do(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where datname = current_database() and wait_event_type = 'Lock'"
            )
        await until(done)

    assert await factory.one("select count(*) from auto_sync_messages where message_type = 'reminder'") == 10


async def test_a_worker_whose_pooler_was_killed_in_the_middle_of_a_batch_does_it_again_whole(
    factory: Factory, direct_url: str, fragile_pooler: Pooler
) -> None:
    contact = await due_reminders(factory, 10)

    async def done() -> bool:
        return await reminders_done(factory) == 10

    async with worker_process(fragile_pooler.url(direct_url)):
        async with in_the_middle_of_a_batch(factory, direct_url, contact):
            fragile_pooler.kill()
        assert not await done()
        fragile_pooler.start()
        await until(done, within=10)

    assert await factory.one("select count(*) from auto_sync_messages where message_type = 'reminder'") == 10


async def test_a_worker_is_back_by_itself_when_its_pooler_was_restarted_again_and_again(
    factory: Factory, direct_url: str, fragile_pooler: Pooler
) -> None:
    async with open_pool(fragile_pooler.url(direct_url)) as pool, working(pool):
        for number in range(1, 4):
            fragile_pooler.kill()
            sync = await factory.sync()
            await factory.make_due(sync.id, "reminder_24h")
            fragile_pooler.start()

            async def done(so_many: int = number) -> bool:
                return await reminders_done(factory) == so_many

            await until(done, within=10)


async def test_a_stopped_worker_finishes_the_batch_in_hand(factory: Factory, pool: Pool, database_url: str) -> None:
    contact = await due_reminders(factory, 10)
    async with working(pool) as worker:
        async with in_the_middle_of_a_batch(factory, database_url, contact):
            stopping = asyncio.create_task(worker.stop())
            await asyncio.sleep(0)
            assert not stopping.done()
        await stopping
        assert await reminders_done(factory) == 10


async def test_a_worker_process_finishes_the_batch_in_hand_at_sigterm_and_exits_0(
    factory: Factory, database_url: str
) -> None:
    await due_reminders(factory, 3 * BATCH_SIZE)
    of_every_batch = await factory.one("select id from contacts where first_name = 'Ann'")
    async with worker_process(database_url) as process:
        async with in_the_middle_of_a_batch(factory, database_url, of_every_batch):
            assert await reminders_done(factory) == 0
            process.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0

    assert await reminders_done(factory) in {BATCH_SIZE * in_hand for in_hand in range(1, LANES + 1)}, "whole batches"


async def test_a_worker_process_waits_at_sigterm_for_every_text_that_the_gateway_has_and_records_its_id(
    factory: Factory, database_url: str
) -> None:
    await at_noon(factory)
    texts: list[UUID] = []
    while len(texts) <= AT_ONCE:  # the last ones wait for their turn
        texts += await queue_one_each(factory, await factory.sync(invitees=8))
    with stand_in() as twilio:
        twilio.misbehave(probabilities={"slow": 1}, slow_seconds=4)

        async def all_are_out() -> bool:
            sending = await factory.one("select count(*) from auto_sync_messages where status = 'sending'")
            return sending == len(texts) and twilio.requests()["in_hand"] >= AT_ONCE

        async with worker_process(database_url, **settings_of(twilio)) as process:
            await until(all_are_out)
            process.send_signal(signal.SIGTERM)
            assert await exit_code(process) == 0
        taken = {text["sid"] for text in twilio.accepted()}

    recorded = await factory.rows("select status, gateway_message_id from auto_sync_messages where id = any(%s)", texts)
    assert {status for status, _ in recorded} == {"sent"}
    assert {sid for _, sid in recorded} == taken
    assert len(taken) == len(texts)


async def test_a_worker_process_that_waits_for_work_exits_0_at_sigterm(factory: Factory, database_url: str) -> None:
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")

    async def done() -> bool:
        return await reminders_done(factory) == 1

    async with worker_process(database_url) as process:
        await until(done)
        process.send_signal(signal.SIGTERM)
        assert await exit_code(process) == 0


async def test_after_a_sigkill_in_the_middle_of_many_jobs_a_second_worker_does_the_rest_once(
    factory: Factory, database_url: str
) -> None:
    count = 2_000
    contact = await due_reminders(factory, count)
    async with worker_process(database_url) as killed, in_the_middle_of_a_batch(factory, database_url, contact):
        killed.kill()
        assert await exit_code(killed) == -signal.SIGKILL
        assert await reminders_done(factory) < count  # how far the other lane came is chance

    async def all_done() -> bool:
        return await reminders_done(factory) == count

    async with worker_process(database_url) as second:
        await until(all_done, within=60)
        second.send_signal(signal.SIGTERM)
        assert await exit_code(second) == 0

    assert await factory.rows(
        "select message_type, count(*), count(distinct auto_sync_id) from auto_sync_messages"
        " where body is not null group by 1 order by 1"
    ) == [("reminder", count, count), ("reminder_update", count, count)]
    assert await factory.rows(
        "select job_type, count(*), count(distinct sync_id) from job_queue where status = 'pending'"
        " group by 1 order by 1"
    ) == [("auto_end_check", count, count), ("pause_check_48h", count, count)]
    assert await factory.one("select count(*) from auto_syncs where last_reminder_sent_at is not null") == count


# How long it rests

NOW = datetime(2026, 12, 18, 12, tzinfo=UTC)


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=400)))
def test_a_worker_rests_until_the_next_is_due_and_not_longer(ahead: timedelta) -> None:
    assert rest_until(NOW + ahead, NOW) == min(ahead, LOOK_AGAIN)


@given(st.timedeltas(min_value=timedelta(), max_value=timedelta(days=400)))
def test_what_has_been_due_for_a_moment_is_looked_for_again_at_once_and_what_others_have_less_often(
    since: timedelta,
) -> None:
    rest = rest_until(NOW - since, NOW)
    assert timedelta(0) < rest <= max(since, timedelta(milliseconds=1))
    assert rest <= IN_OTHER_HANDS
    assert rest == IN_OTHER_HANDS or rest >= min(since, IN_OTHER_HANDS)


def test_a_worker_looks_again_soon_where_nothing_will_be_due() -> None:
    assert rest_until(None, NOW) == LOOK_AGAIN
