-- Stores the Google tokens of one person; unique key on user_id. Google sends a refresh token only the first time.
insert into public.google_calendar_tokens as t (user_id, access_token, refresh_token, expires_at, scope)
values (%(user_id)s, %(access_token)s, %(refresh_token)s, %(expires_at)s, %(scope)s)
on conflict (user_id) do update
  set
    access_token = excluded.access_token,
    refresh_token = coalesce(excluded.refresh_token, t.refresh_token),
    expires_at = excluded.expires_at,
    scope = excluded.scope
