-- The jobs of pg_cron by these names in this database that the role may see, each with its last finished run: status,
-- message, and how long ago it began; job_run_details_pkey, of which the newest 5,000 runs are looked through.
select
  j.jobid,
  j.jobname::text as job_name,
  j.schedule,
  j.command,
  j.active,
  j.username = current_user as is_own,
  r.status,
  r.return_message,
  clock_timestamp() - r.start_time as age
from cron.job as j
left join lateral (
  select
    d.status,
    d.return_message,
    d.start_time
  from (
    select *
    from cron.job_run_details as n
    order by n.runid desc
    limit 5000
  ) as d
  where d.jobid = j.jobid and d.status in ('succeeded', 'failed')
  order by d.runid desc
  limit 1
) as r on true
where j.database = current_database() and j.jobname = any(%(names)s::text[])
order by j.jobname desc, j.jobid
