-- For each of these numbers the ask that a text from it answers, if any: the most recent unresolved one of a sync that still
-- accepts answers, else the latest of such a sync, else the latest at all; idx_auto_sync_messages_phone_number,
-- idx_contacts_phone_number, idx_auto_sync_messages_contact_id. A clarification repeats an ask: whoever answers it answers
-- that one. An offset keeps each look-up from becoming a scan of its table where statistics are old or missing.
select
  w.phone_number,
  a.*
from unnest(%(phone_numbers)s::text[]) as w (phone_number)
cross join
  lateral (
    select
      case when m.message_type = 'clarification' then coalesce(m.cause_id, m.id) else m.id end as id,
      m.auto_sync_id,
      m.contact_id,
      s.is_open,
      s.is_open and not m.is_resolved as waits,
      coalesce(m.sent_at, m.claimed_at, m.created_at, to_timestamp(0)) as left_at
    from (
      select t.*
      from public.auto_sync_messages as t
      where t.phone_number = w.phone_number
      union all
      select t.*
      from (
        select id
        from public.contacts
        where phone_number = w.phone_number
        offset 0
      ) as c
      cross join
        lateral (
          select *
          from public.auto_sync_messages
          where contact_id = c.id and phone_number is null
          offset 0
        ) as t
    ) as m
    cross join
      lateral (
        select status in ('running', 'paused') as is_open
        from public.auto_syncs
        where id = m.auto_sync_id
        offset 0
      ) as s
    where m.contact_id is not null
      and m.message_type in ('initial', 'reminder', 'clarification')
      and m.status in ('sending', 'sent', 'delivered', 'unknown')
    order by waits desc, s.is_open desc, left_at desc, m.id
    limit 1
  ) as a
