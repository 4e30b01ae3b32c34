-- The queue: one row for one thing to do to a sync at a time.
--
-- No bigint for attempts, which end at five. Checks are validated in this same transaction, so that the queue is never
-- without them; it is cleaned up every three days, and reading it whole takes milliseconds.
-- squawk-ignore-file prefer-bigint-over-int, constraint-missing-not-valid

-- Tables

create table if not exists public.job_queue (
  id uuid primary key default gen_random_uuid(),
  sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  job_type text not null check (job_type in ('reminder_24h', 'pause_check_48h')),
  scheduled_at timestamptz not null,
  status text default 'pending' check (status in ('pending', 'processing', 'processed', 'skipped')),
  created_at timestamptz default now(),
  processed_at timestamptz,
  error_message text, -- why it was skipped, or what went wrong
  unique (sync_id, job_type, scheduled_at) -- also carries the look-ups by sync
);

-- Production's queue, where one stands, knew two types and four states. Both checks are replaced by wider ones:
--   auto_end_check ends a sync once the latest of its options is over,
--   failed is a job that raised five times: it stays, visible, until somebody runs it again.
do $$
declare
  narrow record;
begin
  for narrow in
    select c.conname
    from pg_catalog.pg_constraint as c
    where c.conrelid = 'public.job_queue'::regclass
      and c.contype = 'c'
      and c.conkey <@ array(
        select a.attnum from pg_catalog.pg_attribute as a
        where a.attrelid = c.conrelid and a.attname in ('job_type', 'status')
      )
  loop
    execute format('alter table public.job_queue drop constraint %I', narrow.conname);
  end loop;
end
$$;

alter table public.job_queue
add constraint job_queue_job_type_check
check (job_type in ('reminder_24h', 'pause_check_48h', 'auto_end_check')) not valid;
alter table public.job_queue
add constraint job_queue_status_check
check (status in ('pending', 'processing', 'processed', 'skipped', 'failed')) not valid;
alter table public.job_queue validate constraint job_queue_job_type_check;
alter table public.job_queue validate constraint job_queue_status_check;

-- A failed attempt each: what went wrong, and how often, outside the queue's own columns.
create table public.job_failures (
  job_id uuid not null references public.job_queue (id) on delete cascade,
  attempt integer not null check (attempt > 0),
  failed_at timestamptz not null,
  scheduled_at timestamptz not null, -- when this attempt was due; a retry moves the job's own
  error_message text not null,
  primary key (job_id, attempt)
);

-- Indexes

-- A queue from before this guard may hold doubles: the earliest of each stays.
update public.job_queue as j
set status = 'skipped', processed_at = now(), error_message = 'Another pending job of this type was due earlier.'
from (
  select
    q.id,
    row_number() over (partition by q.sync_id, q.job_type order by q.scheduled_at, q.id) as place
  from public.job_queue as q
  where q.status = 'pending'
) as doubled
where j.id = doubled.id and doubled.place > 1;

-- At most one pending job per sync and type: this is the guard, not application code.
create unique index if not exists idx_job_queue_one_pending
on public.job_queue (sync_id, job_type) where status = 'pending';
-- The fetch of due jobs.
create index if not exists idx_job_queue_due on public.job_queue (scheduled_at) where status = 'pending';
-- The cleanup of what is done.
create index if not exists idx_job_queue_cleanup
on public.job_queue (processed_at) where status in ('processed', 'skipped');
-- Rows that another client took and never finished.
create index if not exists idx_job_queue_processing on public.job_queue (scheduled_at) where status = 'processing';
-- What an operator has to look at.
create index if not exists idx_job_queue_failed on public.job_queue (scheduled_at) where status = 'failed';
