-- How many people's Google tokens lie open, counted to %(enough)s, and one of them; few rows, read from the first on.
select
  count(*) as people,
  min(t.user_id::text) as example
from (
  select user_id
  from public.google_calendar_tokens
  where not starts_with(access_token, 'sealed:') or not starts_with(refresh_token, 'sealed:')
  limit %(enough)s
) as t
