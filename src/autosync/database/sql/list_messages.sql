-- Up to %(limit)s texts, the newest first: of one sync (idx_auto_sync_messages_auto_sync_id), in one state (its partial
-- index, where it has one), of one type, or all. No more of a number than its last four digits.
select
  m.id,
  m.auto_sync_id,
  s.event_name,
  m.message_type,
  m.status,
  m.contact_id is null as to_organizer,
  case when m.contact_id is null then p.first_name else c.first_name end as first_name,
  case when m.contact_id is null then p.last_name else c.last_name end as last_name,
  right(
    regexp_replace(
      coalesce(m.phone_number, case when m.contact_id is null then p.phone_number else c.phone_number end),
      '\D', '', 'g'
    ), 4
  ) as ending,
  m.send_after,
  m.sent_at,
  m.status_reason
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
inner join public.profiles as p on p.id = s.organizer_id
left join public.contacts as c on c.id = m.contact_id
where (%(status)s::text is null or m.status = %(status)s::text)
  and (%(sync_id)s::uuid is null or m.auto_sync_id = %(sync_id)s::uuid)
  and (%(message_type)s::text is null or m.message_type = %(message_type)s::text)
order by coalesce(m.created_at, m.sent_at) desc nulls last, m.id
limit %(limit)s
