-- The texts of one sync in the order in which they came about; idx_auto_sync_messages_auto_sync_id.
select
  m.id,
  m.message_type,
  m.contact_id,
  c.first_name,
  c.last_name,
  m.status,
  coalesce(m.sent_at, m.send_after, m.created_at) as at,
  m.status_reason,
  m.body
from public.auto_sync_messages as m
left join public.contacts as c on c.id = m.contact_id
where m.auto_sync_id = %(sync_id)s
order by m.created_at, m.message_type, c.first_name, c.last_name, m.id
