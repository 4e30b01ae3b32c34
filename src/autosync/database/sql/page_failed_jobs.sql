-- Up to %(limit)s failed jobs behind %(at)s and %(id)s, or from the first, the latest first, with how often each raised;
-- idx_job_queue_failed, job_failures_pkey. `at` is what they are in order of.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  j.id,
  j.sync_id,
  s.event_name,
  j.job_type,
  j.status,
  (select coalesce(max(f.attempt), 0) from public.job_failures as f where f.job_id = j.id) as attempts,
  j.error_message as reason,
  j.scheduled_at as at
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
where j.status = 'failed'
  and (%(id)s::uuid is null or (j.scheduled_at, j.id) < (%(at)s::timestamptz, %(id)s::uuid))
order by j.scheduled_at desc, j.id desc
limit (select %(limit)s::bigint)
