-- How many jobs another client took and has not finished %(patience)s after they were due, counted to %(enough)s, and
-- one of them; idx_job_queue_processing.
select
  count(*) as stuck,
  min(d.id::text) as example
from (
  select j.id
  from public.job_queue as j
  where j.status = 'processing' and j.scheduled_at < (select public.autosync_now()) - %(patience)s::interval
  order by j.scheduled_at
  limit %(enough)s
) as d
