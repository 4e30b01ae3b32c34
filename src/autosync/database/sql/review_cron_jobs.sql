-- The jobs of pg_cron that bear the project's names or do the project's work, with whether each may, and status,
-- message and age of its last finished run; job_run_details_pkey, of which the newest 5,000 runs are looked through.
-- may_call: null while there is no such function. shows_key: its command has a key in plain sight.
select
  coalesce(j.jobname::text, 'number ' || j.jobid::text) as job_name,
  j.active,
  j.schedule,
  j.command,
  j.database,
  j.database = current_database() as is_here,
  j.username,
  case
    when f.oid is null then null
    when u.oid is null then false
    else pg_catalog.has_function_privilege(u.oid, f.oid, 'EXECUTE')
  end as may_call,
  j.command ~* 'bearer\s+[\w.-]{16,}|\meyJ[\w-]{8,}|apikey\W+[\w.-]{16,}' as shows_key,
  r.status,
  r.return_message,
  clock_timestamp() - r.start_time as age
from cron.job as j
left join pg_catalog.pg_roles as u on u.rolname = j.username
left join pg_catalog.pg_proc as f
  on f.oid = to_regprocedure(
      case
        when j.jobname = 'cleanup-auto-sync-jobs' or j.command ~ 'cleanup_auto_sync_jobs'
          then 'public.cleanup_auto_sync_jobs()'
        else 'public.process_auto_sync_jobs()'
      end
    )
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
  or j.command ~ 'process[-_]auto[-_]sync[-_]jobs|cleanup_auto_sync_jobs'
order by j.jobname, j.jobid
limit 20
