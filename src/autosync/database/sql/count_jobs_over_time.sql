-- The jobs that were done from %(start)s until %(over)s, by steps of %(width)s: the step's begin, how many were
-- processed and skipped, and of the processed ones the median and the greatest lateness in seconds;
-- idx_job_queue_cleanup. A moment before all calendars counts from the year 2000.
select
  date_bin(%(width)s::interval, j.processed_at, %(start)s::timestamptz) as step,
  count(*) filter (where j.status = 'processed') as processed,
  count(*) filter (where j.status = 'skipped') as skipped,
  percentile_disc(0.5) within group (order by l.seconds) filter (where j.status = 'processed') as median,
  max(l.seconds) filter (where j.status = 'processed') as latest
from public.job_queue as j
cross join
  lateral (
    select
      extract(
        epoch from j.processed_at - greatest(least(j.scheduled_at, j.processed_at), '2000-01-01')
      )::float8 as seconds
  ) as l
where j.status in ('processed', 'skipped')
  and j.processed_at >= %(start)s::timestamptz and j.processed_at < %(over)s::timestamptz
group by 1
order by 1
