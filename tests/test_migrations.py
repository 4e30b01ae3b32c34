"""Every migration, on nothing and on production with its rows, on PostgreSQL 18 and 15."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo

from autosync.database.migrate import Migration, MigrationError, applied_versions, migrate, migrations, pending
from autosync.database.pool import Connection, connect, open_pool
from autosync.processor import Processor
from factories import Factory, MadeSync, lay_production_schema, lay_stand_in, run_migrations

SERVERS = {"postgres-18": "empty_database_url", "postgres-15": "empty_postgres_15_url"}


@pytest.fixture(params=SERVERS)
def empty_url(request: pytest.FixtureRequest) -> str:
    """An empty database, on each server in turn."""
    url: str = request.getfixturevalue(SERVERS[request.param])
    return url


@pytest.fixture(params=[True, False], ids=["with-queue", "without-queue"])
def production_url(request: pytest.FixtureRequest, empty_url: str) -> str:
    """Production before this project, with and without its narrow queue, on each server in turn."""
    lay_stand_in(empty_url)
    lay_production_schema(empty_url, with_queue=request.param)
    return empty_url


async def apply_all(url: str) -> list[Migration]:
    async with connect(url) as connection:
        return await migrate(connection)


# What a catalog says, in a form that does not depend on names of schemas, owners or on the server's version.
CATALOG = {
    "relations": "select relname, relkind from pg_class where relnamespace = 'public'::regnamespace and relkind <> 'i'",
    "columns": """
        select c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
          pg_get_expr(d.adbin, d.adrelid), concat(a.attidentity, a.attgenerated)
        from pg_class c
        join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')""",
    # Since 18, not null is a constraint, too: 'n'. The columns tell it on every version.
    "constraints": """
        select conrelid::regclass::text, conname, pg_get_constraintdef(oid), convalidated
        from pg_constraint
        where connamespace = 'public'::regnamespace and contype <> 'n'""",
    "indexes": "select tablename, indexname, indexdef from pg_indexes where schemaname = 'public'",
    "policies": """
        select tablename, policyname, permissive, roles::text, cmd, qual, with_check
        from pg_policies where schemaname = 'public'""",
    "row level security": """
        select relname, relrowsecurity, relforcerowsecurity
        from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'""",
    "functions": "select proname, pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace",
    "triggers": """
        select tgrelid::regclass::text, tgname, tgenabled, pg_get_triggerdef(oid)
        from pg_trigger where not tgisinternal""",
    "views": """
        select c.relname, c.reloptions::text, replace(pg_get_viewdef(c.oid), 'm.', '')
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'v'""",
    "types": """
        select t.typname, array_agg(e.enumlabel order by e.enumsortorder)::text
        from pg_type t join pg_enum e on e.enumtypid = t.oid group by 1""",
    "table privileges": """
        select c.relname, r.role, p.privilege
        from pg_class c, unnest('{anon,authenticated,service_role}'::text[]) r (role),
          unnest('{select,insert,update,delete,truncate,references,trigger}'::text[]) p (privilege)
        where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'v')
          and has_table_privilege(r.role, c.oid, p.privilege)""",
    "function privileges": """
        select f.proname, r.role
        from pg_proc f, unnest('{anon,authenticated,service_role}'::text[]) r (role)
        where f.pronamespace = 'public'::regnamespace and has_function_privilege(r.role, f.oid, 'execute')""",
    "column privileges": """
        select attrelid::regclass::text, attname, g.grantee::regrole::text, g.privilege_type, g.is_grantable
        from pg_attribute a join pg_class c on c.oid = a.attrelid cross join aclexplode(attacl) g
        where c.relnamespace = 'public'::regnamespace and attacl is not null""",
    "comments": """
        select pg_describe_object(d.classoid, d.objoid, d.objsubid), d.description
        from pg_description d, pg_identify_object(d.classoid, d.objoid, d.objsubid) o where o.schema = 'public'""",
}
NONE_YET = {"comments"}
"""Kinds of which no migration has made any so far."""

Catalog = dict[str, set[tuple[Any, ...]]]


def catalog(url: str) -> Catalog:
    with psycopg.connect(url) as connection:
        return {kind: set(connection.execute(query.encode())) for kind, query in CATALOG.items()}


PRODUCTION_TABLES = (
    "profiles", "contacts", "crews", "crew_members", "auto_syncs", "auto_sync_options", "auto_sync_responses",
    "auto_sync_messages", "google_calendar_tokens", "job_queue",
)  # fmt: skip


def rows(url: str) -> dict[str, dict[UUID, dict[str, Any]]]:
    """Every row of production's tables by table and id."""
    with psycopg.connect(url) as connection:
        found = {}
        for table in PRODUCTION_TABLES:
            if connection.execute("select to_regclass(%s)", [f"public.{table}"]).fetchone() == (None,):
                continue
            query = sql.SQL("select t.id, to_jsonb(t) from {} as t").format(sql.Identifier("public", table))
            found[table] = dict(connection.execute(query).fetchall())
        return found


def settings_and_history(url: str) -> list[Any]:
    with psycopg.connect(url) as connection:
        return [
            connection.execute("select * from auto_sync_settings order by profile").fetchall(),
            connection.execute("select version, name from supabase_migrations.schema_migrations order by 1").fetchall(),
        ]


# On nothing


async def test_all_migrations_apply_to_an_empty_database(empty_url: str) -> None:
    async with connect(empty_url) as connection:
        assert await pending(connection) == list(migrations())

        assert await migrate(connection) == list(migrations())

        assert await pending(connection) == []
    await assert_that_the_engine_works(empty_url)


def test_both_servers_get_the_same_schema(empty_database_url: str, empty_postgres_15_url: str) -> None:
    run_migrations(empty_database_url)
    run_migrations(empty_postgres_15_url)

    newer, older = catalog(empty_database_url), catalog(empty_postgres_15_url)

    for kind in CATALOG:
        assert newer[kind] == older[kind], kind
        assert bool(newer[kind]) == (kind not in NONE_YET), f"no {kind} to compare"


async def test_migrations_are_recorded_as_the_supabase_cli_records_them(empty_url: str) -> None:
    async with connect(empty_url) as connection:
        await migrate(connection)

        cursor = await connection.execute(
            "select version, name, statements from supabase_migrations.schema_migrations order by version"
        )

        assert await cursor.fetchall() == [(m.version, m.name, [m.sql]) for m in migrations()]


async def test_the_history_of_the_supabase_cli_is_added_to(empty_url: str) -> None:
    lay_stand_in(empty_url)
    first, *others = migrations()
    async with connect(empty_url) as connection:
        # As newer versions of the CLI write it, with an older migration of somebody else's and our first one.
        await connection.execute(
            b"""create schema supabase_migrations;
            create table supabase_migrations.schema_migrations (
              version text not null primary key, statements text[], name text, created_by text, idempotency_key text
            )"""
        )
        await connection.execute(first.sql.encode())
        await connection.execute(
            "insert into supabase_migrations.schema_migrations (version, name, created_by)"
            " values ('20250101000000', 'theirs', 'them'), (%s, %s, 'them')",
            [first.version, first.name],
        )

        assert await migrate(connection) == others

        assert await applied_versions(connection) == {"20250101000000"} | {m.version for m in migrations()}


def test_applying_twice_changes_nothing(empty_url: str) -> None:
    run_migrations(empty_url)
    before = catalog(empty_url), settings_and_history(empty_url)

    run_migrations(empty_url)

    assert (catalog(empty_url), settings_and_history(empty_url)) == before


# On production


def test_rows_of_production_stay_as_they_were(production_url: str) -> None:
    before = rows(production_url)

    run_migrations(production_url)

    after = rows(production_url)
    for table, old_rows in before.items():
        assert after[table].keys() == old_rows.keys(), table
        for id_, old in old_rows.items():
            new = after[table][id_]
            if id_ == LATER_DOUBLE:
                assert (new["status"], new["error_message"]) == (
                    "skipped",
                    "Another pending job of this type was due earlier.",
                )
            else:
                assert {column: new[column] for column in old} == old, (table, id_)


LATER_DOUBLE = UUID("b0000000-0000-4000-8000-000000000002")


def test_texts_that_production_sent_count_as_sent(production_url: str) -> None:
    run_migrations(production_url)

    with psycopg.connect(production_url) as connection:
        found = connection.execute("select status, count(*) from auto_sync_messages group by 1").fetchall()
        invitees = connection.execute("select count(*) from auto_sync_invitees").fetchone()
    assert found == [("sent", 2)]
    assert invitees == (2,)


@pytest.mark.parametrize("table", ["auto_syncs", "google_calendar_tokens"])
def test_policies_of_production_stay_as_they_were(production_url: str, table: str) -> None:
    def of_table(url: str) -> dict[str, set[tuple[Any, ...]]]:
        kinds = ("policies", "row level security")
        return {kind: {row for row in catalog(url)[kind] if row[0] == table} for kind in kinds}

    before = of_table(production_url)

    run_migrations(production_url)

    assert len(before["policies"]) >= 3
    assert of_table(production_url) == before


def test_tables_without_policies_get_ours_and_row_level_security(production_url: str, database_url: str) -> None:
    with_their_own = {row[0] for row in catalog(production_url)["policies"]}

    run_migrations(production_url)

    ours, theirs = catalog(database_url), catalog(production_url)
    assert {row for row in theirs["policies"] if row[0] not in with_their_own} == {
        row for row in ours["policies"] if row[0] not in with_their_own
    }
    assert {row for row in theirs["row level security"] if not row[1]} == set()


def test_production_gets_everything_that_an_empty_database_gets(production_url: str, database_url: str) -> None:
    run_migrations(production_url)

    ours, theirs = catalog(database_url), catalog(production_url)

    for kind in ("functions", "views", "function privileges"):
        assert theirs[kind] == ours[kind], kind
    as_ours = {
        (*name, definition.replace("::sync_status", "::auto_sync_status")) for *name, definition in theirs["triggers"]
    }
    assert as_ours == ours["triggers"]
    names = {row[:2] for row in theirs["columns"]}
    assert {row[:2] for row in ours["columns"]} <= names
    for added in (
        "job_queue", "job_failures", "auto_sync_settings", "auto_sync_suppressions", "auto_sync_number_key",
        "auto_sync_inbound",
    ):  # fmt: skip
        for kind in ("columns", "constraints"):
            assert of(added, theirs[kind]) == of(added, ours[kind]), (added, kind)
    assert indexed(database_url) <= indexed(production_url)


def test_what_differs_on_production_is_what_production_has_of_its_own(production_url: str, database_url: str) -> None:
    run_migrations(production_url)

    ours, theirs = catalog(database_url), catalog(production_url)
    found = [
        f"{sign} {kind}: {' | '.join(' '.join(str(part).split()) for part in row)}".rstrip(" |")
        for kind in CATALOG
        for sign, differing in (("-", ours[kind] - theirs[kind]), ("+", theirs[kind] - ours[kind]))
        for row in differing
    ]

    listed = Path(__file__).with_name("production_differences.txt").read_text().splitlines()
    assert sorted(found) == sorted(line for line in listed if line and not line.startswith("#"))


def of(table: str, found: set[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    return {row for row in found if row[0] == table}


def indexed(url: str) -> set[tuple[str, str, str | None]]:
    """(table, column, condition): where an index begins with the column, whatever its name."""
    with psycopg.connect(url) as connection:
        return set(
            connection.execute(
                """select i.indrelid::regclass::text, pg_get_indexdef(i.indexrelid, 1, true),
                  pg_get_expr(i.indpred, i.indrelid)
                from pg_index i join pg_class c on c.oid = i.indrelid
                where c.relnamespace = 'public'::regnamespace"""
            )
        )


async def test_the_engine_works_on_production(production_url: str) -> None:
    await apply_all(production_url)

    await assert_that_the_engine_works(production_url)


def test_applying_twice_to_production_changes_nothing(production_url: str) -> None:
    run_migrations(production_url)
    before = catalog(production_url), rows(production_url), settings_and_history(production_url)

    run_migrations(production_url)

    assert (catalog(production_url), rows(production_url), settings_and_history(production_url)) == before


def test_a_trigger_of_production_by_the_same_name_is_replaced(empty_url: str) -> None:
    lay_stand_in(empty_url)
    lay_production_schema(empty_url, with_queue=True)
    with psycopg.connect(empty_url) as connection:
        connection.execute(
            b"""create function public.schedule_first_reminder() returns trigger language plpgsql security definer as $$
            begin
              insert into public.job_queue (sync_id, job_type, scheduled_at)
              values (new.id, 'reminder_24h', now() + interval '1 day');
              return new;
            end $$;
            create trigger on_auto_sync_created after insert on public.auto_syncs
            for each row execute function public.schedule_first_reminder()"""
        )

    run_migrations(empty_url)

    found = {row for row in catalog(empty_url)["triggers"] if row[1] == "on_auto_sync_created"}
    assert len(found) == 1
    assert all("WHEN" in definition for *_, definition in found)


async def assert_that_the_engine_works(url: str) -> None:
    """A sync's way from its insertion to its end, with what the migrations brought."""
    async with open_pool(url, size=2) as pool, connect(url) as connection:
        await connection.execute("update job_queue set status = 'skipped' where status = 'pending'")
        factory, processor = Factory(connection), Processor(pool=pool)
        sync = await a_sync(factory)
        assert set(await factory.pending(sync.id)) == {"reminder_24h", "auto_end_check"}

        await factory.make_due(sync.id, "reminder_24h")
        assert (await processor.process_due()).messages == 3  # two reminders, one update
        await factory.answer(sync, sync.contacts[0], 1)
        await factory.answer(sync, sync.contacts[1])
        assert (await processor.process_due()).messages == 1  # the report that the goal is met
        assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "paused"

        await factory.do(
            "update auto_sync_options set start_time = start_time - interval '1000 hours',"
            " end_time = end_time - interval '1000 hours' where auto_sync_id = %s",
            sync.id,
        )
        assert (await processor.process_due()).failed == 0
        assert await factory.one("select status::text from auto_syncs where id = %s", sync.id) == "stopped"
        assert await factory.pending(sync.id) == {}


async def a_sync(factory: Factory) -> MadeSync:
    return await factory.sync(invitees=2, options=2)


# As an owner who is no superuser


@pytest.fixture
def owned_url(empty_url: str) -> str:
    """A database whose owner is like Supabase's `postgres`: no superuser. A superuser laid schema auth before."""
    lay_stand_in(empty_url)
    database = psycopg.conninfo.conninfo_to_dict(empty_url)["dbname"]
    with psycopg.connect(empty_url) as superuser:
        if superuser.execute("select from pg_roles where rolname = 'owner'").rowcount == 0:
            superuser.execute("create role owner login createrole createdb bypassrls")
        superuser.execute(sql.SQL("alter database {} owner to owner").format(sql.Identifier(str(database))))
        superuser.execute(
            """grant anon, authenticated, service_role to owner;
            grant usage on schema auth to owner;
            grant all on auth.users to owner;
            alter default privileges for role owner in schema public
            grant all on tables to anon, authenticated, service_role;
            alter default privileges for role owner in schema public
            grant all on functions to anon, authenticated, service_role"""
        )
    return make_conninfo(empty_url, user="owner")


@pytest.mark.parametrize("existing", ["nothing", "production"])
async def test_an_owner_who_is_no_superuser_can_apply_them(owned_url: str, existing: str) -> None:
    if existing == "production":
        lay_production_schema(owned_url, with_queue=True)

    await apply_all(owned_url)

    with psycopg.connect(owned_url) as connection:
        assert connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (False,)
    await assert_that_the_engine_works(owned_url)


def test_an_owner_who_is_no_superuser_gets_the_same_schema(owned_url: str, database_url: str) -> None:
    run_migrations(owned_url)

    assert catalog(owned_url) == catalog(database_url)


# Two at once, and refused ones


async def waiting_for_a_lock(connection: Connection) -> int:
    cursor = await connection.execute(
        "select count(*) from pg_locks l join pg_database d on d.oid = l.database"
        " where d.datname = current_database() and l.locktype = 'advisory' and not l.granted"
    )
    row = await cursor.fetchone()
    assert row is not None
    return int(row[0])


async def test_two_runs_at_once_wait_for_each_other_and_apply_each_once(empty_url: str) -> None:
    async with connect(empty_url) as holder, connect(empty_url) as first, connect(empty_url) as second:
        async with holder.transaction():
            await holder.execute("select pg_advisory_xact_lock(%s)", [0x6175746F73796E63])
            runs = [asyncio.create_task(migrate(first)), asyncio.create_task(migrate(second))]
            async with asyncio.timeout(20):
                while await waiting_for_a_lock(holder) < 2:
                    assert not any(run.done() for run in runs), "a run did not wait"
        applied = await asyncio.gather(*runs)

        assert sorted((m for done in applied for m in done), key=lambda m: m.version) == list(migrations())


async def test_a_refused_migration_leaves_nothing_behind_and_says_which_file(empty_url: str) -> None:
    lay_stand_in(empty_url)
    async with connect(empty_url) as connection:
        # In the way of the last thing that the third file makes.
        await connection.execute(
            "create function public.autosync_timings(out reminder_delay interval, out pause_delay interval)"
            " language sql as 'select null::interval, null::interval'"
        )

        with pytest.raises(MigrationError, match=r"refused 20261101000200_settings_and_clock\.sql: .*autosync_timings"):
            await migrate(connection)

        assert (await pending(connection))[0].version == "20261101000200"
        cursor = await connection.execute("select to_regclass('auto_sync_settings'), to_regproc('autosync_now')")
        assert await cursor.fetchone() == (None, None)

        await connection.execute("drop function public.autosync_timings()")
        assert await migrate(connection) == list(migrations()[2:])
