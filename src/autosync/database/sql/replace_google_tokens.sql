-- Replaces tokens that nobody else has written since they were read; unique key on user_id.
update public.google_calendar_tokens as t
set
  access_token = n.access_token,
  refresh_token = n.refresh_token
from unnest(
    %(user_ids)s::uuid[],
    %(old_access_tokens)s::text[],
    %(old_refresh_tokens)s::text[],
    %(access_tokens)s::text[],
    %(refresh_tokens)s::text[]
  ) as n (user_id, old_access_token, old_refresh_token, access_token, refresh_token)
where
  t.user_id = any(array(select unnest(%(user_ids)s::uuid[])))
  and t.user_id = n.user_id
  and t.access_token = n.old_access_token
  and t.refresh_token is not distinct from n.old_refresh_token
