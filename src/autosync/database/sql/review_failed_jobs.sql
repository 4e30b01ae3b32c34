-- How many jobs have failed for good, counted to %(enough)s, with id and error of the newest; idx_job_queue_failed.
select
  count(*) as failed,
  (array_agg(d.id::text order by d.scheduled_at desc))[1] as example,
  (array_agg(coalesce(d.error_message, '') order by d.scheduled_at desc))[1] as error
from (
  select
    j.id,
    j.scheduled_at,
    j.error_message
  from public.job_queue as j
  where j.status = 'failed'
  order by j.scheduled_at desc
  limit %(enough)s
) as d
