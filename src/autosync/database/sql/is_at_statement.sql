-- Whether the server is at our statement, rather than waiting for us, and the session's number if it is known for sure.
-- A pooler tells invented numbers, to whoever asks as well: then, whether any session of this role has been at one for
-- a moment. `age`: seconds since we were connected; a younger session has its number from an older one.
select
  case
    when pg_backend_pid() = %(asking)s then coalesce(bool_or(is_at_one) filter (where is_named), false)
    else coalesce(bool_or(is_at_one and is_long), false)
  end as is_at_it,
  max(pid) filter (where is_named and is_old and pg_backend_pid() = %(asking)s) as ours
from (
  select
    a.pid,
    a.pid = %(pid)s as is_named,
    a.backend_start <= clock_timestamp() - %(age)s * interval '1 s' as is_old,
    coalesce(a.wait_event_type <> 'Client', true) as is_at_one,
    coalesce(a.query_start <= clock_timestamp() - %(moment)s * interval '1 s', true) as is_long
  from pg_catalog.pg_stat_activity as a
  where a.datname = current_database() and a.usename = session_user and a.pid <> pg_backend_pid()
    and a.backend_type = 'client backend'
) as sessions
