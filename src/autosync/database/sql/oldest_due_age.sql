-- How long ago the oldest due job was due, null if none is; idx_job_queue_due.
select public.autosync_now() - min(j.scheduled_at) as age
from public.job_queue as j
where j.status = 'pending' and j.scheduled_at <= (select public.autosync_now())
