-- How many jobs are due; idx_job_queue_due.
select count(*)
from public.job_queue as j
where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
