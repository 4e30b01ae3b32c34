-- Gives texts that may still leave other words. Without any, one that is queued is canceled for the reason beside; what the
-- gateway may have is not sent again, see record_results, and is doubted, as it may have left in its former words;
-- primary key.
update public.auto_sync_messages as m
set
  body = d.body,
  status = case when d.body is null and m.status = 'queued' then 'canceled' else m.status end,
  status_reason = case when d.body is null and m.status = 'queued' then d.reason else m.status_reason end,
  doubted_at = case when m.status = 'queued' then m.doubted_at else coalesce(m.doubted_at, m.claimed_at) end
from unnest(%(message_ids)s::uuid[], %(bodies)s::text[], %(reasons)s::text[]) as d (id, body, reason)
where m.id = d.id and m.status in ('queued', 'sending', 'unknown')
