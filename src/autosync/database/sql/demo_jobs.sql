-- The demo's jobs as they stand, by sync and schedule; reads a table of a few rows whole.
select
  j.id,
  j.sync_id,
  s.event_name,
  j.job_type,
  j.status,
  j.scheduled_at,
  j.error_message
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
order by s.created_at, j.scheduled_at, j.job_type
