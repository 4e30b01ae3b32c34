-- Who is at work: each worker says every ten seconds that it lives and when it last had something in hand.
-- Nothing depends on it but what operators are shown; a worker that cannot say so goes on working.

-- Tables

-- A handful of rows, one for each start of a worker: no index but the key, so that a sign of life touches none.
create table public.auto_sync_workers (
  id uuid primary key, -- another one each time a worker starts
  name text not null, -- host:process
  version text not null,
  does text not null, -- the names of its loops
  started_at timestamptz not null default now(), -- all times on the server's own clock, which no demo moves
  seen_at timestamptz not null default now(),
  turned_at timestamptz not null default now(), -- when its claim loop last came to an end without an error
  last_claimed_at timestamptz, -- when it last had a job or a text in hand; missing: not yet
  stopped_at timestamptz, -- when it said that it stops; missing: it runs, or died
  check (length(name) <= 400 and length(version) <= 100 and length(does) <= 400)
);

-- Policies: the service's alone.

alter table public.auto_sync_workers enable row level security;
revoke all on public.auto_sync_workers from anon, authenticated;
grant select, insert, update, delete on public.auto_sync_workers to service_role;
create policy auto_sync_workers_service on public.auto_sync_workers
for all to service_role using (true) with check (true);
