-- Whether the server is at a statement of ours from which nothing has been heard for so many seconds, rather than
-- waiting for us. Behind a pooler its session has another number than we were told: then, whether any session of this
-- role has been at one for half as long.
select coalesce(bool_or(is_at_one) filter (where is_ours), bool_or(is_at_one and is_long), false) as is_at_it
from (
  select
    pid = %(pid)s as is_ours,
    coalesce(wait_event_type <> 'Client', true) as is_at_one,
    coalesce(query_start < clock_timestamp() - %(silent)s * interval '0.5 s', true) as is_long
  from pg_stat_activity
  where datname = current_database() and usename = session_user and pid <> pg_backend_pid()
    and backend_type = 'client backend'
) as sessions
