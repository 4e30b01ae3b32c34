-- Who was asked in one sync, with names, latest answers and when these came; idx_auto_sync_messages_auto_sync_id.
-- can_make: as in load_invitees. Reads only what authenticated may read, so it does not use auto_sync_invitees.
select
  i.contact_id,
  c.first_name,
  c.last_name,
  case r.response_type
    when 'available' then array(select o.id from unnest(r.option_ids) as o (id) where o.id is not null)
    when 'not_available' then '{}'
  end as can_make,
  coalesce(r.updated_at, r.responded_at) as answered_at
from (
  select distinct m.contact_id
  from public.auto_sync_messages as m
  where m.auto_sync_id = %(sync_id)s
    and m.message_type = 'initial' and m.contact_id is not null and m.status not in ('failed', 'canceled')
) as i
left join public.contacts as c on c.id = i.contact_id
left join public.auto_sync_responses as r on r.auto_sync_id = %(sync_id)s and r.contact_id = i.contact_id
order by c.first_name, c.last_name, i.contact_id
