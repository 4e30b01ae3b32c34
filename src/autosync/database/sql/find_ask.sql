-- The ask that a text from this number answers, if any: the most recent unresolved one of a sync that still accepts
-- answers, else the latest of such a sync, else the latest at all; idx_auto_sync_messages_phone_number,
-- idx_contacts_phone_number. A clarification repeats an ask: whoever answers it answers that one.
select
  case when m.message_type = 'clarification' then coalesce(m.cause_id, m.id) else m.id end as id,
  m.auto_sync_id,
  m.contact_id,
  s.status in ('running', 'paused') as is_open,
  s.status in ('running', 'paused') and not m.is_resolved as waits,
  coalesce(m.sent_at, m.claimed_at, m.created_at, to_timestamp(0)) as left_at
from public.auto_sync_messages as m
inner join public.auto_syncs as s on s.id = m.auto_sync_id
where m.id in (
    select t.id
    from public.auto_sync_messages as t
    where t.phone_number = %(phone_number)s
    union all
    select t.id
    from public.contacts as c
    inner join public.auto_sync_messages as t on t.contact_id = c.id
    where c.phone_number = %(phone_number)s and t.phone_number is null
  )
  and m.contact_id is not null
  and m.message_type in ('initial', 'reminder', 'clarification')
  and m.status in ('sending', 'sent', 'delivered', 'unknown')
order by waits desc, is_open desc, left_at desc, m.id
limit 1
