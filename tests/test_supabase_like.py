"""The migrations on a database like Supabase's, run by somebody who is no superuser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from autosync.database.migrate import migrations
from factories import lay_production_schema, run_migrations
from supabase_like import SupabaseLike, supabase_like


@pytest.fixture(params=["server_url", "postgres_15_url"], ids=["postgres-18", "postgres-15"])
def supabase(request: pytest.FixtureRequest) -> Iterator[SupabaseLike]:
    """An empty database, on each server in turn."""
    with supabase_like(request.getfixturevalue(request.param)) as made:
        yield made


@pytest.mark.parametrize("on_production", [False, True], ids=["on-nothing", "on-production"])
def test_every_migration_is_applied_without_a_superuser(supabase: SupabaseLike, on_production: bool) -> None:
    if on_production:
        lay_production_schema(supabase.url, with_queue=True)
    run_migrations(supabase.url)
    run_migrations(supabase.url)  # nothing is left to do

    with psycopg.connect(supabase.url) as connection:
        applied = connection.execute("select version from supabase_migrations.schema_migrations").fetchall()
        who = connection.execute("select rolsuper from pg_roles where rolname = current_user").fetchall()

    assert {version for (version,) in applied} == {migration.version for migration in migrations()}
    assert who == [(False,)]


def test_a_person_starts_a_sync_and_gets_its_jobs_there(supabase: SupabaseLike) -> None:
    run_migrations(supabase.url)
    person, sync = uuid4(), uuid4()
    with psycopg.connect(supabase.url) as connection:
        connection.execute("insert into auth.users (id) values (%s)", [person])
        connection.execute("select set_config('request.jwt.claims', %s, true)", [json.dumps({"sub": str(person)})])
        connection.execute("set local role authenticated")
        connection.execute("insert into profiles (id) values (%s)", [person])
        connection.execute(
            "insert into auto_syncs (id, organizer_id, event_name) values (%s, %s, 'Tea')", [sync, person]
        )
        connection.execute(
            "insert into auto_sync_options (auto_sync_id, idx, start_time) values (%s, 1, '2030-01-01Z')", [sync]
        )
        connection.execute("update auto_syncs set status = 'paused'")

        jobs = connection.execute("select job_type, status from job_queue order by job_type").fetchall()

    assert jobs == [("auto_end_check", "pending"), ("reminder_24h", "skipped")]


def test_nothing_is_open_that_was_not_granted(supabase: SupabaseLike) -> None:
    """Defaults there open every new table, function and sequence to the API roles."""
    run_migrations(supabase.url)
    with psycopg.connect(supabase.url) as connection:
        connection.execute("create table public.forgotten ()")
        open_by_default = connection.execute("select has_table_privilege('anon', 'public.forgotten', 'select')")
        assert open_by_default.fetchone() == (True,)
        connection.execute("drop table public.forgotten")

        for role in ("anon", "authenticated"):
            opened = connection.execute(
                sql.SQL(
                    "select c.relname from pg_class c where c.relnamespace = 'public'::regnamespace and case c.relkind"
                    " when 'S' then has_sequence_privilege({role}, c.oid, 'usage, select, update')"
                    " when 'i' then false"
                    " else has_table_privilege({role}, c.oid, 'truncate, references, trigger') end"
                    " union all select p.proname from pg_proc p where p.pronamespace = 'public'::regnamespace"
                    " and has_function_privilege({role}, p.oid, 'execute')"
                ).format(role=sql.Literal(role))
            ).fetchall()
            assert opened == [], role
