-- How many jobs are due, counted to %(enough)s, and for how many seconds the oldest has been; idx_job_queue_due.
select
  count(*) as due,
  case
    when count(*) = 0 then 0
    else extract(epoch from public.autosync_now() - greatest(min(d.scheduled_at), '2000-01-01'))
  end::float8 as late
from (
  select j.scheduled_at
  from public.job_queue as j
  where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
  order by j.scheduled_at
  limit %(enough)s
) as d
