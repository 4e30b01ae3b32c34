-- Forgets up to %(limit)s sign-ins of a day ago, and as many sessions that have expired;
-- idx_auto_sync_sign_ins_created_at, idx_auto_sync_sessions_expires_at.
with sign_ins as (
  delete from public.auto_sync_sign_ins
  where id = any(array(
      select i.id from public.auto_sync_sign_ins as i
      where i.created_at < now() - interval '24 hours'
      order by i.created_at
      limit (select %(limit)s::bigint)
      for update skip locked
    ))
  returning 1
),

sessions as (
  delete from public.auto_sync_sessions
  where token_hash = any(array(
      select s.token_hash from public.auto_sync_sessions as s
      where s.expires_at < now()
      order by s.expires_at
      limit (select %(limit)s::bigint)
      for update skip locked
    ))
  returning 1
)

select (select count(*) from sign_ins) + (select count(*) from sessions) as forgotten
