-- Every pause with its organizer's name, the oldest first; a handful of rows.
select
  s.organizer_id,
  p.first_name,
  p.last_name,
  s.paused_at,
  s.paused_by,
  s.reason
from public.auto_sync_sending_pauses as s
left join public.profiles as p on p.id = s.organizer_id
order by s.paused_at, s.id
