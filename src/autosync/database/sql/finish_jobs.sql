-- Closes jobs with their outcome and reason; primary key, or idx_job_queue_one_pending.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
update public.job_queue as j
set status = d.status, processed_at = (select public.autosync_now()), error_message = d.reason
from unnest(%(job_ids)s::uuid[], %(statuses)s::text[], %(reasons)s::text[]) as d (id, status, reason)
where j.id = d.id and j.id = any(array(select unnest(%(job_ids)s::uuid[])))
  and j.sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
  and j.status = 'pending'
