-- Deletes an organizer, and with them their syncs, contacts, crews, sessions and pauses; and their calendar's tokens,
-- which hang on the account; primary key, google_calendar_tokens_user_id_key.
with calendar as (
  delete from public.google_calendar_tokens where user_id = %(organizer_id)s
)

delete from public.profiles where id = %(organizer_id)s
