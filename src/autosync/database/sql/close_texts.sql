-- Closes queued texts that will not leave, as canceled or failed, with the reason; primary key.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
update public.auto_sync_messages as m
set status = d.status, status_reason = d.reason
from unnest(%(message_ids)s::uuid[], %(statuses)s::text[], %(reasons)s::text[]) as d (id, status, reason)
where m.id = d.id and m.id = any(array(select unnest(%(message_ids)s::uuid[])))
  and m.auto_sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
  and m.status = 'queued'
