-- Forgets which calendars were looked at, and that they were lost, since their owner wants no more of it; primary key.
update public.auto_sync_calendars as c
set calendar_ids = default, disconnected_at = null, disconnected_because = null
where c.user_id = %(user_id)s
