-- How many jobs there are by type and state: due, waiting, processing, failed, and what was processed or skipped within
-- the last hour, each status counted to %(enough)s; idx_job_queue_due, _processing, _failed, _cleanup.
-- The limit hides in a sub-select, see claim_due_jobs.
select
  d.job_type,
  d.state,
  count(*) as jobs
from (
  (
    select
      j.job_type,
      case when j.scheduled_at <= (select public.autosync_now()) then 'due' else 'waiting' end as state
    from public.job_queue as j
    where j.status = 'pending'
    order by j.scheduled_at
    limit (select %(enough)s::bigint)
  )
  union all
  (
    select
      j.job_type,
      'processing' as state
    from public.job_queue as j
    where j.status = 'processing'
    order by j.scheduled_at
    limit (select %(enough)s::bigint)
  )
  union all
  (
    select
      j.job_type,
      'failed' as state
    from public.job_queue as j
    where j.status = 'failed'
    order by j.scheduled_at desc
    limit (select %(enough)s::bigint)
  )
  union all
  (
    select
      j.job_type,
      j.status as state
    from public.job_queue as j
    where j.status in ('processed', 'skipped') and j.processed_at > (select public.autosync_now()) - interval '1 hour'
    order by j.processed_at desc
    limit (select %(enough)s::bigint)
  )
) as d
group by d.job_type, d.state
order by d.job_type, d.state
