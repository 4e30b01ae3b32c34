-- Schedules pending jobs again; primary key, or idx_job_queue_one_pending.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
update public.job_queue as j
set scheduled_at = d.scheduled_at
from unnest(%(job_ids)s::uuid[], %(scheduled_at)s::timestamptz[]) as d (id, scheduled_at)
where j.id = d.id and j.id = any(array(select unnest(%(job_ids)s::uuid[])))
  and j.sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
  and j.status = 'pending'
