-- How many jobs have no status, which the column allows, counted to %(enough)s; reads job_queue once.
select count(*) as jobs
from (
  select j.id
  from public.job_queue as j
  where j.status is null
  limit %(enough)s
) as d
