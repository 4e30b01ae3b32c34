-- The sync in whose name its organizer is told something, of this id or else the latest, their number, and whether a
-- text for this cause is there already; primary keys, idx_auto_syncs_organizer_status. Nothing where there is no sync.
select
  s.id,
  p.phone_number,
  exists(
    select from public.auto_syncs as o
    inner join public.auto_sync_messages as m on m.auto_sync_id = o.id
    where o.organizer_id = p.id and m.contact_id is null and m.cause_id = %(cause_id)s
  ) as was_told
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
where s.organizer_id = %(organizer_id)s
order by s.id = %(sync_id)s desc, s.created_at desc
limit 1
