-- What Supabase brings and a plain PostgreSQL lacks, as far as the migrations and policies need it. Laid before the
-- migrations, only where schema auth is missing. Needs the right to create roles.

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (
      values ('anon', ''), ('authenticated', ''), ('service_role', 'bypassrls')
    ) as r (name, attributes)
    where not exists (select from pg_catalog.pg_roles as p where p.rolname = r.name)
  loop
    begin
      execute format('create role %I nologin noinherit %s', wanted.name, wanted.attributes);
    exception
      -- Roles belong to the whole server: another session, in another database, has made it just now.
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

create schema auth;

create table auth.users (
  id uuid primary key default gen_random_uuid(),
  email text,
  phone text,
  created_at timestamptz not null default now()
);

create function auth.jwt() returns jsonb
language sql stable
set search_path = ''
as $$ select coalesce(nullif(current_setting('request.jwt.claims', true), ''), '{}')::jsonb $$;

create function auth.uid() returns uuid
language sql stable
set search_path = ''
as $$ select (auth.jwt() ->> 'sub')::uuid $$;

create function auth.role() returns text
language sql stable
set search_path = ''
as $$ select auth.jwt() ->> 'role' $$;

grant usage on schema public, auth to anon, authenticated, service_role;

-- As generous as Supabase's own defaults, so that a migration which forgets to revoke something shows it here too.
alter default privileges in schema public grant all on tables to anon, authenticated, service_role;
alter default privileges in schema public grant all on functions to anon, authenticated, service_role;
alter default privileges in schema public grant all on sequences to anon, authenticated, service_role;
