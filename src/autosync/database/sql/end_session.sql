-- Frees what a session holds that waits for us, and that we cannot reach any more.
select pg_terminate_backend(pid)
from pg_stat_activity
where pid = %(pid)s and datname = current_database() and usename = session_user and wait_event_type = 'Client'
