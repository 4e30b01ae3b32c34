"""The review of a live database: of a healthy one it has nothing to say, of a planted defect that and nothing else."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database import migrate
from autosync.database import review as live
from autosync.database.pool import Connection, connect
from autosync.doctor import report, server, snapshot
from autosync.doctor.expected import expected
from autosync.doctor.findings import Finding, Level, Review
from autosync.doctor.review import Question, ask, review
from factories import Factory, MadeSync, lay_production_schema, lay_stand_in

NO_PG_CRON = ("waking", "⚠️", "pg_cron is not installed, so nothing in the database wakes the processor.")


def ailments(found: Review) -> list[tuple[str, str]]:
    """(level, what) of all that is not well, without the absence of pg_cron, which the embedded server lacks."""
    return [
        (finding.level.name, finding.what)
        for finding in found.findings
        if finding.level is not Level.OK and "pg_cron is not installed" not in finding.what
    ]


@pytest.fixture
async def live_sync(factory: Factory) -> MadeSync:
    """A running sync with invitees, options and one answer."""
    made = await factory.sync()
    await factory.answer(made, made.contacts[0], 1, 2)
    return made


# Healthy databases


async def test_a_healthy_database_with_a_live_sync_lacks_nothing_but_pg_cron(
    connection: Connection, live_sync: MadeSync
) -> None:
    found = await review(connection)
    assert [(f.area, str(f.level), f.what) for f in found.findings if f.level is not Level.OK] == [NO_PG_CRON]
    assert report.exit_code(found) == 0


@pytest.mark.parametrize("url", ["empty_database_url", "empty_postgres_15_url"])
async def test_the_expected_schema_is_what_the_migrations_make(url: str, request: pytest.FixtureRequest) -> None:
    address: str = request.getfixturevalue(url)
    async with connect(address) as connection:
        await migrate.migrate(connection)
    made = await snapshot.read_whole(address)
    assert made == expected(), "run: python -m autosync.doctor.snapshot"


async def test_an_empty_database_has_one_finding(empty_database_url: str) -> None:
    async with connect(empty_database_url) as connection:
        found = await review(connection)
    assert [(f.level, f.advice) for f in found.findings if f.level is not Level.OK] == [
        (Level.WRONG, "Run `autosync migrate`.")
    ]
    assert report.exit_code(found) == 1


async def test_production_without_the_project_has_one_finding_too(empty_database_url: str) -> None:
    lay_stand_in(empty_database_url)
    lay_production_schema(empty_database_url, with_queue=True)
    async with connect(empty_database_url) as connection:
        found = await review(connection)
    assert [f.advice for f in found.findings if f.level is not Level.OK] == ["Run `autosync migrate`."]


@pytest.mark.parametrize("url", ["empty_database_url", "empty_postgres_15_url"])
async def test_a_migrated_production_with_its_own_types_and_policies_has_nothing_wrong_in_its_schema(
    url: str, request: pytest.FixtureRequest
) -> None:
    address: str = request.getfixturevalue(url)
    lay_stand_in(address)
    lay_production_schema(address, with_queue=True)
    async with connect(address) as connection:
        await migrate.migrate(connection)
        found = await review(connection)
    assert not [f for f in found.findings if f.area in ("schema", "security") and f.level is Level.WRONG]


async def test_tables_of_another_project_under_our_names_do_not_stop_the_review(empty_database_url: str) -> None:
    async with connect(empty_database_url) as connection:
        await migrate.migrate(connection)
        await connection.execute("drop table job_queue cascade")
        await connection.execute("create table job_queue (id int, status int, scheduled_at text)")
        await connection.execute("alter table auto_sync_settings rename to other_settings")
        found = await review(connection)
    assert found.level is Level.WRONG
    assert any(f.level is Level.UNKNOWN and f.area == "queue" for f in found.findings)


async def test_the_review_leaves_database_and_connection_as_they_were(connection: Connection) -> None:
    async with connection.transaction():
        await connection.execute("set transaction read only")
        await review(connection)
    async with connection.transaction():
        await review(connection)
        await connection.execute("insert into auth.users default values")
        cursor = await connection.execute("select current_setting('search_path'), current_setting('statement_timeout')")
        assert await cursor.fetchone() == ('"$user", public', "0")


# Defects, each planted alone


@dataclass(frozen=True)
class Defect:
    """`plant`: SQL, {sync} being the live sync's id. `finds`: (level, part of what is said), all of them."""

    id: str
    plant: str
    finds: tuple[tuple[str, str], ...]
    cured_by_advice: bool = True


def defect(id_: str, plant: str, *finds: tuple[str, str], cured: bool = True) -> Defect:
    return Defect(id_, plant, finds, cured)


QUEUED = (
    "insert into auto_sync_messages (auto_sync_id, message_type, status, sent_at, body, send_after, status_reason,"
    " error_code, claimed_at) values ('{sync}', 'started', "
)

SCHEMA_DEFECTS = [
    defect("an index was dropped", "drop index idx_job_queue_due",
           ("WARNING", "There is no index on job_queue (scheduled_at) where (status = 'pending'::text)")),
    defect("the guard against two pending jobs was dropped", "drop index idx_job_queue_one_pending",
           ("WRONG", "Nothing keeps job_queue (sync_id, job_type)")),
    defect("an index is invalid",
           "update pg_index set indisvalid = false where indexrelid = 'idx_job_queue_due'::regclass",
           ("WRONG", "The index idx_job_queue_due on job_queue is invalid")),
    defect("the queue's unique constraint was dropped",
           "alter table job_queue drop constraint job_queue_sync_id_job_type_scheduled_at_key",
           ("WRONG", "Nothing keeps job_queue (sync_id, job_type, scheduled_at)")),
    defect("one answer each was dropped",
           "alter table auto_sync_responses drop constraint auto_sync_responses_auto_sync_id_contact_id_key",
           ("WRONG", "Nothing keeps auto_sync_responses (auto_sync_id, contact_id)")),
    defect("a trigger is disabled", "alter table auto_syncs disable trigger on_auto_sync_created",
           ("WRONG", "The trigger on_auto_sync_created on auto_syncs is disabled")),
    defect("a trigger was dropped", "drop trigger on_auto_sync_status_changed on auto_syncs",
           ("WRONG", "The trigger on_auto_sync_status_changed on auto_syncs is missing")),
    defect("a trigger fires at another event",
           "drop trigger on_auto_sync_created on auto_syncs; create trigger on_auto_sync_created"
           " after update on auto_syncs for each row execute function schedule_first_reminder()",
           ("WRONG", "on_auto_sync_created on auto_syncs is not this release's")),
    defect("a column is missing", "alter table auto_sync_messages drop column gateway_message_id",
           ("WRONG", "The column auto_sync_messages.gateway_message_id is missing")),
    defect("a column has another type", "alter table job_queue alter processed_at type timestamp",
           ("WRONG", "The column job_queue.processed_at is of type timestamp without time zone")),
    defect("a default is wrong", "alter table job_queue alter status set default 'processed'",
           ("WRONG", "The column job_queue.status has the default 'processed'::text")),
    defect("a text to the organizer is refused for want of a contact",
           "delete from auto_sync_messages; alter table auto_sync_messages alter contact_id set not null",
           ("WRONG", "The column auto_sync_messages.contact_id refuses nulls")),
    defect("a check was widened",
           "alter table job_queue drop constraint job_queue_status_check, add constraint wider"
           " check (status in ('pending', 'processing', 'processed', 'skipped', 'failed', 'lost'))",
           ("WRONG", "The table job_queue lacks CHECK")),
    defect("a check was dropped", "alter table job_queue drop constraint job_queue_job_type_check",
           ("WRONG", "The table job_queue lacks CHECK ((job_type")),
    defect("a check was never validated",
           "alter table job_queue drop constraint job_queue_job_type_check, add constraint job_queue_job_type_check"
           " check (job_type in ('reminder_24h', 'pause_check_48h', 'auto_end_check')) not valid",
           ("WARNING", "The constraint job_queue_job_type_check on job_queue was never checked")),
    defect("jobs outlive their syncs",
           "alter table job_queue drop constraint job_queue_sync_id_fkey, add foreign key (sync_id)"
           " references auto_syncs (id)",
           ("WRONG", "job_queue.sync_id should reference auto_syncs, on delete cascade")),
    defect("a function was dropped", "drop function syncs_with_goal_met(uuid[])",
           ("WRONG", "The function public.syncs_with_goal_met(uuid[]) is missing"), cured=False),
    defect("a function was changed by hand",
           "create or replace function auto_sync_ends(sync_ids uuid[]) returns table (auto_sync_id uuid,"
           " ends_at timestamptz) language sql stable set search_path = '' as 'select null::uuid, now() where false'",
           ("WARNING", "The function public.auto_sync_ends(uuid[]) is not this release's"), cured=False),
    defect("a migration is not applied",
           "delete from supabase_migrations.schema_migrations where version = '20261101000500'",
           ("WRONG", "1 migration of this release has not been applied: 20261101000500_"), cured=False),
    defect("a newer release has been here",
           "insert into supabase_migrations.schema_migrations values"
           " ('20991231000000', array['alter table job_queue add x int'], 'newer')",
           ("WARNING", "migrations that this release does not know: 20991231000000_newer"), cured=False),
]  # fmt: skip

SECURITY_DEFECTS = [
    defect("row-level security is off", "alter table job_queue disable row level security",
           ("WRONG", "Row-level security is off on job_queue")),
    defect("a policy was opened to everybody",
           "alter policy auto_syncs_own on auto_syncs to public using (true) with check (true)",
           ("WRONG", "The policy auto_syncs_own on auto_syncs opens it (ALL) to anybody"), cured=False),
    defect("a policy lets everybody who is signed in read",
           "create policy nosy on contacts for select to authenticated using (auth.role() = 'authenticated')",
           ("WRONG", "The policy nosy on contacts opens it (SELECT) to everybody who is signed in")),
    defect("a policy was widened to public", "alter policy job_queue_select_own on job_queue to public",
           ("WARNING", "The policy job_queue_select_own on job_queue was changed: it is to public")),
    defect("a policy was dropped", "drop policy job_queue_select_own on job_queue",
           ("WRONG", "No policy lets people select their own rows of job_queue")),
    defect("the service is shut out", "drop policy job_queue_service on job_queue; alter role service_role nobypassrls",
           ("WRONG", "Row-level security shuts the service out of job_queue")),
    defect("anonymous callers may read the queue", "grant select on job_queue to anon",
           ("WRONG", "The role anon may SELECT on job_queue")),
    defect("people may write texts", "grant insert on auto_sync_messages to authenticated",
           ("WARNING", "The role authenticated may INSERT on auto_sync_messages")),
    defect("people may write texts and a policy lets them",
           "grant insert on auto_sync_messages to authenticated; create policy send on auto_sync_messages for insert"
           " to authenticated with check (contact_id = (select auth.uid()))",
           ("WRONG", "The role authenticated may INSERT on auto_sync_messages")),
    defect("people may empty the queue", "grant truncate on job_queue to authenticated",
           ("WRONG", "The role authenticated may TRUNCATE on job_queue")),
    defect("people cannot read their jobs", "revoke select on job_queue from authenticated",
           ("WRONG", "The role authenticated may not SELECT on job_queue")),
    defect("a definer's function does not pin its search_path", "alter function jobs_follow_status() reset search_path",
           ("WRONG", "The function public.jobs_follow_status() does not pin its search_path")),
    defect("a function is open to anonymous callers", "grant execute on function autosync_now() to anon",
           ("WRONG", "The function public.autosync_now() may be called by anon")),
    defect("a trigger's function runs with its caller's rights",
           "alter function schedule_first_reminder() security invoker",
           ("WRONG", "The function public.schedule_first_reminder() runs with its caller's rights")),
    defect("the view of invitees reads past row-level security",
           "alter view auto_sync_invitees set (security_invoker = false)",
           ("WRONG", "The view auto_sync_invitees reads with its owner's rights")),
]  # fmt: skip

LIVE_DEFECTS = [
    defect("demo timings are active",
           "update auto_sync_settings set active = false; update auto_sync_settings set active = true"
           " where profile = 'demo'",
           ("WRONG", "Demo timings are active"), cured=False),
    defect("no timings are active", "update auto_sync_settings set active = false",
           ("WARNING", "No timings are active"), cured=False),
    defect("production waits for other hours than people are told",
           "update auto_sync_settings set reminder_delay = '12 hours' where profile = 'production'",
           ("WARNING", "Production's timings are not the usual 24 and 48 hours: a reminder after 12 hours")),
    defect("a job is two days late",
           "update job_queue set scheduled_at = now() - interval '48 hours' where job_type = 'reminder_24h'",
           ("WRONG", "1 job is due, the oldest for 48 hours"), cured=False),
    defect("a job is two minutes late",
           "update job_queue set scheduled_at = now() - interval '121 seconds' where job_type = 'reminder_24h'",
           ("WARNING", "1 job is due, the oldest for 2 minutes"), cured=False),
    defect("a job has been due since the beginning of time",
           "update job_queue set scheduled_at = '-infinity' where job_type = 'reminder_24h'",
           ("WRONG", "1 job is due, the oldest for"), cured=False),
    defect("a row is stuck in processing",
           "update job_queue set status = 'processing', scheduled_at = now() - interval '40 minutes'"
           " where job_type = 'reminder_24h'",
           ("WRONG", "1 job is still in processing 30 minutes after"), cured=False),
    defect("a job failed",
           "update job_queue set status = 'failed', error_message = 'ValueError: no zone'"
           " where job_type = 'reminder_24h'",
           ("WRONG", "ValueError: no zone"), cured=False),
    defect("a job is being retried",
           "insert into job_failures select id, 1, now(), scheduled_at, 'TypeError: none' from job_queue"
           " where job_type = 'reminder_24h'",
           ("WARNING", "1 job raised and will be tried again"), cured=False),
    defect("a job has no status", "update job_queue set status = null where job_type = 'reminder_24h'",
           ("WRONG", "1 job has no status"), ("WRONG", "1 running sync has neither a reminder nor a pause check")),
    defect("a running sync has lost its pause check", "delete from job_queue where job_type <> 'auto_end_check'",
           ("WRONG", "1 running sync has neither a reminder nor a pause check ahead, such as {sync}")),
    defect("a sync would never end", "delete from job_queue where job_type = 'auto_end_check'",
           ("WRONG", "1 sync will not end when the options are over, such as {sync}")),
    defect("a sync's time zone does not exist", "update auto_syncs set timezone = 'Mars/Olympus'",
           ("WRONG", "time zone that does not exist, 'Mars/Olympus', such as {sync}")),
    defect("an organizer's time zone does not exist",
           "update auto_syncs set timezone = null; update profiles set preferred_timezone = 'it''s late'",
           ("WRONG", "time zone that does not exist, \"it's late\", such as {sync}")),
    defect("nobody knows whether a text left",
           QUEUED + "'unknown', null, 'Hi', now(), null, null, now())",
           ("WARNING", "Of 1 text nobody knows"), cured=False),
    defect("a text was claimed and forgotten",
           QUEUED + "'sending', null, 'Hi', now(), null, null, now() - interval '61 seconds')",
           ("WARNING", "1 text is marked as being sent"), cured=False),
    defect("a text failed today", QUEUED + "'failed', null, 'Hi', now(), 'No such number.', '30003', now())",
           ("WARNING", "1 text failed within the last 24 hours: 1 with error 30003 (No such number)."), cured=False),
    defect("a text is ten minutes late",
           QUEUED + "'queued', null, 'Hi', now() - interval '10 minutes', null, null, null)",
           ("WRONG", "1 text should have left, the oldest 10 minutes ago"), cured=False),
]  # fmt: skip

DEFECTS = [*SCHEMA_DEFECTS, *SECURITY_DEFECTS, *LIVE_DEFECTS]


@pytest.mark.parametrize("planted", DEFECTS, ids=lambda planted: planted.id)
async def test_a_planted_defect_is_found_and_nothing_else(
    planted: Defect, connection: Connection, live_sync: MadeSync
) -> None:
    try:
        await plant(connection, planted.plant.format(sync=live_sync.id))
        found = ailments(await review(connection))
        assert len(found) == len(planted.finds), found
        for (level, what), (expected_level, part) in zip(found, planted.finds, strict=True):
            assert (level, part.format(sync=live_sync.id) in what) == (expected_level, True), what
        if planted.cured_by_advice:
            await follow_sql_advice(connection)
            assert ailments(await review(connection)) == []
    finally:
        await connection.execute("alter role service_role bypassrls")


async def plant(connection: Connection, statements: str) -> None:
    for statement in statements.split("; "):
        await connection.execute(statement.encode())


async def follow_sql_advice(connection: Connection) -> None:
    """Runs every piece of SQL that the review advises, and nothing else of its advice."""
    for finding in (await review(connection)).findings:
        for advised in re.findall(r"`([^`]+;)`", finding.advice or ""):
            for statement in advised.removesuffix(";").split("; "):
                await connection.execute(statement.encode())


async def test_a_demo_may_run_on_demo_timings_with_its_clock_ahead(factory: Factory) -> None:
    await factory.demo_timings()
    await factory.move_clock(hours=3)
    found = await review(factory.connection, demo_expected=True)
    assert not [f for f in found.findings if f.area == "timings" and f.level is not Level.OK]
    assert (await review(factory.connection)).level is Level.WRONG


async def test_a_text_held_until_morning_is_told_but_is_no_ailment(factory: Factory, live_sync: MadeSync) -> None:
    later = QUEUED + "'queued', null, 'Hi', now() + interval '5 hours', 'It is night there.', null, null)"
    await plant(factory.connection, later.format(sync=live_sync.id))
    found = await review(factory.connection)
    assert ailments(found) == []
    assert "1 text is held back until later." in [f.what for f in found.findings]


async def test_counting_ends_at_a_thousand(factory: Factory, live_sync: MadeSync) -> None:
    await factory.do(
        "insert into job_queue (sync_id, job_type, scheduled_at, status) select %s, 'reminder_24h',"
        " now() - make_interval(mins => n), 'failed' from generate_series(1, 1500) as n",
        live_sync.id,
    )
    assert any("more than 1,000 jobs failed for good" in what for _, what in ailments(await review(factory.connection)))


async def test_a_session_that_idles_in_a_transaction_is_named(database_url: str, connection: Connection) -> None:
    async with connect(database_url) as other, other.transaction():
        await other.execute("select 1")
        found = await live.idle_transactions(connection, longest=timedelta())
        (finding,) = server.idle(found)
        assert f"pg_terminate_backend({other.info.backend_pid})" in (finding.advice or "")
        assert await live.idle_transactions(connection) == []


# Roles that may not see everything


@pytest.fixture
async def stranger(connection: Connection) -> AsyncIterator[str]:
    """A role that may read every table of schema public, where row-level security lets it, but not schema auth."""
    name = f"stranger_{uuid4().hex}"
    role = sql.Identifier(name)
    await connection.execute(sql.SQL("create role {} login").format(role))
    await connection.execute(sql.SQL("grant select on all tables in schema public to {}").format(role))
    await connection.execute("grant execute on all functions in schema public to public")
    await connection.execute("revoke execute on all functions in schema public from anon, authenticated")
    yield name
    await connection.execute(sql.SQL("drop owned by {}").format(role))
    await connection.execute(sql.SQL("drop role {}").format(role))


async def test_what_row_level_security_hides_is_unknown_rather_than_well(
    stranger: str, database_url: str, live_sync: MadeSync
) -> None:
    async with connect(make_conninfo(database_url, user=stranger)) as connection:
        found = await review(connection)
    assert {f.area for f in found.findings if f.level is Level.UNKNOWN} == {"migrations", "queue", "texts", "timings"}
    assert not [f for f in found.findings if f.area in ("queue", "texts", "timings") and f.level is not Level.UNKNOWN]
    assert all("permission denied" in f.what or "row-level security" in f.what for f in told_unknown(found))


def told_unknown(found: Review) -> list[Finding]:
    return [f for f in found.findings if f.level is Level.UNKNOWN]


async def test_what_cannot_be_seen_makes_exit_2_unless_something_is_wrong() -> None:
    levels = {
        (): 0,
        (Level.OK, Level.WARNING): 0,
        (Level.UNKNOWN, Level.WARNING): 2,
        (Level.UNKNOWN, Level.WRONG): 1,
    }
    for among, code in levels.items():
        assert report.exit_code(Review(tuple(Finding("queue", level, "x") for level in among))) == code


async def test_only_a_lost_connection_is_raised(connection: Connection) -> None:
    async def refused(asked: Connection) -> None:
        await asked.execute("select 1 / 0")

    async def lost(asked: Connection) -> None:
        await asked.execute("select pg_terminate_backend(pg_backend_pid())")

    (finding,) = await ask(connection, [Question("queue", "all is well", refused, lambda _: [])])
    assert (finding.level, finding.what) == (Level.UNKNOWN, "Cannot tell whether all is well: division by zero.")
    with pytest.raises(psycopg.OperationalError):
        await ask(connection, [Question("queue", "all is well", lost, lambda _: [])])


# pg_cron, which the embedded server lacks: its tables as the extension makes them

PG_CRON = """
insert into pg_extension select 99999, 'pg_cron', 10, 11, false, '1.6', null, null;
create schema cron;
create table cron.job (jobid bigint primary key, jobname name, schedule text, active boolean not null);
create table cron.job_run_details (
  runid bigint primary key, jobid bigint, status text, return_message text, start_time timestamptz
);
insert into cron.job values
(1, 'process-auto-sync-jobs', '* * * * *', true), (2, 'cleanup-auto-sync-jobs', '17 * * * *', true);
insert into cron.job_run_details values
(1, 1, 'failed', 'long ago', now() - interval '1 hour'), (2, 2, 'succeeded', null, now() - interval '40 minutes'),
(3, 1, 'succeeded', '1 row', now() - interval '30 seconds'), (4, 1, 'running', null, now())
"""

CRON_DEFECTS = [
    defect("the job is not scheduled", "delete from cron.job where jobid = 1",
           ("WARNING", "pg_cron has no job process-auto-sync-jobs")),
    defect("the clean-up is not scheduled", "delete from cron.job where jobid = 2",
           ("WARNING", "pg_cron has no job cleanup-auto-sync-jobs")),
    defect("the job is switched off", "update cron.job set active = false where jobid = 1",
           ("WARNING", "The job process-auto-sync-jobs in pg_cron is switched off")),
    defect("the last run failed", "update cron.job_run_details set status = 'failed' where runid = 3",
           ("WRONG", "The last run of process-auto-sync-jobs in pg_cron, 30 seconds ago, failed: 1 row")),
    defect("pg_cron has stopped running jobs",
           "update cron.job_run_details set start_time = now() - interval '6 minutes' where runid = 3",
           ("WRONG", "process-auto-sync-jobs in pg_cron last ran 6 minutes ago")),
    defect("the job has never run", "delete from cron.job_run_details where jobid = 1",
           ("WARNING", "process-auto-sync-jobs in pg_cron has not run yet")),
    defect("the jobs may not be seen", "alter table cron.job rename to hidden",
           ("UNKNOWN", "Cannot tell whether pg_cron runs the project's jobs")),
]  # fmt: skip


async def test_pg_cron_that_runs_the_jobs_leaves_nothing_to_say(connection: Connection, live_sync: MadeSync) -> None:
    await connection.execute(PG_CRON.encode())
    found = await review(connection)
    assert found.level is Level.OK
    assert "pg_cron 1.6 is installed." in [f.what for f in found.findings]


@pytest.mark.parametrize("planted", CRON_DEFECTS, ids=lambda planted: planted.id)
async def test_what_keeps_pg_cron_from_waking_the_processor_is_found(planted: Defect, connection: Connection) -> None:
    await connection.execute(PG_CRON.encode())
    await plant(connection, planted.plant)
    found = ailments(await review(connection))
    assert [level for level, _ in found] == [level for level, _ in planted.finds]
    assert all(part in what for (_, what), (_, part) in zip(found, planted.finds, strict=True))


# What it looks like

TOLD = Review(
    (
        Finding("server", Level.OK, "PostgreSQL 18."),
        Finding("queue", Level.WRONG, "A job is late.", "Run `autosync process`."),
    )
)


def test_text_names_level_area_what_and_advice() -> None:
    assert report.render_text(TOLD).splitlines() == [
        "✅ server: PostgreSQL 18.",
        "❌ queue: A job is late.",
        "     → Run `autosync process`.",
        "",
        "Something is wrong. (1 ok, 1 wrong)",
    ]


def test_markdown_has_a_heading_for_each_area() -> None:
    assert report.render_markdown(TOLD) == (
        "# Review of the database\n\n❌ **Something is wrong. (1 ok, 1 wrong)**\n\n"
        "## Server\n\n- ✅ PostgreSQL 18.\n\n"
        "## Queue\n\n- ❌ A job is late.  \n  → Run `autosync process`.\n"
    )


def test_json_holds_the_same() -> None:
    assert report.as_json(TOLD) == {
        "level": "wrong",
        "exit_code": 1,
        "findings": [
            {"area": "server", "level": "ok", "what": "PostgreSQL 18.", "advice": None},
            {"area": "queue", "level": "wrong", "what": "A job is late.", "advice": "Run `autosync process`."},
        ],
    }


async def test_every_finding_that_is_not_well_says_what_to_do(connection: Connection, live_sync: MadeSync) -> None:
    for planted in (planted for planted in LIVE_DEFECTS if "delete" not in planted.plant):
        async with connection.transaction(force_rollback=True):
            await plant(connection, planted.plant.format(sync=live_sync.id))
            for finding in (await review(connection)).findings:
                assert finding.what.endswith((".", "!", "…"))
                assert (finding.advice is None) is (finding.level is Level.OK)
