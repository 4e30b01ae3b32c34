-- How many pending jobs are of an unknown type, counted to %(enough)s, and id and type of one; idx_job_queue_due. Where
-- a check on the type holds for every row there can be none, and none is looked for.
select
  count(*) as unknown,
  min(d.id::text) as example,
  min(d.job_type) as job_type
from (
  select
    j.id,
    j.job_type
  from public.job_queue as j
  where j.status = 'pending' and j.job_type not in ('reminder_24h', 'pause_check_48h', 'auto_end_check')
    and not exists (
      select from pg_catalog.pg_constraint as k
      inner join pg_catalog.pg_attribute as a on a.attrelid = k.conrelid and array[a.attnum] = k.conkey
      where k.conrelid = to_regclass('public.job_queue') and k.contype = 'c' and k.convalidated
        and a.attname = 'job_type' and k.conname = 'job_queue_job_type_check'
    )
  limit %(enough)s
) as d
