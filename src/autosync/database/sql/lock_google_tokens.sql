-- The Google tokens of one person, held until the transaction ends; unique key on user_id.
select
  t.user_id,
  t.access_token,
  t.refresh_token,
  t.expires_at,
  t.scope
from public.google_calendar_tokens as t
where t.user_id = %(user_id)s
for update
