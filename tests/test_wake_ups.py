"""process_auto_sync_jobs() and cleanup_auto_sync_jobs(), as pg_cron runs them: whom they call, when, and with what."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from autosync.database.pool import Connection, Pool, connect
from autosync.housekeeping import Housekeeping
from commands import serving
from factories import Factory, MadeSync, acting_as, at_noon, lay_stand_in, run_migrations
from pg_net import lay_net, lay_vault, post_once

URL = "https://sync.example.org/functions/v1/process-auto-sync-jobs"
KEY = "a-service-key-that-nobody-may-see"


@pytest.fixture
async def extensions(connection: Connection) -> None:
    """pg_net, and the Vault with both secrets."""
    await lay_net(connection)
    await lay_vault(connection, auto_sync_function_url=URL, auto_sync_service_key=KEY)


@pytest.fixture
async def due_sync(factory: Factory) -> MadeSync:
    """A sync whose reminder is due."""
    sync = await factory.sync()
    await factory.make_due(sync.id, "reminder_24h")
    return sync


async def tick(factory: Factory) -> int:
    """What pg_cron does every minute."""
    due: int = await factory.one("select public.process_auto_sync_jobs()")
    return due


async def calls(factory: Factory) -> list[int]:
    """The ids of the calls that wait in pg_net's queue; the first that was ever asked for is 1."""
    return [id_ for (id_,) in await factory.rows("select id from net.http_request_queue order by id")]


async def answer_all(factory: Factory) -> None:
    """As if the endpoint had answered every call."""
    await factory.do(
        "with taken as (delete from net.http_request_queue returning id)"
        " insert into net._http_response (id, status_code) select id, 200 from taken"
    )


async def let_pass(factory: Factory, **time: float) -> None:
    """As if the last call had been made earlier by this much."""
    await factory.do("update auto_sync_wake_ups set called_at = called_at - %s", timedelta(**time))


# Whom it calls


@pytest.mark.usefixtures("extensions")
async def test_with_nothing_due_nobody_is_called(factory: Factory) -> None:
    await factory.sync()

    assert await tick(factory) == 0
    assert await calls(factory) == []
    assert await factory.rows("select called_at, request_id from auto_sync_wake_ups") == [(None, None)]


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_what_is_due_is_counted_and_the_endpoint_called_with_the_key(factory: Factory) -> None:
    await factory.make_due((await factory.sync()).id, "auto_end_check")

    assert await tick(factory) == 2

    ((method, url, headers, body, milliseconds),) = await factory.rows(
        "select method, url, headers, convert_from(body, 'UTF8'), timeout_milliseconds from net.http_request_queue"
    )
    assert (method, url, json.loads(body)) == ("POST", URL, {})
    assert headers == {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
    assert 35_000 < milliseconds < 45_000


TEXTS = [
    ("whose turn has come", True, {"status": "queued", "send_after": "now() - interval '1 second'"}),
    (
        "of a crowd whose turn comes in five minutes",
        True,
        {"status": "queued", "send_after": "now()", "turn_at": "now() + interval '5 minutes'"},
    ),
    ("held back until later", False, {"status": "queued", "send_after": "now() + interval '1 hour'"}),
    ("to be looked up", True, {"status": "unknown", "send_after": "now()"}),
    ("to be looked up later", False, {"status": "unknown", "send_after": "now() + interval '1 minute'"}),
    ("for an operator to settle", False, {"status": "unknown"}),
    ("that nobody reported on", True, {"status": "sending", "claimed_at": "now() - interval '61 seconds'"}),
    ("on its way", False, {"status": "sending", "claimed_at": "now() - interval '30 seconds'"}),
]


@pytest.mark.usefixtures("extensions")
@pytest.mark.parametrize("wakes, columns", [pytest.param(*case[1:], id=case[0]) for case in TEXTS])
async def test_a_text_wakes_when_a_dispatcher_has_something_to_do_with_it(
    factory: Factory, wakes: bool, columns: dict[str, str]
) -> None:
    sync = await factory.sync(invitees=0)
    names, values = (
        ", ".join(columns),
        ", ".join(value if "now()" in value else f"'{value}'" for value in columns.values()),
    )
    await factory.do(
        f"insert into auto_sync_messages (auto_sync_id, message_type, body, sent_at, {names})"
        f" values (%s, 'started', 'Hi', null, {values})",
        sync.id,
    )

    assert await tick(factory) == 0
    assert len(await calls(factory)) == int(wakes)


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_the_service_may_wake_and_nobody_else(factory: Factory, connection: Connection) -> None:
    async with acting_as(connection, "service_role"):
        assert await tick(factory) == 1
        assert await factory.one("select public.cleanup_auto_sync_jobs()") == 0
    assert len(await calls(factory)) == 1
    for role in ("anon", "authenticated"):
        for function in ("process_auto_sync_jobs", "cleanup_auto_sync_jobs", "auto_sync_call_endpoint"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with acting_as(connection, role):
                    await factory.one(f"select public.{function}()")


# What may be missing


async def _only_net(connection: Connection) -> None:
    await lay_net(connection)


async def _only_vault(connection: Connection) -> None:
    await lay_vault(connection, auto_sync_function_url=URL, auto_sync_service_key=KEY)


async def _no_secret(connection: Connection) -> None:
    await lay_net(connection)
    await lay_vault(connection)


async def _no_key(connection: Connection) -> None:
    await lay_net(connection)
    await lay_vault(connection, auto_sync_function_url=URL)


async def _no_address(connection: Connection) -> None:
    await lay_net(connection)
    await lay_vault(connection, auto_sync_service_key=KEY)


async def _other_schemas(connection: Connection) -> None:
    await connection.execute("create schema net")
    await connection.execute("create schema vault")


async def _nothing(_: Connection) -> None:
    pass


@pytest.mark.usefixtures("due_sync")
@pytest.mark.parametrize("lay", [_nothing, _only_net, _only_vault, _no_secret, _no_key, _no_address, _other_schemas])
async def test_what_is_due_is_counted_in_silence_whatever_is_missing(
    connection: Connection, factory: Factory, lay: Any
) -> None:
    await lay(connection)
    notices = heard(connection)

    assert [await tick(factory), await tick(factory)] == [1, 1]

    assert notices == []
    if await factory.one("select to_regclass('net.http_request_queue') is not null"):
        assert await calls(factory) == []


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_what_the_role_may_not_use_is_as_good_as_missing(connection: Connection, factory: Factory) -> None:
    await factory.do("revoke all on schema net, vault from public, service_role")

    async with acting_as(connection, "service_role"):
        assert await tick(factory) == 1

    assert await calls(factory) == []


def heard(connection: Connection) -> list[str]:
    """All that the server says beside its answers, from now on."""
    said: list[str] = []
    connection.add_notice_handler(
        lambda d: said.append(f"{d.message_primary} {d.message_detail} {d.message_hint} {d.context}")
    )
    return said


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_a_refusal_of_pg_net_is_told_by_its_sqlstate_and_never_by_its_words(
    connection: Connection, factory: Factory
) -> None:
    await factory.do(
        "create or replace function net.http_post(url text, body jsonb default '{}', params jsonb default '{}',"
        " headers jsonb default '{}', timeout_milliseconds integer default 5000) returns bigint language plpgsql as $$"
        "begin raise exception 'cannot queue %%', headers using detail = headers::text, errcode = '53400'; end $$"
    )
    notices = heard(connection)

    assert await tick(factory) == 1

    assert len(notices) == 1
    assert notices[0].startswith("pg_net or the Vault refused the call of the function endpoint (SQLSTATE 53400)")
    assert KEY not in notices[0]
    assert await factory.rows("select request_id, error_code from auto_sync_wake_ups") == [(None, "53400")]

    await factory.do("drop schema net cascade")
    await lay_net(connection)
    assert await tick(factory) == 1
    assert len(await calls(factory)) == 1
    assert await factory.one("select error_code from auto_sync_wake_ups") is None


# One call at a time


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_there_is_no_second_call_before_the_first_is_answered(factory: Factory) -> None:
    assert [await tick(factory) for _ in range(3)] == [1, 1, 1]
    assert await calls(factory) == [1]

    await answer_all(factory)
    await tick(factory)

    assert await calls(factory) == [2]


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_a_lost_call_holds_nobody_back_for_longer_than_its_time_out(factory: Factory) -> None:
    await tick(factory)
    await factory.do("delete from net.http_request_queue")
    await let_pass(factory, seconds=40)
    await tick(factory)
    assert await calls(factory) == []

    await let_pass(factory, seconds=6)
    await tick(factory)

    assert len(await calls(factory)) == 1


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_while_pg_net_is_down_its_queue_holds_one_call(factory: Factory) -> None:
    for _ in range(10):
        await tick(factory)
        await let_pass(factory, minutes=1)

    assert len(await calls(factory)) == 1


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_a_call_that_pg_net_is_sending_is_not_taken_back_and_not_waited_for(
    factory: Factory, database_url: str
) -> None:
    await tick(factory)
    (first,) = await calls(factory)
    await let_pass(factory, minutes=1)
    async with connect(database_url) as worker, worker.transaction():
        await worker.execute("delete from net.http_request_queue where id = %s", [first])

        async with asyncio.timeout(10):
            await tick(factory)

        assert len(await calls(factory)) == 2
    assert len(await calls(factory)) == 1


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_of_two_wake_ups_at_once_one_calls_and_the_other_does_not_wait(
    factory: Factory, database_url: str
) -> None:
    async with connect(database_url) as other:
        async with other.transaction():
            await other.execute("select public.process_auto_sync_jobs()")
            async with asyncio.timeout(10):
                assert await tick(factory) == 1
            assert await calls(factory) == []
        assert await calls(factory) == [1]

        await tick(factory)

    assert await calls(factory) == [1]


@pytest.mark.usefixtures("extensions", "due_sync")
async def test_of_twelve_wake_ups_at_once_one_calls(factory: Factory, database_url: str) -> None:
    await factory.do("delete from auto_sync_wake_ups")  # the turnstile itself, should somebody have taken it away

    async with AsyncExitStack() as stack:
        crowd = [Factory(await stack.enter_async_context(connect(database_url))) for _ in range(12)]
        assert await asyncio.gather(*map(tick, crowd)) == [1] * 12

    assert await calls(factory) == [1]


@pytest.mark.usefixtures("extensions")
async def test_a_moved_clock_does_not_end_a_call(factory: Factory) -> None:
    await factory.demo_timings()
    sync = await factory.sync()
    await factory.move_clock(minutes=5)
    assert await tick(factory) == 1
    await factory.move_clock(hours=1)

    assert await tick(factory) == 1

    assert await calls(factory) == [1]
    assert await factory.pending(sync.id)


# The endpoint itself, which may be down


@asynccontextmanager
async def minutely(connection: Connection, port: int) -> AsyncIterator[Any]:
    """A Vault that leads to this port, and a way to let a minute pass: a wake-up, and pg_net's work on it."""
    await lay_net(connection)
    await lay_vault(
        connection,
        auto_sync_function_url=f"http://127.0.0.1:{port}/functions/v1/process-auto-sync-jobs",
        auto_sync_service_key=KEY,
    )
    factory = Factory(connection)

    async def minute() -> tuple[int, int]:
        """How many jobs were due, and how many calls were made."""
        due = await tick(factory)
        return due, await post_once(connection)

    yield minute


async def test_an_endpoint_that_was_down_for_ten_minutes_catches_up_once(
    connection: Connection, factory: Factory, database_url: str, unused_port: int
) -> None:
    await at_noon(factory)
    syncs = [await factory.sync(invitees=2) for _ in range(3)]
    await factory.move_clock(minutes=5)
    async with minutely(connection, unused_port) as minute:
        assert [await minute() for _ in range(10)] == [(3, 1)] * 10
        for sync in syncs:
            assert await factory.texts(sync.id, "reminder") == []

        async with serving(database_url, unused_port, AUTOSYNC_SERVICE_KEY=KEY):
            assert await minute() == (3, 1)
            assert [await minute() for _ in range(3)] == [(0, 0)] * 3

    for sync in syncs:
        assert [text[1] for text in await factory.texts(sync.id, "reminder")] == ["sent"] * 2
        assert [text[1] for text in await factory.texts(sync.id, "reminder_update")] == ["sent"]
        assert (await factory.jobs(sync.id))[0] == ("reminder_24h", "processed", None)
    answers = await factory.rows("select status_code, error_msg from net._http_response order by id")
    assert answers == [(None, "Couldn't connect to server")] * 10 + [(200, None)]


async def test_a_wrong_key_is_answered_with_401_and_does_nothing(
    connection: Connection, factory: Factory, database_url: str, unused_port: int, due_sync: MadeSync
) -> None:
    async with (
        minutely(connection, unused_port) as minute,
        serving(database_url, unused_port, AUTOSYNC_SERVICE_KEY="another"),
    ):
        assert [await minute(), await minute()] == [(1, 1), (1, 1)]

    assert await factory.rows("select distinct status_code from net._http_response") == [(401,)]
    assert await factory.texts(due_sync.id, "reminder") == []


# Jobs left in processing, and jobs that are done


async def left_in_processing(factory: Factory, sync: UUID, minutes: int) -> UUID:
    due = await factory.one("select autosync_now()") - timedelta(minutes=minutes)
    return await factory.insert(
        "job_queue", sync_id=sync, job_type="pause_check_48h", scheduled_at=due, status="processing"
    )


@pytest.mark.usefixtures("extensions")
async def test_a_job_left_in_processing_is_put_back_and_counted(factory: Factory) -> None:
    abandoned = await left_in_processing(factory, (await factory.sync()).id, 31)
    fresh = await left_in_processing(factory, (await factory.sync()).id, 29)

    assert await tick(factory) == 1

    states = dict(await factory.rows("select id, status from job_queue"))
    assert (states[abandoned], states[fresh]) == ("pending", "processing")
    assert len(await calls(factory)) == 1


async def test_what_is_put_back_and_what_is_deleted_is_what_housekeeping_would_choose(
    connection: Connection, factory: Factory, pool: Pool
) -> None:
    sync = (await factory.sync()).id
    for minutes in (31, 32, 29):
        await left_in_processing(factory, sync, minutes)
    await left_in_processing(factory, (await factory.sync()).id, 45)
    for status in ("processed", "skipped", "failed", "pending", "processing"):
        for hours in (71, 73):
            await factory.do(
                "insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)"
                " values (%s, 'auto_end_check', now() + %s, %s, now() - %s) on conflict do nothing",
                sync, timedelta(hours=hours), status, timedelta(hours=hours),
            )  # fmt: skip
    everything = "select id, status, error_message, processed_at is null from job_queue order by id"
    before = await factory.rows(everything)

    async with connection.transaction(force_rollback=True):
        await tick(factory)
        assert await factory.one("select public.cleanup_auto_sync_jobs()") == 2
        by_pg_cron = await factory.rows(everything)
    await Housekeeping(pool=pool).tidy()

    assert by_pg_cron == await factory.rows(everything) != before


async def test_cleaning_up_goes_on_until_nothing_is_left(factory: Factory) -> None:
    sync = (await factory.sync()).id
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at, status, processed_at)"
        " select %s, 'reminder_24h', now() - n * interval '1 second', 'processed', now() - interval '4 days'"
        " from generate_series(1, 2500) as n",
        sync,
    )
    await factory.do(
        "insert into job_failures (job_id, attempt, failed_at, scheduled_at, error_message)"
        " select id, 1, now(), now(), 'x' from job_queue where processed_at is not null"
    )

    assert await factory.one("select public.cleanup_auto_sync_jobs()") == 2500

    assert await factory.one("select count(*) from job_failures") == 0
    assert await factory.one("select public.cleanup_auto_sync_jobs()") == 0


# Taking over


def test_functions_that_production_has_by_these_names_are_replaced(empty_database_url: str) -> None:
    lay_stand_in(empty_database_url)
    with psycopg.connect(empty_database_url) as connection:
        connection.execute("create function process_auto_sync_jobs() returns void language sql as 'select'")
        connection.execute("create function cleanup_auto_sync_jobs() returns text language sql as 'select 1::text'")

    run_migrations(empty_database_url)

    with psycopg.connect(empty_database_url) as connection:
        assert connection.execute("select process_auto_sync_jobs(), cleanup_auto_sync_jobs()").fetchone() == (0, 0)
