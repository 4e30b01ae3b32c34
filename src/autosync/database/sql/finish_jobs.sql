-- Closes jobs with their outcome and reason; primary key.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch.
update public.job_queue as j
set status = d.status, processed_at = (select public.autosync_now()), error_message = d.reason
from unnest(%(job_ids)s::uuid[], %(statuses)s::text[], %(reasons)s::text[]) as d (id, status, reason)
where j.id = d.id and j.id = any(array(select unnest(%(job_ids)s::uuid[])))
  and j.status = 'pending'
