-- The question to an organizer that a text from this number answers, if any: the most recent one that waits, else the
-- most recent at all; idx_auto_sync_messages_phone_number, and for texts of other clients, which keep no number,
-- idx_auto_syncs_organizer_status.
select
  m.id,
  m.message_type,
  m.auto_sync_id,
  s.status = 'paused' and not m.is_resolved as waits,
  coalesce(m.sent_at, m.claimed_at, m.created_at, to_timestamp(0)) as left_at
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
where m.id in (
    select t.id
    from public.auto_sync_messages as t
    where t.phone_number = %(phone_number)s
    union all
    select t.id
    from public.auto_syncs as o
    inner join public.auto_sync_messages as t on t.auto_sync_id = o.id
    where o.organizer_id = any(%(organizer_ids)s::uuid[]) and o.status = 'paused' and t.phone_number is null
  )
  and s.organizer_id = any(%(organizer_ids)s::uuid[])
  and m.contact_id is null
  and m.message_type = any(%(types)s::text[])
  and m.status in ('sending', 'sent', 'delivered', 'unknown')
order by waits desc, left_at desc, m.id
limit 1
