-- Signing in to the pages: codes and links that open one session each, within minutes, and the sessions.
-- What is presented is kept as a hash only, so that a copy of the database opens nothing. The times are the real
-- clock's, also where the demo's clock has been moved ahead.

-- Tables

create table public.auto_sync_sign_ins (
  id uuid primary key default gen_random_uuid(),
  organizer_id uuid references public.profiles (id) on delete cascade, -- missing: no organizer has the number
  number_hash bytea, -- autosync_number_hash() of the number that asked for a code; missing: a link
  secret_hash bytea not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  tries bigint not null default 0, -- wrong codes
  used_at timestamptz, -- what opened a session opens no other
  check (organizer_id is not null or number_hash is not null)
);

create table public.auto_sync_sessions (
  token_hash bytea primary key,
  role text not null,
  organizer_id uuid references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  check (role in ('organizer', 'operator')),
  check ((role = 'organizer') = (organizer_id is not null)) -- an operator is nobody's organizer
);

-- Indexes

create index idx_auto_sync_sign_ins_number on public.auto_sync_sign_ins (number_hash, created_at);
create unique index idx_auto_sync_sign_ins_secret on public.auto_sync_sign_ins (secret_hash);
create index idx_auto_sync_sign_ins_organizer_id on public.auto_sync_sign_ins (organizer_id);
create index idx_auto_sync_sign_ins_created_at on public.auto_sync_sign_ins (created_at);
create index idx_auto_sync_sessions_organizer_id on public.auto_sync_sessions (organizer_id);
create index idx_auto_sync_sessions_expires_at on public.auto_sync_sessions (expires_at);

-- Policies: the service's alone.

alter table public.auto_sync_sign_ins enable row level security;
alter table public.auto_sync_sessions enable row level security;
revoke all on public.auto_sync_sign_ins, public.auto_sync_sessions from anon, authenticated;
grant select, insert, update, delete on public.auto_sync_sign_ins, public.auto_sync_sessions to service_role;
create policy auto_sync_sign_ins_service on public.auto_sync_sign_ins
for all to service_role using (true) with check (true);
create policy auto_sync_sessions_service on public.auto_sync_sessions
for all to service_role using (true) with check (true);
