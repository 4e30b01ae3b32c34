"""The review of a live database: what it says of healthy ones, to whom, and what it looks like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

import commands
from autosync.database import migrate
from autosync.database import review as live
from autosync.database.pool import Connection, connect
from autosync.database.review import Role
from autosync.doctor import report, security, snapshot
from autosync.doctor.expected import expected
from autosync.doctor.findings import Finding, Level, Review, Subject, discreet
from autosync.doctor.review import Question, ask, review
from factories import Factory, MadeSync, lay_production_schema, lay_stand_in
from planting import QUEUED, ailments, plant
from supabase_like import SORTS, migrated_database

NO_PG_CRON = ("waking", "⚠️", "pg_cron is not installed, so nothing in the database wakes the processor.")


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
    assert found.subject is not None
    assert found.subject.database == connection.info.dbname
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


async def test_a_review_cannot_write(connection: Connection) -> None:
    async with connection.transaction(force_rollback=True):
        await live.begin(connection)
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await connection.execute("delete from public.job_queue")


# What is no defect


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


@pytest.mark.parametrize("url", ["empty_database_url", "empty_postgres_15_url"])
async def test_what_owners_add_of_their_own_to_production_is_their_business(
    url: str, request: pytest.FixtureRequest
) -> None:
    address: str = request.getfixturevalue(url)
    lay_stand_in(address)
    lay_production_schema(address, with_queue=False)
    async with connect(address) as connection:
        await migrate.migrate(connection)
        before = ailments(await review(connection))
        await connection.execute(OWNERS_OWN)
        found = await review(connection)
    assert [ailment for ailment in ailments(found) if ailment not in before] == []
    noted = " ".join(f.what for f in found.findings if f.level is Level.NOTE)
    for name in ("auto_syncs.colour", "touched on contacts", "public.shared_crews(uuid)", "leaves it to a function"):
        assert name in noted


OWNERS_OWN = """
create table invoices (id int primary key, owner uuid references profiles (id));
create index on invoices (owner);
alter table invoices enable row level security;
create table secrets (key text);
revoke all on secrets from anon, authenticated;
alter table auto_syncs add column colour text not null default 'blue', add column mood text;
create index on auto_syncs (colour);
create index on job_queue (created_at);
create function touch() returns trigger language plpgsql as 'begin return new; end';
create trigger touched before update on contacts for each row execute function touch();
create function shared_crews(uuid) returns setof uuid language sql security definer set search_path = ''
as 'select id from public.crews where creator_id = auth.uid()';
create policy "crew mates" on auto_syncs for select to authenticated using (crew_id in (select shared_crews(id)));
create view my_syncs with (security_invoker = on) as select * from auto_syncs;
create view counts as select count(*) from pg_class;
"""


@pytest.mark.parametrize("sort", SORTS)
def test_however_the_database_was_laid_its_owner_finds_nothing_wrong_in_schema_and_rights(
    sort: str, server_url: str
) -> None:
    with migrated_database(server_url, sort) as url:
        found = asyncio.run(_reviewed(url))
    assert [f.what for f in found.findings if f.area in ("schema", "security") and f.level is Level.WRONG] == []
    assert sort == "production" or ailments(found) == []


async def _reviewed(url: str, role: str | None = None) -> Review:
    async with connect(url) as connection:
        if role:
            await connection.execute(sql.SQL("set role {}").format(sql.Identifier(role)))
        return await review(connection)


async def test_a_policy_that_restricts_people_further_is_noted(connection: Connection) -> None:
    await connection.execute(
        "create policy weekdays on job_queue as restrictive for select to authenticated using (scheduled_at > now())"
    )
    found = await review(connection)
    assert ailments(found) == []
    assert "The policy weekdays on job_queue is not this project's" in str(told_of("security", found))


def test_roles_that_are_missing_are_told_with_what_makes_them() -> None:
    (finding, *_) = security.compare(expected(), expected(), {"service_role": Role("service_role", True, ())})
    assert (finding.level, finding.missing) == (Level.WRONG, True)
    assert finding.advice == "Run `create role anon nologin; create role authenticated nologin;`."


# Roles that may not see everything


async def test_the_service_sees_all_that_is_essential(database_url: str, live_sync: MadeSync) -> None:
    found = await _reviewed(database_url, "service_role")
    assert report.exit_code(found) == 0
    assert ailments(found) == [
        ("WARNING", "Cannot tell whether all migrations are applied: permission denied for schema supabase_migrations.")
    ]
    assert "The role service_role does not see what other roles' sessions do" in str(told_of("server", found))


async def test_only_texts_that_are_not_looked_up_any_more_are_to_be_settled_by_hand(
    connection: Connection, live_sync: MadeSync
) -> None:
    for send_after, hours in (("now() + interval '1 hour'", 2), ("null", 30), ("null", 26)):
        planted = f"{QUEUED}'unknown', null, 'Hi', {send_after}, null, null, now() - interval '{hours} hours')"
        await plant(connection, planted.format(sync=live_sync.id))
    rows = await connection.execute(
        "select id::text from auto_sync_messages where status = 'unknown' order by claimed_at"
    )
    oldest, _, young = [id_ for (id_,) in await rows.fetchall()]

    told = [
        (finding.what, finding.advice or "")
        for finding in (await review(connection)).findings
        if finding.area == "texts" and finding.level is Level.WARNING
    ]

    assert [what for what, _ in told] == [
        "Of 2 texts nobody knows whether they left, and nobody looks them up any more, the oldest for 30 hours:"
        f" {oldest}.",
        f"Of 1 text nobody knows yet whether it left, the oldest for 2 hours: {young}.",
    ]
    (_, settle), (_, wait) = told
    assert f"`autosync messages resolve {oldest} --sent`, or `--not-sent`" in settle
    assert "resolve" not in wait


def told_of(area: str, found: Review) -> list[str]:
    return [finding.what for finding in found.findings if finding.area == area]


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
    assert {f.area for f in found.findings if f.level is Level.UNKNOWN} == {"queue", "texts", "timings"}
    assert not [f for f in found.findings if f.area in ("queue", "texts", "timings") and f.level is not Level.UNKNOWN]
    assert all("permission denied" in f.what or "row-level security" in f.what for f in told_unknown(found))


def told_unknown(found: Review) -> list[Finding]:
    return [f for f in found.findings if f.level is Level.UNKNOWN]


async def test_what_cannot_be_seen_makes_exit_2_unless_something_is_wrong() -> None:
    levels = {
        (): 0,
        (Level.OK, Level.NOTE, Level.WARNING): 0,
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


async def test_what_takes_too_long_is_unknown(connection: Connection) -> None:
    async def slow(asked: Connection) -> None:
        await asked.execute("set local statement_timeout = '5ms'")
        await asked.execute("select pg_sleep(60)")

    (finding,) = await ask(connection, [Question("queue", "jobs are late", slow, lambda _: [])])
    assert (finding.level, "when the server is less busy" in (finding.advice or "")) == (Level.UNKNOWN, True)


# The command


def test_the_command_speaks_to_people_tickets_and_programs(database_url: str) -> None:
    text = commands.autosync("doctor", database_url=database_url)
    assert (text.code, text.out.splitlines()[-1].startswith("All works; some things deserve a look.")) == (0, True)
    markdown = commands.autosync("doctor", "--format", "markdown", database_url=database_url)
    assert markdown.out.startswith("# Review of an Auto Sync database\n")
    document = json.loads(commands.autosync("doctor", "--json", database_url=database_url).out)
    again = json.loads(commands.autosync("doctor", "--format", "json", database_url=database_url).out)
    assert (document["level"], document["exit_code"]) == ("warning", 0)
    assert document | {"at": None} == again | {"at": None}


def test_the_commands_exit_code_tells_that_something_is_wrong(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        connection.execute("alter table job_queue disable row level security")
    assert commands.autosync("doctor", database_url=database_url).code == 1
    assert commands.autosync("doctor", database_url="postgresql://nobody@127.0.0.1:1/none").code == 2


# What it looks like

SUBJECT = Subject("app", "18.4", datetime(2026, 11, 2, 9, 5, tzinfo=UTC))
LONG = "alter table public.job_queue add column processed_at timestamptz; alter table public.job_queue set logged;"
TOLD = Review(
    (
        Finding("server", Level.OK, "PostgreSQL 18."),
        Finding("schema", Level.WRONG, "The column is missing.", f"Run `{LONG}`.", missing=True),
        Finding("security", Level.WARNING, "The role anon may SELECT.", "Run `revoke select on job_queue from anon;`."),
        Finding("queue", Level.WRONG, "A job is late.", "Run `autosync process`."),
        Finding("queue", Level.OK, "No job has failed."),
        Finding("queue", Level.NOTE, "One waits."),
    ),
    SUBJECT,
)


def test_text_groups_by_area_marks_each_finding_and_says_what_is_well_in_one_go() -> None:
    assert report.render_text(TOLD).splitlines() == [
        'Database "app" on PostgreSQL 18.4, 2026-11-02 09:05 UTC',
        "",
        "✓ server     PostgreSQL 18.",
        "✗ schema",
        "  ✗ The column is missing.",
        "    → Run",
        "      alter table public.job_queue add column processed_at timestamptz;",
        "      alter table public.job_queue set logged;",
        "! security",
        "  ! The role anon may SELECT.",
        "    → Run `revoke select on job_queue from anon;`.",
        "✗ queue",
        "  ✗ A job is late.",
        "    → Run `autosync process`.",
        "  · One waits.",
        "  ✓ No job has failed.",
        "",
        "Something is wrong. (2 ok, 1 note, 1 warning, 2 wrong)",
    ]


@pytest.mark.parametrize("width", [40, 60, 100])
def test_text_keeps_to_the_width_and_never_breaks_code(width: int) -> None:
    advice = "Look at it for a long while and then run `autosync jobs explain ID` or else `autosync jobs retry`."
    told = report.render_text(Review((Finding("queue", Level.WRONG, "word " * 60, advice),)), width=width)
    assert max(map(len, told.splitlines())) <= width
    assert "`autosync jobs explain ID`" in told


def test_markdown_is_a_document_with_a_table_and_four_sections() -> None:
    assert (
        report.render_markdown(TOLD)
        == """# Review of an Auto Sync database

Database "app" on PostgreSQL 18.4, 2026-11-02 09:05 UTC.

❌ **Something is wrong. (2 ok, 1 note, 1 warning, 2 wrong)**

| area | state |
|---|---|
| server | ✅ ok |
| schema | ❌ 1 wrong |
| security | ⚠️ 1 warning |
| queue | ❌ 1 wrong, 1 note |

## Current state

- ✅ *server:* PostgreSQL 18.
- ✅ *queue:* No job has failed.
- 💬 *queue:* One waits.

## What is missing

- ❌ *schema:* The column is missing.

  **Recommendation:** Run

  ```sql
  alter table public.job_queue add column processed_at timestamptz;
  alter table public.job_queue set logged;
  ```

## Security

- ⚠️ *security:* The role anon may SELECT.

  **Recommendation:** Run `revoke select on job_queue from anon;`.

## Potential issues

- ❌ *queue:* A job is late.

  **Recommendation:** Run `autosync process`.
"""
    )


def test_json_holds_the_same() -> None:
    document = report.as_json(replace(TOLD, findings=TOLD.findings[:2]))
    assert document == {
        "level": "wrong",
        "exit_code": 1,
        "database": "app",
        "server_version": "18.4",
        "at": "2026-11-02T09:05:00+00:00",
        "findings": [
            {"area": "server", "section": "current state", "level": "ok", "what": "PostgreSQL 18.", "advice": None},
            {
                "area": "schema",
                "section": "what is missing",
                "level": "wrong",
                "what": "The column is missing.",
                "advice": f"Run `{LONG}`.",
            },
        ],
    }


async def test_a_review_repeats_no_number_no_name_and_no_secret(connection: Connection, live_sync: MadeSync) -> None:
    error = (
        "psycopg.errors.NotNullViolation: null value, bearer abc.def.ghi-jkl, call +1 (212) 555-0142 or ann@example.org"
        " DETAIL: Failing row contains (Hana Nakamura, 42)."
    )
    await connection.execute("update job_queue set status = 'failed', error_message = %s", [error])
    reason = "The 'To' number +12125550177 is not valid."
    failed = QUEUED.format(sync=live_sync.id) + "'failed', null, 'Hi', now(), %s, '21211', now())"
    await connection.execute(failed.encode(), [reason])
    found = await review(connection)
    for told in (report.render_text(found), report.render_markdown(found), str(report.as_json(found))):
        assert "NotNullViolation" in told
        assert "21211" in told
        assert not [private for private in ("555-0142", "5550177", "Hana", "example.org", "abc.def") if private in told]


@pytest.mark.parametrize(
    "words, left",
    [
        ("the time zone 'Mars/Olympus' is unknown", "the time zone 'Mars/Olympus' is unknown"),
        ("job b0000000-0000-4000-8000-000000000003 of 2026-11-02", "job b0000000-0000-4000-8000-000000000003 of"),
        ("error 30003 after 90000 ms", "error 30003 after 90000 ms"),
        ("to 212.555.0142 x3", "to (number) x3"),
        ("at postgres://me:secret@host/db", "at postgres://(login)@host/db"),
    ],
)
def test_discretion_leaves_what_helps(words: str, left: str) -> None:
    assert discreet(words).startswith(left)


async def test_every_finding_that_is_not_well_says_what_to_do(connection: Connection, live_sync: MadeSync) -> None:
    await connection.execute("delete from auto_sync_number_key")
    await connection.execute("update job_queue set scheduled_at = now() - interval '2 hours'")
    for finding in (await review(connection)).findings:
        assert finding.what.endswith((".", "!", "…"))
        assert finding.advice is not None or finding.level in (Level.OK, Level.NOTE)
