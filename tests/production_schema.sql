-- A production database as it stood before this project: tables, types, policies and rows of its own.
-- Laid over Supabase's schema auth, or its stand-in. The queue, where there is one, is in production_job_queue.sql.

-- Types, under production's own names

create type public.sync_status as enum ('running', 'paused', 'stopped', 'completed');
create type public.sync_goal as enum ('everyone', 'critical_mass');
create type public.availability as enum ('available', 'not_available');

-- Tables

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  first_name text,
  last_name text,
  phone_number text,
  preferred_timezone text default 'America/New_York',
  updated_at timestamptz
);

create table public.contacts (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references public.profiles (id) on delete cascade,
  first_name text not null,
  last_name text,
  phone_number text,
  email text
);

create table public.crews (
  id uuid primary key default gen_random_uuid(),
  creator_id uuid not null references public.profiles (id) on delete cascade,
  name text not null
);

create table public.crew_members (
  id uuid primary key default gen_random_uuid(),
  crew_id uuid not null references public.crews (id) on delete cascade,
  contact_id uuid not null references public.contacts (id) on delete cascade
);

create table public.auto_syncs (
  id uuid primary key default gen_random_uuid(),
  organizer_id uuid not null references public.profiles (id) on delete cascade,
  crew_id uuid references public.crews (id) on delete cascade,
  event_name text not null,
  event_location text,
  status public.sync_status not null default 'running',
  response_goal public.sync_goal not null default 'everyone',
  timezone text not null default 'America/New_York',
  calendar_connected boolean default false,
  created_at timestamptz not null default now(),
  started_at timestamptz default now(),
  paused_at timestamptz,
  completed_at timestamptz,
  stopped_at timestamptz,
  last_reminder_sent_at timestamptz,
  metadata jsonb default '{}'::jsonb
);

create table public.auto_sync_options (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  idx smallint not null check (idx >= 1 and idx <= 3),
  start_time timestamptz not null,
  end_time timestamptz,
  timezone text,
  created_at timestamptz default now()
);

create table public.auto_sync_responses (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  contact_id uuid not null references public.contacts (id) on delete cascade,
  option_ids uuid[] default '{}'::uuid[],
  response_type public.availability not null,
  responded_at timestamptz default now(),
  updated_at timestamptz default now(),
  constraint one_response_each unique (auto_sync_id, contact_id)
);

create table public.auto_sync_messages (
  id uuid primary key default gen_random_uuid(),
  auto_sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  contact_id uuid not null references public.contacts (id) on delete cascade,
  message_type text not null,
  sent_at timestamptz not null default now(),
  is_resolved boolean not null default false
);

create table public.google_calendar_tokens (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references auth.users (id) on delete cascade,
  access_token text not null,
  refresh_token text,
  expires_at timestamptz,
  scope text
);

create index idx_auto_syncs_organizer_status on public.auto_syncs (organizer_id, status);
create index idx_auto_syncs_status on public.auto_syncs (status);
create index idx_auto_syncs_crew_id on public.auto_syncs (crew_id);

-- Policies, under production's own names; the other tables have none yet.

alter table public.auto_syncs enable row level security;
create policy "Users can view their own auto syncs" on public.auto_syncs
for select using (auth.uid() = organizer_id);
create policy "Users can create their own auto syncs" on public.auto_syncs
for insert with check (auth.uid() = organizer_id);
create policy "Users can update their own auto syncs" on public.auto_syncs
for update using (auth.uid() = organizer_id);
create policy "Users can delete their own auto syncs" on public.auto_syncs
for delete using (auth.uid() = organizer_id);

alter table public.google_calendar_tokens enable row level security;
create policy "Users can view their own tokens" on public.google_calendar_tokens
for select using (auth.uid() = user_id);
create policy "Users can insert their own tokens" on public.google_calendar_tokens
for insert with check (auth.uid() = user_id);
create policy "Users can update their own tokens" on public.google_calendar_tokens
for update using (auth.uid() = user_id);

-- Rows: two organizers; the first one has a sync in each state, the second one a running sync without a crew.

insert into auth.users (id) values
('a0000000-0000-4000-8000-000000000001'), ('a0000000-0000-4000-8000-000000000002');

insert into public.profiles (id, first_name, last_name, phone_number, preferred_timezone) values
('a0000000-0000-4000-8000-000000000001', 'Nora', 'Quist', '+12125550151', 'America/New_York'),
('a0000000-0000-4000-8000-000000000002', 'Omar', null, null, null);

insert into public.contacts (id, user_id, first_name, last_name, phone_number, email) values
('c0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'Pia', 'Rossi', '+12125550161', null),
('c0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001', 'Raj', null, '+12125550162', 'raj@example.org'),
('c0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000002', 'Sue', 'Oh', null, null);

insert into public.crews (id, creator_id, name) values
('d0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001', 'Climbers');

insert into public.crew_members (crew_id, contact_id) values
('d0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001'),
('d0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000002');

insert into public.auto_syncs (id, organizer_id, crew_id, event_name, status, response_goal, started_at, metadata) values
(
  'e0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001',
  'd0000000-0000-4000-8000-000000000001', 'Climbing', 'running', 'everyone', now() - interval '20 hours', '{"a": 1}'
),
(
  'e0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001',
  'd0000000-0000-4000-8000-000000000001', 'Dinner', 'paused', 'critical_mass', now() - interval '50 hours', null
),
(
  'e0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000001',
  'd0000000-0000-4000-8000-000000000001', 'Cinema', 'completed', 'everyone', now() - interval '90 hours', '{}'
),
(
  'e0000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000001',
  null, 'Chess', 'stopped', 'everyone', null, '{}'
),
(
  'e0000000-0000-4000-8000-000000000005', 'a0000000-0000-4000-8000-000000000002',
  null, 'Running', 'running', 'everyone', now() - interval '1 hour', '{}'
);

insert into public.auto_sync_options (id, auto_sync_id, idx, start_time, end_time) values
(
  'f0000000-0000-4000-8000-000000000001', 'e0000000-0000-4000-8000-000000000001', 1,
  now() + interval '200 hours', now() + interval '202 hours'
),
(
  'f0000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000001', 2,
  now() + interval '220 hours', null
);

insert into public.auto_sync_messages (auto_sync_id, contact_id, message_type, sent_at, is_resolved) values
('e0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001', 'initial', now(), true),
('e0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000002', 'initial', now(), false);

insert into public.auto_sync_responses (auto_sync_id, contact_id, option_ids, response_type) values
(
  'e0000000-0000-4000-8000-000000000001', 'c0000000-0000-4000-8000-000000000001',
  '{f0000000-0000-4000-8000-000000000001}', 'available'
);

insert into public.google_calendar_tokens (user_id, access_token) values
('a0000000-0000-4000-8000-000000000001', 'ya29.production');
