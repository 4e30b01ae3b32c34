-- Up to %(limit)s due jobs behind %(at)s and %(id)s, or from the first, the most overdue first; idx_job_queue_due.
-- `at` is what they are in order of.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  j.id,
  j.sync_id,
  s.event_name,
  j.job_type,
  j.status,
  0 as attempts,
  j.error_message as reason,
  j.scheduled_at as at
from public.job_queue as j
inner join public.auto_syncs as s on s.id = j.sync_id
where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
  and (%(id)s::uuid is null or (j.scheduled_at, j.id) > (%(at)s::timestamptz, %(id)s::uuid))
order by j.scheduled_at, j.id
limit (select %(limit)s::bigint)
