-- The tables that production already has, created where they are missing and left alone where they stand.
-- Later migrations only add to them. Their policies and grants come last, in 20261101000500.
--
-- No bigint for idx, which is 1 to 3.
-- squawk-ignore-file prefer-bigint-over-int

-- Types: created together with the table that needs them, so that production's own types are never doubled.

do $$
begin
  if to_regclass('public.auto_syncs') is null then
    create type public.auto_sync_status as enum (
      'running',    -- collects answers
      'paused',     -- waits for the organizer, still accepts answers
      'stopped',    -- ended without invites; final
      'completed'   -- invites were sent; final
    );
    create type public.auto_sync_response_goal as enum (
      'everyone',      -- met when every invitee has answered
      'critical_mass'  -- met when more than half of the invitees can make the same option
    );
  end if;
  if to_regclass('public.auto_sync_responses') is null then
    create type public.auto_sync_response_type as enum ('available', 'not_available');
  end if;
end
$$;

-- Tables

create table if not exists public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  first_name text,
  last_name text,
  phone_number text,
  preferred_timezone text
);

create table if not exists public.contacts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  first_name text,
  last_name text,
  phone_number text,
  email text
);

create table if not exists public.crews (
  id uuid primary key default gen_random_uuid(),
  creator_id uuid not null references public.profiles (id) on delete cascade,
  name text not null
);

create table if not exists public.crew_members (
  crew_id uuid not null references public.crews (id) on delete cascade,
  contact_id uuid not null references public.contacts (id) on delete cascade,
  primary key (crew_id, contact_id)
);

create table if not exists public.auto_syncs (
  id uuid primary key default gen_random_uuid(),
  organizer_id uuid not null references public.profiles (id) on delete cascade,
  crew_id uuid references public.crews (id) on delete set null,
  event_name text not null,
  event_location text,
  status public.auto_sync_status not null default 'running',
  response_goal public.auto_sync_response_goal not null default 'everyone',
  timezone text, -- an IANA name; missing means the organizer's preferred one
  calendar_connected boolean not null default false,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  paused_at timestamptz,
  completed_at timestamptz,
  stopped_at timestamptz,
  last_reminder_sent_at timestamptz,
  metadata jsonb not null default '{}'
);

create table if not exists public.auto_sync_options (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  idx integer not null check (idx between 1 and 3), -- the number that invitees answer with
  start_time timestamptz not null,
  end_time timestamptz, -- missing means that the option is over once it has begun
  timezone text,
  created_at timestamptz not null default now(),
  unique (auto_sync_id, idx)
);

create table if not exists public.auto_sync_responses (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  contact_id uuid not null references public.contacts (id) on delete cascade,
  option_ids uuid[] not null default '{}',
  response_type public.auto_sync_response_type not null,
  responded_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (auto_sync_id, contact_id) -- the last answer wins
);

create table if not exists public.auto_sync_messages (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  contact_id uuid references public.contacts (id) on delete cascade, -- missing: a text to the organizer
  message_type text not null,
  sent_at timestamptz default now(),
  is_resolved boolean not null default false -- an ask that has been answered
);

create table if not exists public.google_calendar_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users (id) on delete cascade,
  access_token text not null,
  refresh_token text,
  expires_at timestamptz,
  scope text
);

-- Indexes: every foreign key and every column that a policy filters on.

create index if not exists idx_contacts_user_id on public.contacts (user_id);
create index if not exists idx_crews_creator_id on public.crews (creator_id);
create index if not exists idx_crew_members_contact_id on public.crew_members (contact_id);
create index if not exists idx_auto_syncs_organizer_status on public.auto_syncs (organizer_id, status);
create index if not exists idx_auto_syncs_status on public.auto_syncs (status);
create index if not exists idx_auto_syncs_crew_id on public.auto_syncs (crew_id);
create index if not exists idx_auto_sync_responses_contact_id on public.auto_sync_responses (contact_id);
create index if not exists idx_auto_sync_messages_auto_sync_id on public.auto_sync_messages (auto_sync_id);
create index if not exists idx_auto_sync_messages_contact_id on public.auto_sync_messages (contact_id);

-- The rest is carried by keys of the tables above; production's own keys may not begin with these columns.
do $$
declare
  wanted record;
begin
  for wanted in
    select *
    from (
      values
        ('crew_members', 'crew_id'),
        ('auto_sync_options', 'auto_sync_id'),
        ('auto_sync_responses', 'auto_sync_id'),
        ('google_calendar_tokens', 'user_id')
    ) as w (table_name, column_name)
    where not exists (
      select from pg_catalog.pg_index as i
      inner join pg_catalog.pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indrelid = to_regclass(format('public.%I', w.table_name))
        and a.attname = w.column_name and i.indpred is null and i.indisvalid
    )
  loop
    execute format(
      'create index %I on public.%I (%I)',
      format('idx_%s_%s', wanted.table_name, wanted.column_name), wanted.table_name, wanted.column_name
    );
  end loop;
end
$$;
