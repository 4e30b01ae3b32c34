-- How many pending jobs have raised before, counted to %(enough)s, with id and error of the one that did so last;
-- job_failures is small: a job that is done takes its failures with it.
select
  count(*) as retried,
  (array_agg(d.id::text order by d.failed_at desc))[1] as example,
  (array_agg(d.error_message order by d.failed_at desc))[1] as error
from (
  select distinct on (j.id)
    j.id,
    f.failed_at,
    f.error_message
  from public.job_failures as f
  inner join public.job_queue as j on j.id = f.job_id
  where j.status = 'pending'
  order by j.id asc, f.attempt desc
  limit %(enough)s
) as d
