-- The newest question of these types of a sync that its organizer has not settled, whether it has left or is about to;
-- idx_auto_sync_messages_auto_sync_id.
select m.id
from public.auto_sync_messages as m
where m.auto_sync_id = %(sync_id)s
  and m.contact_id is null
  and not m.is_resolved
  and m.message_type = any(%(types)s::text[])
  and m.status not in ('failed', 'canceled')
order by coalesce(m.created_at, m.sent_at) desc nulls last, m.id
limit 1
