-- The project's jobs in pg_cron with whether each is active, and status, message and age in seconds of its last
-- finished run; job_run_details_pkey, of which the newest 5,000 runs are looked through.
select
  j.jobname::text as job_name,
  j.active,
  j.schedule,
  r.status,
  r.return_message,
  extract(epoch from clock_timestamp() - r.start_time)::float8 as seconds
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
where j.jobname in ('process-auto-sync-jobs', 'cleanup-auto-sync-jobs')
order by j.jobname
