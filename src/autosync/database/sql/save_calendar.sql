-- Keeps what a person wants of their calendar, in the columns that are theirs to change; primary key.
insert into public.auto_sync_calendars as c (user_id, calendar_ids, day_begins, day_ends, buffer)
values (%(user_id)s, %(calendar_ids)s::text[], %(day_begins)s, %(day_ends)s, %(buffer)s)
on conflict (user_id) do update
  set
    calendar_ids = excluded.calendar_ids,
    day_begins = excluded.day_begins,
    day_ends = excluded.day_ends,
    buffer = excluded.buffer
