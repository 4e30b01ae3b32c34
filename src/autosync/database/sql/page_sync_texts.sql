-- Up to %(limit)s texts of one sync without the first %(skip)s, the newest first, in one state or any;
-- idx_auto_sync_messages_auto_sync_id.
select
  m.id,
  m.message_type,
  m.contact_id is null as is_to_organizer,
  c.first_name,
  c.last_name,
  m.status,
  m.send_after,
  coalesce(m.sent_at, m.created_at) as at,
  m.status_reason,
  left(m.body, 2000) as body
from public.auto_sync_messages as m
left join public.contacts as c on c.id = m.contact_id
where m.auto_sync_id = %(sync_id)s
  and (%(status)s::text is null or m.status = %(status)s::text)
order by coalesce(m.created_at, m.sent_at) desc, m.message_type, c.first_name, c.last_name, m.id
limit %(limit)s offset %(skip)s
