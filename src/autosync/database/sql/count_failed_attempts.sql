-- How often each of these jobs has failed, if ever; job_failures_pkey.
select
  f.job_id,
  max(f.attempt) as attempts
from public.job_failures as f
where f.job_id = any(%(job_ids)s::uuid[])
group by f.job_id
