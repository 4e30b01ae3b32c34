-- Adds jobs; one that is pending already stays, unless it stands earlier and its sync is among `delayed_sync_ids`: then
-- it is put off, and says why; idx_job_queue_one_pending.
insert into public.job_queue as j (id, sync_id, job_type, scheduled_at)
select
  n.id,
  n.sync_id,
  n.job_type,
  n.scheduled_at
from unnest(%(ids)s::uuid[], %(sync_ids)s::uuid[], %(job_types)s::text[], %(scheduled_at)s::timestamptz[])
    as n (id, sync_id, job_type, scheduled_at)
on conflict (sync_id, job_type) where status = 'pending' do update
  set
    scheduled_at = excluded.scheduled_at,
    error_message = 'A reminder that went out later put it off, so that everybody has the full time to answer.'
  where j.scheduled_at < excluded.scheduled_at and j.sync_id = any(%(delayed_sync_ids)s::uuid[])
