-- The invitees of these syncs with their names and latest answers; idx_auto_sync_messages_auto_sync_id.
-- can_make: the options somebody can make; empty if none of them; null if there is no answer yet.
select
  i.auto_sync_id,
  i.contact_id,
  c.first_name,
  c.last_name,
  case when r.response_type = 'not_available' then '{}' else r.option_ids end as can_make
from public.auto_sync_invitees as i
inner join public.contacts as c on c.id = i.contact_id
left join public.auto_sync_responses as r on r.auto_sync_id = i.auto_sync_id and r.contact_id = i.contact_id
where i.auto_sync_id = any(%(sync_ids)s::uuid[])
order by i.auto_sync_id, c.first_name, c.last_name, i.contact_id
