-- Google tokens that are not sealed with the newest key, by person; walks the unique key on user_id.
select
  t.user_id,
  t.access_token,
  t.refresh_token,
  t.expires_at,
  t.scope
from public.google_calendar_tokens as t
where
  (%(after)s::uuid is null or t.user_id > %(after)s::uuid)
  and (not starts_with(t.access_token, %(prefix)s) or not starts_with(t.refresh_token, %(prefix)s))
order by t.user_id
limit (select %(limit)s::bigint)
