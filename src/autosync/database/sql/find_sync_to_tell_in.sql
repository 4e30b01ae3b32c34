-- The sync in whose name its organizer is told of their calendar, one whose event is on its way or else the latest, and
-- their number; primary keys, idx_auto_syncs_organizer_status. Nothing where there is no sync.
select
  s.id,
  p.phone_number
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
left join public.auto_sync_events as e
  on e.sync_id = s.id and e.delivery in ('queued', 'sending', 'unknown')
where s.organizer_id = %(user_id)s
order by e.sync_id is null, s.created_at desc
limit 1
