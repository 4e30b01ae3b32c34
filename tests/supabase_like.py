"""A database as Supabase hands it out: whoever migrates it is no superuser, and schema auth is somebody else's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from factories import lay_production_schema, lay_stand_in, run_migrations

SORTS = ("ours", "production", "supabase")
"""Laid by the migrations alone; over production's own tables and policies; as Supabase's role postgres."""

# What Supabase has and the stand-in only resembles: `{owner}` is Supabase's role postgres, `{auth}` its
# supabase_auth_admin. New tables and functions are open to the API roles by default, so a migration has to shut them.
LAY = """
    alter schema auth owner to {auth};
    alter table auth.users owner to {auth};
    alter function auth.uid() owner to {auth};
    alter function auth.jwt() owner to {auth};
    alter function auth.role() owner to {auth};
    create or replace function auth.uid() returns uuid language sql stable as $$
      select coalesce(
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
      )::uuid
    $$;
    grant usage on schema auth to {owner};
    grant select, insert, update, delete, references, trigger on auth.users to {owner};
    create schema extensions authorization {owner};
    grant usage on schema extensions to anon, authenticated, service_role;
    alter default privileges for role {owner} in schema public
      grant all on tables to anon, authenticated, service_role;
    alter default privileges for role {owner} in schema public
      grant all on functions to anon, authenticated, service_role;
    alter default privileges for role {owner} in schema public
      grant all on sequences to anon, authenticated, service_role;
"""


@dataclass(frozen=True, slots=True)
class SupabaseLike:
    """`url`: as who migrates it; `superuser_url`: as nobody can on Supabase."""

    url: str
    superuser_url: str


@contextmanager
def supabase_like(server_url: str) -> Iterator[SupabaseLike]:
    """An empty database with roles of its own, gone at the end."""
    name = f"supabase_{uuid4().hex}"
    owner, auth = (sql.Identifier(f"{name}_{role}") for role in ("owner", "auth"))
    superuser_url = make_conninfo(server_url, dbname=name)
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create role {} login createrole createdb bypassrls").format(owner))
        admin.execute(sql.SQL("create role {} nologin").format(auth))
        admin.execute(sql.SQL("create database {} owner {} template template0").format(sql.Identifier(name), owner))
        lay_stand_in(superuser_url)
        with psycopg.connect(superuser_url) as connection:
            connection.execute(sql.SQL(LAY).format(owner=owner, auth=auth))
            connection.execute(sql.SQL("grant anon, authenticated, service_role to {} with admin option").format(owner))
        yield SupabaseLike(make_conninfo(superuser_url, user=f"{name}_owner"), superuser_url)
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
        admin.execute(sql.SQL("drop role {}, {}").format(owner, auth))


@contextmanager
def migrated_database(server_url: str, sort: str) -> Iterator[str]:
    """A superuser's address of a migrated database of one of SORTS, gone at the end."""
    if sort == "supabase":
        with supabase_like(server_url) as made:
            run_migrations(made.url)
            yield made.superuser_url
        return
    name = f"{sort}_{uuid4().hex}"
    with psycopg.connect(server_url, autocommit=True) as admin:
        admin.execute(sql.SQL("create database {} template template0").format(sql.Identifier(name)))
        url = make_conninfo(server_url, dbname=name)
        lay_stand_in(url)
        if sort == "production":
            lay_production_schema(url, with_queue=True)
        run_migrations(url)
        yield url
        admin.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))
