-- Up to %(limit)s pending jobs that have raised, behind %(at)s and %(id)s, or from the first, by when they last did so,
-- the latest first; idx_job_failures_failed_at, primary keys. `at` is what they are in order of.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  j.id,
  j.sync_id,
  s.event_name,
  j.job_type,
  j.status,
  f.attempt as attempts,
  f.error_message as reason,
  f.failed_at as at
from public.job_failures as f
inner join public.job_queue as j on j.id = f.job_id
inner join public.auto_syncs as s on s.id = j.sync_id
where j.status = 'pending'
  and not exists (select from public.job_failures as n where n.job_id = f.job_id and n.attempt > f.attempt)
  and (%(id)s::uuid is null or (f.failed_at, f.job_id) < (%(at)s::timestamptz, %(id)s::uuid))
order by f.failed_at desc, f.job_id desc
limit (select %(limit)s::bigint)
