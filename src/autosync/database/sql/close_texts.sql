-- Closes queued texts that will not leave, as canceled or failed, with the reason; primary key.
update public.auto_sync_messages as m
set status = d.status, status_reason = d.reason
from unnest(%(message_ids)s::uuid[], %(statuses)s::text[], %(reasons)s::text[]) as d (id, status, reason)
where m.id = d.id and m.status = 'queued'
