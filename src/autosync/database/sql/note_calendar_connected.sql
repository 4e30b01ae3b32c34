-- Forgets that a person's calendar was lost; primary key.
update public.auto_sync_calendars as c
set disconnected_at = null, disconnected_because = null
where c.user_id = %(user_id)s
