-- Holds queued texts back until a moment each, with the reason; primary key.
-- Named twice, as an array made on the spot, so that no plan reads the whole table for a batch; the syncs are
-- what the tables can be distributed by.
update public.auto_sync_messages as m
set send_after = d.send_after, turn_at = null, status_reason = d.reason
from unnest(%(message_ids)s::uuid[], %(send_after)s::timestamptz[], %(reasons)s::text[]) as d (id, send_after, reason)
where m.id = d.id and m.id = any(array(select unnest(%(message_ids)s::uuid[])))
  and m.auto_sync_id = any(array(select unnest(%(sync_ids)s::uuid[])))
  and m.status = 'queued'
