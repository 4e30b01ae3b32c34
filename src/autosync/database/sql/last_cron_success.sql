-- When pg_cron's job that wakes the processor last ended well, null if never; job_run_details_pkey, of which the newest
-- 5,000 runs are looked through.
select max(d.end_time) as ended_at
from (
  select
    n.jobid,
    n.status,
    n.end_time
  from cron.job_run_details as n
  order by n.runid desc
  limit 5000
) as d
inner join cron.job as j on j.jobid = d.jobid
where d.status = 'succeeded' and j.jobname = 'process-auto-sync-jobs' and j.database = current_database()
