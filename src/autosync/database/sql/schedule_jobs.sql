-- Adds jobs; one that is pending already stays as it is, but that one of these syncs that stands earlier is moved;
-- idx_job_queue_one_pending.
insert into public.job_queue as j (id, sync_id, job_type, scheduled_at)
select
  n.id,
  n.sync_id,
  n.job_type,
  n.scheduled_at
from unnest(%(ids)s::uuid[], %(sync_ids)s::uuid[], %(job_types)s::text[], %(scheduled_at)s::timestamptz[])
    as n (id, sync_id, job_type, scheduled_at)
on conflict (sync_id, job_type) where status = 'pending' do update
  set scheduled_at = excluded.scheduled_at
  where j.scheduled_at < excluded.scheduled_at and j.sync_id = any(%(delayed_sync_ids)s::uuid[])
