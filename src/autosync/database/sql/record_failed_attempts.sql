-- Keeps what went wrong, and schedules each job again or gives it up; job_queue_pkey.
with attempts as (
  select *
  from unnest(
      %(job_ids)s::uuid[],
      %(attempts)s::integer[],
      %(statuses)s::text[],
      %(pauses)s::interval[],
      %(errors)s::text[]
    ) as a (job_id, attempt, status, pause, error_message)
),

kept as (
  insert into public.job_failures (job_id, attempt, failed_at, scheduled_at, error_message, taken_by)
  select
    a.job_id,
    a.attempt,
    (select public.autosync_now()),
    j.scheduled_at,
    a.error_message,
    %(taken_by)s
  from attempts as a
  inner join public.job_queue as j on j.id = a.job_id and j.sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
)

update public.job_queue as j
set
  status = a.status,
  scheduled_at = case when a.status = 'pending' then (select public.autosync_now()) + a.pause else j.scheduled_at end,
  processed_at = case when a.status = 'pending' then null else (select public.autosync_now()) end,
  error_message = a.error_message
from attempts as a
where j.id = a.job_id and j.sync_id = any(array(select unnest(%(sync_ids)s::uuid[]))) and j.status = 'pending'
