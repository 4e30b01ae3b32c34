-- How many of the first %(looked_through)s pending jobs belong to syncs that have ended, or would remind or pause one
-- that no longer runs, counted to %(enough)s, and one of them; idx_job_queue_due, auto_syncs_pkey.
select
  count(*) as jobs,
  min(d.id::text) as example
from (
  select j.id
  from (
    select
      q.id,
      q.sync_id,
      q.job_type
    from public.job_queue as q
    where q.status = 'pending'
    order by q.scheduled_at
    limit %(looked_through)s
  ) as j
  inner join public.auto_syncs as s on s.id = j.sync_id
  where s.status in ('stopped', 'completed') or (s.status = 'paused' and j.job_type <> 'auto_end_check')
  limit %(enough)s
) as d
