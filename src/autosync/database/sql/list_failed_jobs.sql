-- Every failed job with its sync, of one type or any (null), the latest first; idx_job_queue_failed.
select
  j.id,
  j.sync_id
from public.job_queue as j
where j.status = 'failed' and (%(job_type)s::text is null or j.job_type = %(job_type)s::text)
order by j.scheduled_at desc, j.id
