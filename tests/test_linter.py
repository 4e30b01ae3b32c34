"""What Supabase's database linter (splinter) calls an error or a warning, asked in queries of our own.

Left out: what is about extensions that we do not use (pgmq, storage), about a running server (bloat, outdated
extensions, replication slots), and that signed-in people see in GraphQL the tables in which they have rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from factories import lay_production_schema, run_migrations
from supabase_like import migrated_database, supabase_like

PEOPLE = "'{anon,authenticated}'::text[]"


@dataclass(frozen=True, slots=True)
class Lint:
    """One rule: `query` names what breaks it, `plant` makes something that does."""

    name: str
    query: str
    plant: str


POLICIES = """
    select p.schemaname || '.' || p.tablename || ': ' || p.policyname, p.*, concat(p.qual, ' ', p.with_check) as said,
      p.roles && '{public,anon,authenticated}'::name[] as for_people
    from pg_policies as p where p.schemaname = 'public'"""
RELATIONS = f"""
    select c.relname as name, c.*, coalesce(c.reloptions::text ~* 'security_invoker=(1|true|yes|on)', false) as invoker,
      exists (select from unnest({PEOPLE}) as r (role) where has_any_column_privilege(r.role, c.oid, 'select')) as open
    from pg_class as c
    where c.relnamespace = 'public'::regnamespace
      and not exists (select from pg_depend as d where d.objid = c.oid and d.deptype = 'e')"""
FUNCTIONS = """
    select p.oid::regprocedure::text as name, p.*
    from pg_proc as p
    where p.pronamespace = 'public'::regnamespace
      and not exists (select from pg_depend as d where d.objid = p.oid and d.deptype = 'e')"""

LINTS = (
    Lint(
        "auth_users_exposed",
        f"""select v.name from ({RELATIONS}) as v
            join pg_rewrite as r on r.ev_class = v.oid
            join pg_depend as d on d.objid = r.oid and d.refobjid = 'auth.users'::regclass
            where v.open group by 1""",
        "create view v with (security_invoker) as select id from auth.users; grant select on v to authenticated",
    ),
    Lint(
        "auth_rls_initplan",
        rf"""select p.* from ({POLICIES}) as p
            where regexp_replace(p.said, '\( *SELECT +(auth\.\w+\(\)|current_setting\([^)]*\)) AS \w+\)', '', 'gi')
              ~ 'auth\.\w+\(\)|current_setting\('""",
        "create policy x on contacts for select to anon using (user_id = auth.uid())",
    ),
    Lint(
        "multiple_permissive_policies",
        f"""select p.tablename || ' ' || r.role || ' ' || c.command
            from ({POLICIES}) as p, unnest(p.roles) as r (role),
              unnest(case p.cmd when 'ALL' then '{{SELECT,INSERT,UPDATE,DELETE}}' else array[p.cmd] end) as c (command)
            where p.permissive = 'PERMISSIVE' and r.role <> 'service_role'
            group by 1 having count(*) > 1""",
        "create policy x on contacts for select to authenticated using (first_name = 'Ann')",
    ),
    Lint(
        "policy_exists_rls_disabled",
        f"""select c.name from ({RELATIONS}) as c
            where not c.relrowsecurity and c.oid in (select polrelid from pg_policy)""",
        "alter table contacts disable row level security",
    ),
    Lint(
        "rls_disabled_in_public",
        f"select c.name from ({RELATIONS}) as c where c.relkind in ('r', 'p') and not c.relrowsecurity",
        "create table x (id int primary key)",
    ),
    Lint(
        "rls_enabled_no_policy",
        f"""select c.name from ({RELATIONS}) as c
            where c.relkind in ('r', 'p') and c.relrowsecurity and c.oid not in (select polrelid from pg_policy)""",
        "create table x (id int primary key); alter table x enable row level security",
    ),
    Lint(
        "rls_policy_always_true",
        rf"""select p.* from ({POLICIES}) as p
            where p.for_people and p.permissive = 'PERMISSIVE' and p.cmd <> 'SELECT'
              and (coalesce(p.qual, 'true') ~ '^\(*(true|\(?1 = 1\)?)\)*$' and p.cmd <> 'INSERT'
                or p.with_check ~ '^\(*(true|\(?1 = 1\)?)\)*$')""",
        "create policy x on contacts for delete to authenticated using (true)",
    ),
    Lint(
        "rls_policy_null_auth_disjunct",
        rf"""select p.* from ({POLICIES}) as p
            where p.for_people and p.said ~* '(auth\.\w+\(\)|current_setting\([^)]*\))[^=]*\) IS NULL'""",
        "create policy x on contacts for select to authenticated using ((select auth.uid()) is null or true)",
    ),
    Lint(
        "rls_references_user_metadata",
        f"select p.* from ({POLICIES}) as p where p.said like '%user_metadata%'",
        "create policy x on contacts for select to anon using (((select auth.jwt()) -> 'user_metadata') ? 'admin')",
    ),
    Lint(
        "duplicate_index",
        """select i.tablename || ' ' || string_agg(i.indexname, ', ' order by i.indexname) from pg_indexes as i
            where i.schemaname = 'public' group by i.tablename, replace(i.indexdef, i.indexname, '')
            having count(*) > 1""",
        "create index x on contacts (user_id)",
    ),
    Lint(
        "invalid_index",
        """select i.indexrelid::regclass::text from pg_index as i join pg_class as c on c.oid = i.indrelid
            where not i.indisvalid and c.relnamespace = 'public'::regnamespace""",
        "update pg_index set indisvalid = false where indexrelid = 'contacts_pkey'::regclass",
    ),
    Lint(
        "unindexed_foreign_keys",
        """select f.conrelid::regclass || ' ' || f.conname from pg_constraint as f
            where f.contype = 'f' and f.connamespace = 'public'::regnamespace and not exists (
              select from pg_index as i
              where i.indrelid = f.conrelid and i.indisvalid and i.indpred is null
                and (i.indkey::smallint[])[0:cardinality(f.conkey) - 1] = f.conkey)""",
        "alter table crews add x uuid references contacts (id)",
    ),
    Lint(
        "no_primary_key",
        f"""select c.name from ({RELATIONS}) as c
            where c.relkind in ('r', 'p') and not exists (
              select from pg_index as i where i.indrelid = c.oid and i.indisprimary)""",
        "create table x (id int)",
    ),
    Lint(
        "security_definer_view",
        f"select c.name from ({RELATIONS}) as c where c.relkind = 'v' and not c.invoker",
        "create view v as select id from contacts",
    ),
    Lint(
        "function_search_path_mutable",
        f"""select f.name from ({FUNCTIONS}) as f where not coalesce('search_path=""' = any(f.proconfig), false)""",
        "create function f() returns int language sql set search_path = public as 'select 1'",
    ),
    Lint(
        "security_definer_function_executable",
        f"""select f.name from ({FUNCTIONS}) as f
            where f.prosecdef and exists (
              select from unnest({PEOPLE}) as r (role) where has_function_privilege(r.role, f.oid, 'execute'))""",
        "create function f() returns int language sql security definer set search_path = '' as 'select 1'",
    ),
    Lint(
        "extension_in_public",
        """select extname from pg_extension where extnamespace = 'public'::regnamespace and extname <> 'plpgsql'""",
        "update pg_extension set extnamespace = 'public'::regnamespace, extname = 'x' where extname = 'plpgsql'",
    ),
    Lint(
        "materialized_view_or_foreign_table_in_api",
        f"select c.name from ({RELATIONS}) as c where c.relkind in ('m', 'f') and c.open",
        "create materialized view m as select 1 as one; grant select on m to anon",
    ),
    Lint(
        "anon_table_exposed",
        f"""select c.name from ({RELATIONS}) as c
            where c.relkind in ('r', 'v', 'm', 'f') and has_any_column_privilege('anon', c.oid, 'select')""",
        "grant select (first_name) on contacts to anon",
    ),
    Lint(
        "unsupported_reg_types",
        f"""select c.name || '.' || a.attname from ({RELATIONS}) as c
            join pg_attribute as a on a.attrelid = c.oid and not a.attisdropped
            where format_type(a.atttypid, null) in ('regcollation', 'regconfig', 'regdictionary', 'regnamespace',
              'regoper', 'regoperator', 'regproc', 'regprocedure')""",
        "alter table contacts add x regproc",
    ),
    Lint(
        "fkey_to_auth_unique",
        """select f.conrelid::regclass || ' ' || f.conname from pg_constraint as f
            join pg_class as c on c.oid = f.confrelid join pg_index as i on i.indexrelid = f.conindid
            where f.contype = 'f' and c.relnamespace = 'auth'::regnamespace and not i.indisprimary""",
        "alter table auth.users add unique (email); alter table profiles add x text references auth.users (email)",
    ),
)


def findings(connection: psycopg.Connection[tuple[Any, ...]], lints: tuple[Lint, ...] = LINTS) -> set[tuple[str, str]]:
    """(lint, what breaks it)."""
    return {(lint.name, row[0]) for lint in lints for row in connection.execute(lint.query.encode())}


def found_at(url: str) -> set[tuple[str, str]]:
    with psycopg.connect(url) as connection:
        return findings(connection)


def test_the_linter_has_nothing_to_say_on_an_empty_database(server_url: str) -> None:
    with migrated_database(server_url, "ours") as url:
        assert found_at(url) == set()


@pytest.mark.parametrize("on_production", [False, True], ids=["on-nothing", "on-production"])
@pytest.mark.parametrize("server", ["server_url", "postgres_15_url"], ids=["postgres-18", "postgres-15"])
def test_the_project_gives_the_linter_nothing_new_to_say_on_supabase(
    request: pytest.FixtureRequest, server: str, on_production: bool
) -> None:
    with supabase_like(request.getfixturevalue(server)) as supabase:
        if on_production:
            lay_production_schema(supabase.url, with_queue=True)
        before = found_at(supabase.url)
        run_migrations(supabase.url)

        assert found_at(supabase.url) - before == set()


@pytest.fixture(scope="module")
def planted_url(server_url: str) -> Iterator[str]:
    """A migrated database to plant faults in; tests roll back."""
    with migrated_database(server_url, "ours") as url:
        yield url


@pytest.mark.parametrize("lint", LINTS, ids=lambda lint: lint.name)
def test_each_lint_finds_what_it_looks_for(planted_url: str, lint: Lint) -> None:
    with psycopg.connect(planted_url) as connection, connection.transaction(force_rollback=True):
        connection.execute("set local search_path = public")
        connection.execute(lint.plant.encode())

        assert {name for name, _ in findings(connection, (lint,))} == {lint.name}
