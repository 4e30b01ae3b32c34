-- The demo's texts as they stand, by sync, type and time; reads a table of a few rows whole.
select
  m.id,
  m.message_type,
  coalesce(c.first_name, p.first_name) as recipient,
  m.status,
  m.status_reason,
  m.body,
  coalesce(m.sent_at, m.send_after, m.created_at) as at
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
order by s.created_at, m.created_at, m.message_type, m.contact_id is null, recipient
