-- Production's queue from before this project: two types, four states, no guard against doubles; and its rows.

create table public.job_queue (
  id uuid primary key default gen_random_uuid(),
  sync_id uuid not null references public.auto_syncs (id) on delete cascade,
  job_type text not null check (job_type in ('reminder_24h', 'pause_check_48h')),
  scheduled_at timestamptz not null,
  status text default 'pending' check (status in ('pending', 'processing', 'processed', 'skipped')),
  created_at timestamptz default now(),
  processed_at timestamptz,
  error_message text,
  unique (sync_id, job_type, scheduled_at)
);

insert into public.job_queue (id, sync_id, job_type, scheduled_at, status, processed_at, error_message) values
-- The same reminder twice: the earlier one counts.
(
  'b0000000-0000-4000-8000-000000000001', 'e0000000-0000-4000-8000-000000000001',
  'reminder_24h', now() - interval '2 hours', 'pending', null, null
),
(
  'b0000000-0000-4000-8000-000000000002', 'e0000000-0000-4000-8000-000000000001',
  'reminder_24h', now() - interval '1 hour', 'pending', null, null
),
-- Taken by a client that crashed.
(
  'b0000000-0000-4000-8000-000000000003', 'e0000000-0000-4000-8000-000000000005',
  'reminder_24h', now() - interval '3 hours', 'processing', null, null
),
(
  'b0000000-0000-4000-8000-000000000004', 'e0000000-0000-4000-8000-000000000003',
  'reminder_24h', now() - interval '66 hours', 'processed', now() - interval '66 hours', null
),
(
  'b0000000-0000-4000-8000-000000000005', 'e0000000-0000-4000-8000-000000000003',
  'pause_check_48h', now() - interval '42 hours', 'skipped', now() - interval '42 hours', 'not running'
);
