-- How many attempts at jobs raised from %(start)s until %(over)s, by steps of %(width)s; idx_job_failures_failed_at.
select
  date_bin(%(width)s::interval, f.failed_at, %(start)s::timestamptz) as step,
  count(*) as raised
from public.job_failures as f
where f.failed_at >= %(start)s::timestamptz and f.failed_at < %(over)s::timestamptz
group by 1
order by 1
