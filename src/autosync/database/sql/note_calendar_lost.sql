-- Notes that Google lets us into a person's calendar no more, and why, and returns since when; primary keys. Who has no
-- profile has no row.
insert into public.auto_sync_calendars as c (user_id, disconnected_at, disconnected_because)
select
  p.id,
  clock_timestamp(),
  %(because)s
from public.profiles as p
where p.id = %(user_id)s
on conflict (user_id) do update
  set disconnected_at = excluded.disconnected_at, disconnected_because = excluded.disconnected_because
returning c.disconnected_at
