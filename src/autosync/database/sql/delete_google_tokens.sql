-- Deletes the Google tokens of one person; unique key on user_id.
delete from public.google_calendar_tokens as t
where t.user_id = %(user_id)s
