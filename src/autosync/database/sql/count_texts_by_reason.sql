-- The texts of one sync counted by type, state and reason, with the earliest and the latest moment that tells of them;
-- idx_auto_sync_messages_auto_sync_id.
select
  m.message_type,
  m.status,
  m.status_reason,
  m.error_code,
  count(*) as texts,
  min(coalesce(m.sent_at, m.created_at)) as first_at,
  max(coalesce(m.sent_at, m.created_at)) as last_at,
  min(m.send_after) as next_at
from public.auto_sync_messages as m
where m.auto_sync_id = %(sync_id)s
group by m.message_type, m.status, m.status_reason, m.error_code
order by min(m.created_at), m.message_type, m.status
