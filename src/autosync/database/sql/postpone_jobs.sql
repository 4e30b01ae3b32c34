-- Schedules pending jobs again; primary key.
update public.job_queue as j
set scheduled_at = d.scheduled_at
from unnest(%(job_ids)s::uuid[], %(scheduled_at)s::timestamptz[]) as d (id, scheduled_at)
where j.id = d.id and j.status = 'pending'
