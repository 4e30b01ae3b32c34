-- The jobs of one sync in the order of their schedule; job_queue_sync_id_job_type_scheduled_at_key.
select
  j.id,
  j.job_type,
  j.status,
  j.scheduled_at,
  j.processed_at,
  j.error_message
from public.job_queue as j
where j.sync_id = %(sync_id)s
order by j.scheduled_at, j.id
