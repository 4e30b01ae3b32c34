-- Whom a text asked or invited, what they answered, which option was chosen, and how its event stands; primary keys, and
-- one answer at most.
-- can_make: as in load_invitees. Nothing for a text that only another client knows, or whose contact is gone.
select
  m.id,
  m.auto_sync_id,
  m.contact_id,
  c.first_name,
  left(c.phone_number, 60) as phone_number,
  case r.response_type
    when 'available' then array(select o.id from unnest(r.option_ids) as o (id) where o.id is not null)
    when 'not_available' then '{}'
  end as can_make,
  coalesce(e.option_id::text, left(s.metadata ->> 'chosen_option_id', 60)) as chosen_option_id,
  e.status as event_status,
  e.sequence
from public.auto_sync_messages as m
inner join public.contacts as c on c.id = m.contact_id
inner join public.auto_syncs as s on s.id = m.auto_sync_id
left join public.auto_sync_responses as r on r.auto_sync_id = m.auto_sync_id and r.contact_id = m.contact_id
left join public.auto_sync_events as e on e.sync_id = m.auto_sync_id
where m.id = %(message_id)s and m.message_type in ('initial', 'reminder', 'invite', 'clarification')
