"""`autosync cron` and the waking of Auto Sync on a real pg_cron, with stand-ins for pg_net and the Vault."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

import commands
from autosync import waking
from autosync.database import cron as database_cron
from autosync.database.cron import Endpoint
from autosync.database.pool import Connection, connect
from commands import Ran, autosync, serving
from cron_server import CronServer, running_cron_server
from factories import Factory, at_noon, run_migrations
from pg_net import lay_net, lay_vault, posting
from waiting import until

URL = "https://sync.example.org/functions/v1/process-auto-sync-jobs"
KEY = "a-service-key-that-nobody-may-see"

JOBS = [
    ("cleanup-auto-sync-jobs", "17 3 * * *", "select public.cleanup_auto_sync_jobs()", True, "postgres"),
    ("process-auto-sync-jobs", "* * * * *", "select public.process_auto_sync_jobs()", True, "postgres"),
]

A_TICK = 300
"""Seconds within which pg_cron has run what is due: at the next minute, or at a later one if it cannot start that."""
SOURCES = (
    "cron.job", "cron.job_run_details", "net._http_response", "auto_sync_wake_ups", "job_queue", "auto_sync_messages",
    "pg_stat_activity",
)  # fmt: skip
TELLING = re.compile(r"\] (?:WARNING|ERROR|FATAL|LOG: +(?:cron job|pg_cron|background worker|server process))")


@pytest.fixture(scope="module")
def cron_server() -> Iterator[CronServer]:
    with running_cron_server() as server:
        yield server


@pytest.fixture
def cron_url(cron_server: CronServer) -> str:
    """A migrated database that pg_cron could work in; neither it, nor pg_net, nor a Vault is there."""
    cron_server.lay_anew()
    return cron_server.url


@pytest.fixture
async def cron_connection(cron_url: str) -> AsyncIterator[Connection]:
    async with connect(cron_url) as opened:
        yield opened


@pytest.fixture
def cron_factory(cron_connection: Connection) -> Factory:
    return Factory(cron_connection)


def cron(url: str, *arguments: str, key: str | None = KEY) -> Ran:
    """`autosync cron ...` on this database."""
    settings = {} if key is None else {"AUTOSYNC_SERVICE_KEY": key}
    return commands.autosync("cron", *arguments, database_url=url, **settings)


async def install(connection: Connection, url: str | None = URL, key: str = KEY) -> None:
    """What `autosync cron install` does."""
    await database_cron.install(connection, None if url is None else Endpoint(url, SecretStr(key)))


@asynccontextmanager
async def explained(server: CronServer, factory: Factory, said: Callable[[], str]) -> AsyncIterator[None]:
    """Where something has not come in time, the failure says how far pg_cron, pg_net and the endpoint got."""
    before = len(server.log)
    try:
        yield
    except TimeoutError as error:
        for source in SOURCES:
            try:
                rows: object = await factory.rows(f"select to_jsonb(t)::text from {source} as t")
            except psycopg.Error as unreadable:
                rows = unreadable
            error.add_note(f"{source}: {rows}")
        error.add_note("\n".join(["the server:", *filter(TELLING.search, server.log[before:].splitlines())]))
        error.add_note(f"the endpoint: {said()[-5_000:]}")
        raise


async def wanting(connection: Connection) -> list[str]:
    """What `autosync cron status` says is wanting."""
    return waking.wanting(await database_cron.read(connection))


async def scheduled(factory: Factory) -> list[tuple[Any, ...]]:
    return await factory.rows("select jobname, schedule, command, active, username from cron.job order by jobname")


async def secrets(factory: Factory) -> dict[str, str]:
    return dict(await factory.rows("select name, decrypted_secret from vault.decrypted_secrets"))


def refused(ran: Ran, code: int, sentence: str) -> None:
    """Exactly one sentence on standard error, which is not about the key."""
    assert (ran.code, ran.out) == (code, ""), ran.err
    assert sentence in ran.err
    assert ran.err.count("\n") == 1
    assert KEY not in ran.err


# Install and remove


async def test_install_brings_both_jobs_and_secrets_and_doing_so_again_changes_nothing(
    cron_server: CronServer, cron_url: str, cron_connection: Connection, cron_factory: Factory
) -> None:
    await lay_net(cron_connection)
    await lay_vault(cron_connection)

    first = cron(cron_url, "install", "--url", URL)
    jobs = await cron_factory.rows("select * from cron.job order by jobid")
    again = cron(cron_url, "install", "--url", URL)

    assert first == again
    assert (first.code, first.err, first.out.endswith("Nothing is wanting.\n")) == (0, "", True)
    assert await cron_factory.rows("select * from cron.job order by jobid") == jobs
    assert await scheduled(cron_factory) == JOBS
    assert await secrets(cron_factory) == {"auto_sync_function_url": URL, "auto_sync_service_key": KEY}
    assert "vault.create_secret" in cron_server.log
    assert KEY not in cron_server.log
    noted = await cron_factory.rows("select verb, details from auto_sync_interventions")
    assert noted == [("cron install", "with an address")] * 2


async def test_install_puts_right_what_was_changed_and_leaves_the_vault_alone_without_an_address(
    cron_connection: Connection, cron_factory: Factory, cron_url: str
) -> None:
    await lay_net(cron_connection)
    await lay_vault(cron_connection)
    await install(cron_connection)
    await install(cron_connection, URL + "/new", KEY + "-new")
    await cron_factory.do("update cron.job set active = false where jobname = 'process-auto-sync-jobs'")
    await cron_factory.do("update cron.job set schedule = '0 0 * * *', command = 'select 1' where jobname like 'c%%'")
    assert [line.partition(":")[0] for line in await wanting(cron_connection)] == [
        "process-auto-sync-jobs is switched off",
        "cleanup-auto-sync-jobs is scheduled with another command",
    ]

    assert cron(cron_url, "install", key=None).code == 0

    assert await scheduled(cron_factory) == JOBS
    assert await wanting(cron_connection) == []
    assert await secrets(cron_factory) == {
        "auto_sync_function_url": URL + "/new",
        "auto_sync_service_key": KEY + "-new",
    }


async def test_the_file_for_the_sql_editor_does_what_install_does(
    cron_connection: Connection, cron_factory: Factory
) -> None:
    file = (Path(__file__).parents[1] / "supabase" / "cron.sql").read_text()
    await lay_net(cron_connection)
    await lay_vault(cron_connection)
    with pytest.raises(psycopg.errors.RaiseException, match="Put the whole address"):
        await cron_connection.execute(file.encode())

    await cron_connection.execute("select vault.create_secret(%s, 'auto_sync_service_key')", ["another-key"])
    for address in (URL, URL + "/new", URL):
        await cron_factory.do(
            "do $$ begin if to_regnamespace('cron') is not null then"
            "  update cron.job set active = false where jobname = 'process-auto-sync-jobs';"
            " end if; end $$"
        )
        await cron_connection.execute(file.replace("PUT THE ADDRESS IN HERE", address).encode())

    assert await scheduled(cron_factory) == JOBS
    assert await secrets(cron_factory) == {"auto_sync_function_url": URL, "auto_sync_service_key": "another-key"}
    assert await wanting(cron_connection) == []
    before = await cron_factory.rows("select * from cron.job order by jobid")
    await install(cron_connection, key="another-key")
    assert await cron_factory.rows("select * from cron.job order by jobid") == before


async def test_remove_takes_out_these_two_jobs_only_and_may_be_done_again(
    cron_url: str, cron_connection: Connection, cron_factory: Factory
) -> None:
    await install(cron_connection, None)
    await cron_factory.one("select cron.schedule('somebody-elses', '0 0 1 1 *', 'select 1')")

    removed = cron(cron_url, "remove", "--json")

    assert sorted(json.loads(removed.out)["removed"]) == [name for name, *_ in JOBS]
    assert [name for name, *_ in await scheduled(cron_factory)] == ["somebody-elses"]
    assert cron(cron_url, "remove").out == "pg_cron has none of these jobs.\n"
    noted = await cron_factory.rows("select verb, details from auto_sync_interventions")
    assert noted == [("cron remove", None)]
    assert len(await scheduled(cron_factory)) == 1


# What is wanting


async def test_status_names_each_thing_that_is_wanting(cron_connection: Connection, cron_factory: Factory) -> None:
    async def first_words() -> list[str]:
        return [" ".join(line.split()[:4]) for line in await wanting(cron_connection)]

    no_net, no_vault = "pg_net is not here,", "There is no Vault"
    assert await first_words() == ["pg_cron is not installed", no_net, no_vault]
    await install(cron_connection, None)
    assert await first_words() == [no_net, no_vault]
    await lay_net(cron_connection)
    await lay_vault(cron_connection, auto_sync_function_url=URL)
    assert await first_words() == ["The Vault lacks auto_sync_service_key:"]
    await install(cron_connection)
    assert await first_words() == []

    # The rest is about the past, which pg_cron itself does not add to now.
    await cron_factory.do("update cron.job set schedule = '0 0 1 1 *'")
    sync = await cron_factory.sync()
    await cron_factory.do(
        "update job_queue set scheduled_at = now() - interval '6 minutes' where sync_id = %s", sync.id
    )
    await cron_factory.do("update auto_sync_wake_ups set called_at = now() - interval '2 minutes', request_id = 7")
    assert await wanting(cron_connection) == [
        "The last call of the function endpoint was not answered.",
        "The oldest due job has waited for 6 minutes: nobody does what is due.",
    ]
    await cron_factory.do("insert into net._http_response (id, status_code) values (7, 401)")
    assert (await wanting(cron_connection))[0] == "The last call of the function endpoint was answered with HTTP 401."
    await cron_factory.do("delete from job_queue")
    await cron_factory.do("update net._http_response set status_code = 200")
    assert await wanting(cron_connection) == []

    await cron_factory.do(
        "insert into cron.job_run_details (jobid, command, status, return_message, start_time)"
        " select jobid, command, 'failed', E'ERROR:  relation\\n is gone', now() - interval '7 minutes'"
        " from cron.job where jobname = 'process-auto-sync-jobs'"
    )
    assert await wanting(cron_connection) == ["The last run of process-auto-sync-jobs failed: ERROR: relation is gone"]
    await cron_factory.do("update cron.job_run_details set status = 'succeeded', return_message = '1 row'")
    assert await wanting(cron_connection) == ["process-auto-sync-jobs has not run for 7 minutes, though it is active."]


def test_where_pg_cron_is_not_to_be_had_each_command_says_so(database_url: str) -> None:
    sentence = "This server does not have pg_cron"

    refused(cron(database_url, "install"), 1, sentence)
    assert cron(database_url, "remove").out == "pg_cron has none of these jobs.\n"
    status = cron(database_url, "status", "--json")
    assert (status.code, json.loads(status.out)["wanting"][0].startswith(sentence)) == (1, True)


def test_a_server_that_has_not_loaded_pg_cron_is_told_apart(
    empty_postgres_15_url: str, cron_server: CronServer
) -> None:
    run_migrations(empty_postgres_15_url)

    refused(cron(empty_postgres_15_url, "install"), 1, "The server has not loaded pg_cron")


def test_a_pg_cron_in_another_database_is_named(cron_server: CronServer) -> None:
    run_migrations(cron_server.other_url)

    refused(
        cron(cron_server.other_url, "install"),
        1,
        'pg_cron works in the database "autosync" of this server, not in "postgres"',
    )


async def test_a_role_that_may_not_install_pg_cron_is_told_who_can(
    cron_url: str, cron_connection: Connection, cron_factory: Factory
) -> None:
    await cron_factory.do(
        "do $$ begin create role somebody login; exception when duplicate_object then null; end $$;"
        "grant usage on schema public, supabase_migrations to somebody;"
        "grant select on all tables in schema public, supabase_migrations to somebody;"
        "grant execute on all functions in schema public to somebody"
    )
    url = make_conninfo(cron_url, user="somebody")

    refused(cron(url, "install"), 1, "let a superuser run `create extension pg_cron")
    await cron_factory.do("create extension pg_cron with schema pg_catalog")
    refused(cron(url, "install"), 1, "The database role may not do this: permission denied for schema cron")
    await cron_factory.do("grant usage on schema cron to somebody")
    async with connect(url) as somebody:
        await install(somebody, None)

    assert {job[-1] for job in await scheduled(cron_factory)} == {"somebody"}
    await install(cron_connection, None)
    assert await scheduled(cron_factory) == JOBS


@pytest.mark.parametrize(
    "url", ["sync.example.org/x", "ftp://h/x", "https://h", "https://h/", "https://me:sesame@h/x", "https://[h/x"]
)
def test_an_address_that_is_none_is_refused_without_repeating_it(url: str) -> None:
    ran = autosync("cron", "install", "--url", url, AUTOSYNC_SERVICE_KEY=KEY)

    refused(ran, 2, "--url should be the whole address of the function")
    assert "sesame" not in ran.err


async def test_an_address_needs_a_key_and_a_vault(cron_url: str, cron_factory: Factory) -> None:
    refused(cron(cron_url, "install", "--url", URL, key=None), 2, "--url needs the endpoint's key")
    refused(cron(cron_url, "install", "--url", URL), 1, "There is no Vault")

    assert await cron_factory.one("select to_regnamespace('cron') is null")


async def test_a_vault_that_refuses_does_not_give_the_key_away(
    cron_url: str, cron_connection: Connection, cron_factory: Factory
) -> None:
    await lay_vault(cron_connection)
    await cron_factory.do(
        "create or replace function vault.create_secret("
        "  new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null"
        ") returns uuid language plpgsql as $$"
        "begin raise exception 'cannot keep this' using detail = new_secret, errcode = '22023'; end $$"
    )

    ran = cron(cron_url, "install", "--url", URL, "--debug", key="a-key-that-was-refused")

    assert ran.code == 1
    assert "The Vault refused the endpoint's address or key (SQLSTATE 22023)." in ran.err
    assert "a-key-that-was-refused" not in ran.out + ran.err
    assert await cron_factory.one("select to_regnamespace('cron') is null")


async def test_runs_that_pg_cron_keeps_are_pruned_after_three_days_and_only_ours(
    cron_connection: Connection, cron_factory: Factory
) -> None:
    await install(cron_connection, None)
    commands_run = [
        ("select public.process_auto_sync_jobs()", "autosync"),
        ("select public.cleanup_auto_sync_jobs()", "autosync"),
        ("select process_auto_sync_jobs();", "autosync"),
        ("select public.process_auto_sync_jobs()", "postgres"),
        ("select somebody_elses()", "autosync"),
    ]
    for command, database in commands_run:
        for hours in (71, 73):
            await cron_factory.do(
                "insert into cron.job_run_details (jobid, command, database, username, status, start_time, end_time)"
                " select 99, %s, %s, 'postgres', %s, moment, moment"
                " from (select now() - make_interval(hours => %s)) as m (moment)",
                command, database, f"{hours} h", hours,
            )  # fmt: skip

    await cron_factory.one("select public.cleanup_auto_sync_jobs()")

    left = await cron_factory.rows("select command, database from cron.job_run_details where status = '73 h'")
    assert left == commands_run[3:]
    assert await cron_factory.one("select count(*) from cron.job_run_details where status = '71 h'") == 5


# The whole way


async def test_a_sync_that_somebody_inserts_is_reminded_and_paused_by_pg_cron_alone_and_no_key_shows_anywhere(
    cron_server: CronServer, cron_url: str, cron_connection: Connection, cron_factory: Factory, unused_port: int
) -> None:
    await lay_net(cron_connection)
    await lay_vault(cron_connection)
    await at_noon(cron_factory)
    started = await cron_factory.one("select autosync_now() - interval '5 minutes'")
    sync = await cron_factory.sync(invitees=2, started_at=started)
    endpoint = f"http://127.0.0.1:{unused_port}/functions/v1/process-auto-sync-jobs"
    installed = cron(cron_url, "install", "--url", endpoint)

    async def sent(type_: str, count: int) -> bool:
        showing = await cron_factory.one(
            "select count(*) from pg_stat_activity where position(reverse(%s) in query) > 0", KEY[::-1]
        )
        assert showing == 0
        return [status for _, status, *_ in await cron_factory.texts(sync.id, type_)] == ["sent"] * count

    async def reminded() -> bool:
        return await sent("reminder", 2) and await sent("reminder_update", 1)

    async def summarized() -> bool:
        return await sent("pause_summary", 1)

    async def answered() -> bool:
        return bool(
            await cron_factory.one(
                "select count(*) from net._http_response where id = (select request_id from auto_sync_wake_ups)"
            )
        )

    async with serving(cron_url, unused_port, AUTOSYNC_SERVICE_KEY=KEY) as said, posting(cron_url):
        async with explained(cron_server, cron_factory, said):
            await until(reminded, within=A_TICK)
            assert await cron_factory.one("select status::text from auto_syncs") == "running"
            await cron_factory.move_clock(minutes=5, seconds=5)
            await until(summarized, within=A_TICK)
            await until(answered)
        spoken = said()

    assert await cron_factory.one("select status::text from auto_syncs") == "paused"
    assert {type_: status for type_, status, _ in await cron_factory.jobs(sync.id)} == {
        "reminder_24h": "processed", "pause_check_48h": "processed", "auto_end_check": "pending",
    }  # fmt: skip
    status = cron(cron_url, "status", "--json")
    found = json.loads(status.out)
    process = found["jobs"][0]
    assert (process["name"], process["status"]) == ("process-auto-sync-jobs", "succeeded")
    assert (status.code, found["wanting"], found["call"]["http_status"]) == (0, [], 200)
    plain = cron(cron_url, "status")
    assert "its scheduler runs" in plain.out

    kept = await cron_factory.rows("select to_jsonb(j)::text from cron.job as j")
    kept += await cron_factory.rows("select to_jsonb(r)::text from cron.job_run_details as r")
    kept += await cron_factory.rows("select to_jsonb(r)::text from net._http_response as r")
    assert len(kept) >= 6
    for place in (cron_server.log, spoken, installed.out, installed.err, status.out, plain.out, plain.err, str(kept)):
        assert KEY not in place
    assert "process_auto_sync_jobs" in cron_server.log
    assert "vault.create_secret" in cron_server.log
