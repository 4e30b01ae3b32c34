-- What the rules need to know of these syncs, without options and invitees; primary key.
select
  s.id,
  s.status::text as sync_status,
  left(s.event_name, 400) as event_name,
  left(s.event_location, 400) as event_location,
  coalesce(nullif(s.timezone, ''), nullif(p.preferred_timezone, ''), 'UTC') as timezone,
  s.response_goal::text as response_goal,
  p.first_name,
  p.last_name
from public.auto_syncs as s
inner join public.profiles as p on p.id = s.organizer_id
where s.id = any(%(sync_ids)s::uuid[])
