"""What keeps pg_cron from waking the processor, planted on a real pg_cron, and what is no defect there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from autosync.database import cron
from autosync.database.cron_review import Cron, CronEntry
from autosync.database.pool import Connection, connect
from autosync.doctor import waking
from autosync.doctor.findings import Level
from autosync.doctor.review import review
from autosync.waking import JOBS, Call, Extensions, Waking
from cron_server import CronServer, running_cron_server
from planting import Defect, assert_found_and_nothing_else, defect, plant
from waiting import until

# Both jobs have run lately; runs far ahead in the count are the newest ones, whatever pg_cron itself does meanwhile.
HAVE_RUN = """
insert into cron.job_run_details (jobid, runid, database, username, command, status, return_message, start_time)
select j.jobid, 1000 * j.jobid + n, j.database, j.username, j.command, r.status, r.message, now() - r.age::interval
from cron.job as j
cross join (values (1, 'failed', 'long ago', interval '1 hour'), (2, 'succeeded', '1 row', '40 seconds'),
(3, 'running', null, '0')) as r (n, status, message, age)
"""
NEWEST = "insert into cron.job_run_details (jobid, runid, status, return_message, start_time) select jobid, 5000,"


@pytest.fixture(scope="module")
def cron_server() -> Iterator[CronServer]:
    """With a migrated database where pg_cron has the project's jobs."""
    with running_cron_server() as server:
        server.lay_anew()
        asyncio.run(_install(server.url))
        yield server


async def _install(url: str) -> None:
    async with connect(url) as connection:
        await cron.install(connection, None)

        async def scheduler_runs() -> bool:
            return (await cron.read(connection)).extensions.scheduler_runs

        await until(scheduler_runs)


@pytest.fixture
async def woken(cron_server: CronServer) -> AsyncIterator[Connection]:
    """A database whose jobs pg_cron runs; what is done to it is undone at the end."""
    async with connect(cron_server.url) as connection, connection.transaction(force_rollback=True):
        await connection.execute(HAVE_RUN.encode())
        yield connection


DEFECTS = [
    defect("the job is not scheduled", "select cron.unschedule('process-auto-sync-jobs')",
           ("WARNING", "pg_cron has no job process-auto-sync-jobs"), cured=False),
    defect("the clean-up is not scheduled", "select cron.unschedule('cleanup-auto-sync-jobs')",
           ("WARNING", "pg_cron has no job cleanup-auto-sync-jobs"), cured=False),
    defect("the job is switched off", "update cron.job set active = false where jobname = 'process-auto-sync-jobs'",
           ("WARNING", "The job process-auto-sync-jobs in pg_cron is switched off"), cured=False),
    defect("the last run failed",
           NEWEST + " 'failed', 'ERROR:  no key for +12125550142', now() - interval '30 seconds' from cron.job"
           " where jobname = 'process-auto-sync-jobs'",
           ("WRONG", "seconds ago, failed: ERROR: no key for (number)."), cured=False),
    defect("pg_cron has stopped running jobs",
           NEWEST + " 'succeeded', '0', now() - interval '6 minutes' from cron.job"
           " where jobname = 'process-auto-sync-jobs'",
           ("WRONG", "process-auto-sync-jobs in pg_cron last ran 6 minutes ago, though it is active"), cured=False),
    defect("the clean-up has not run for two days",
           NEWEST + " 'succeeded', '0', now() - interval '47 hours' from cron.job"
           " where jobname = 'cleanup-auto-sync-jobs'",
           ("WRONG", "cleanup-auto-sync-jobs in pg_cron last ran 47 hours ago"), cured=False),
    defect("the clean-up has never run",
           "delete from cron.job_run_details as d using cron.job as j where j.jobid = d.jobid"
           " and j.jobname = 'cleanup-auto-sync-jobs'",
           ("WARNING", "cleanup-auto-sync-jobs in pg_cron has not run yet (17 3 * * *)"), cured=False),
    defect("the job runs once an hour",
           "update cron.job set schedule = '0 * * * *' where jobname = 'process-auto-sync-jobs'",
           ("WARNING", "process-auto-sync-jobs in pg_cron runs at `0 * * * *` instead of every minute"), cured=False),
    defect("the job runs something else",
           "update cron.job set command = 'select 1' where jobname = 'process-auto-sync-jobs'",
           ("WRONG", "process-auto-sync-jobs in pg_cron runs something else than"), cured=False),
    defect("the job runs in another database",
           "update cron.job set database = 'postgres' where jobname = 'process-auto-sync-jobs'",
           ("WRONG", "process-auto-sync-jobs in pg_cron runs in the database postgres, not in this one"), cured=False),
    defect("the job runs as somebody who may not",
           "update cron.job set username = 'anon' where jobname = 'process-auto-sync-jobs'",
           ("WRONG", "process-auto-sync-jobs in pg_cron runs as anon, who may not call the function"), cured=False),
    defect("the job runs as somebody who is gone",
           "update cron.job set username = 'ghost' where jobname = 'cleanup-auto-sync-jobs'",
           ("WRONG", "cleanup-auto-sync-jobs in pg_cron runs as ghost, who may not call the function"), cured=False),
    defect("the processor is woken twice",
           "select cron.schedule('wake', '* * * * *', 'select process_auto_sync_jobs()')",
           ("WARNING", "More than one job in pg_cron wakes the processor: process-auto-sync-jobs of postgres and wake"),
           cured=False),
    defect("a key is in plain sight",
           "select cron.schedule('call', '* * * * *', $$select net.http_post('https://sync.example.org/functions/v1/"
           "process-auto-sync-jobs', headers := '{{\"Authorization\": \"Bearer abcdefghijklmnopqrstuvwx\"}}')$$)",
           ("WARNING", "More than one job in pg_cron wakes the processor: call of postgres and process-auto-sync-jobs"),
           ("WRONG", "The job call in pg_cron has a key in plain sight in its command"), cured=False),
    defect("the record of runs has grown",
           "update pg_class set reltuples = 600000 where oid = 'cron.job_run_details'::regclass",
           ("WARNING", "pg_cron's record of runs has grown to 600,000 runs"), cured=False),
    defect("the jobs may not be seen", "alter table cron.job rename to hidden",
           ("WARNING", "Cannot tell whether pg_cron runs the project's jobs: relation \"cron.job\" does not exist"),
           cured=False),
]  # fmt: skip


@pytest.mark.parametrize("planted", DEFECTS, ids=lambda planted: planted.id)
async def test_what_keeps_pg_cron_from_waking_the_processor_is_found(planted: Defect, woken: Connection) -> None:
    await assert_found_and_nothing_else(woken, planted)


async def test_of_a_pg_cron_that_runs_nothing_the_advice_ends_with_a_restart(woken: Connection) -> None:
    for id_ in ("pg_cron has stopped running jobs", "the clean-up has never run"):
        await plant(woken, next(planted.plant.format() for planted in DEFECTS if planted.id == id_))
    advice = [finding.advice or "" for finding in (await review(woken)).findings if "pg_cron" in finding.what]
    assert sum("was ever dropped and created again, restart the server" in each for each in advice) == 2, advice


async def test_no_finding_repeats_a_key(woken: Connection) -> None:
    await plant(woken, next(planted for planted in DEFECTS if "plain sight" in planted.id).plant.format())
    found = await review(woken)
    assert all("abcdefgh" not in f"{finding.what} {finding.advice}" for finding in found.findings)


async def test_what_pg_cron_runs_by_itself_is_well(woken: Connection) -> None:
    told = [f.what for f in (await review(woken)).findings if f.area == "waking"]
    assert "pg_cron 1.4-1 is installed." in told
    assert any(what.startswith("process-auto-sync-jobs last ran") for what in told)
    assert any("pg_net is not here" in what for what in told)


async def test_without_pg_cron_in_a_server_that_has_it_the_advice_is_to_install_the_jobs(woken: Connection) -> None:
    await woken.execute("set local client_min_messages = error; drop extension pg_cron cascade")
    (finding,) = [f for f in (await review(woken)).findings if f.level is Level.WARNING]
    assert (finding.missing, "`autosync cron install`" in (finding.advice or "")) == (True, True)


# What cannot be planted on Debian's pg_cron: a scheduler that died, time zones, pg_net and the Vault

WELL = Extensions(
    version="1.6", is_available=True, cron_database="app", knows_settings=True, database="app", scheduler_runs=True,
    has_pg_net=True, has_vault=True,
)  # fmt: skip
ENTRIES = tuple(
    CronEntry(
        job.name, True, job.schedule, job.command, "app", True, "owner", True, False, "succeeded", "1", timedelta()
    )
    for job in JOBS
)
SECRETS = frozenset({"auto_sync_function_url", "auto_sync_service_key"})
CALLED = Call(timedelta(seconds=20), http_status=200)


def judged(
    extensions: Extensions = WELL,
    timezone: str | None = "GMT",
    secrets: frozenset[str] = SECRETS,
    call: Call | None = CALLED,
    entries: tuple[CronEntry, ...] | None = ENTRIES,
) -> list[tuple[str, str, str]]:
    """(level, what, advice) of all that is not well."""
    found = Waking(extensions, (), secrets, call, None)
    tables = None if entries is None else Cron(timezone, 100, 8192, entries)
    findings = waking.judge(waking.Found(found, tables))
    return [(f.level.name, f.what, f.advice or "") for f in findings if f.level is not Level.OK]


def test_jobs_that_reach_the_endpoint_leave_nothing_to_say() -> None:
    assert judged() == []


def test_a_scheduler_that_does_not_run_is_wrong() -> None:
    ((level, what, _),) = judged(replace(WELL, scheduler_runs=False))
    assert (level, what) == ("WRONG", "pg_cron's scheduler does not run, so none of its jobs does.")


@pytest.mark.parametrize("zone, told", [("GMT", 0), ("utc", 0), (None, 0), ("Europe/Vienna", 1)])
def test_a_time_zone_other_than_utc_is_told(zone: str | None, told: int) -> None:
    assert [(level, str(zone) in what) for level, what, _ in judged(timezone=zone)] == [("NOTE", True)] * told


def test_pg_cron_of_another_database_is_named() -> None:
    ((level, what, advice),) = judged(replace(WELL, version=None, cron_database="postgres"), entries=None)
    assert (level, "pg_cron is not installed" in what) == ("WARNING", True)
    assert advice.startswith('pg_cron works in the database "postgres" of this server')


def test_without_a_vault_the_key_is_not_known() -> None:
    ((level, what, _),) = judged(replace(WELL, has_vault=False), secrets=frozenset(), call=None)
    assert (level, what.startswith("There is no Vault here")) == ("NOTE", True)


def test_a_vault_without_the_key_keeps_pg_cron_from_calling() -> None:
    ((level, what, advice),) = judged(secrets=frozenset({"auto_sync_function_url"}))
    assert (level, what) == ("WARNING", "The Vault lacks auto_sync_service_key, so pg_cron calls nobody.")
    assert "`autosync cron install --url URL`" in advice


@pytest.mark.parametrize(
    "call, told",
    [
        (Call(timedelta(seconds=5), http_status=502), "answered with HTTP 502"),
        (Call(timedelta(seconds=5), refused_with="42501"), "refused by pg_net or the Vault (SQLSTATE 42501)"),
        (Call(timedelta(minutes=5)), "not answered"),
        (Call(timedelta(seconds=5), error="no route to a-key@example.org"), "failed: no route to (address)"),
    ],
)
def test_a_call_that_did_not_come_through_is_told(call: Call, told: str) -> None:
    ((level, what, _),) = judged(call=call)
    assert (level, what.rpartition("was ")[2]) == ("WARNING", f"{told}.")


@pytest.mark.parametrize("status", [401, 403, 404])
def test_an_endpoint_that_refuses_the_call_is_wrong_since_it_will_refuse_the_next_one_too(status: int) -> None:
    ((level, what, advice),) = judged(call=Call(timedelta(seconds=5), http_status=status))
    assert (level, what.rpartition("was ")[2]) == ("WRONG", f"answered with HTTP {status}.")
    assert "has the key that the Vault has" in advice
