-- How long ago the oldest due job was due, no row if none is; idx_job_queue_due. One that another client has put before all
-- calendars counts from the edge of what one holds: PostgreSQL before 17 cannot subtract infinity.
select public.autosync_now() - greatest(timestamptz '0010-01-01 00:00Z', j.scheduled_at) as age
from public.job_queue as j
where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
order by j.scheduled_at
limit 1
