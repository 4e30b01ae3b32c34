-- One row: what a person wants of their calendar, with the table's own defaults, and whether they are connected; by the
-- primary key and the unique key on user_id.
select
  t.user_id is not null as is_connected,
  coalesce(c.calendar_ids, '{primary}') as calendar_ids,
  coalesce(c.day_begins, '09:00') as day_begins,
  coalesce(c.day_ends, '21:00') as day_ends,
  coalesce(c.buffer, '0') as buffer,
  c.disconnected_at,
  c.disconnected_because
from (values (%(user_id)s::uuid)) as w (user_id)
left join public.auto_sync_calendars as c on c.user_id = w.user_id
left join public.google_calendar_tokens as t on t.user_id = w.user_id
