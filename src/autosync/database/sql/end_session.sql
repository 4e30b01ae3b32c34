-- Frees what a session holds that waits for us, and that we cannot reach any more.
select pg_catalog.pg_terminate_backend(a.pid)
from pg_catalog.pg_stat_activity as a
where a.pid = %(pid)s and a.usename = session_user and a.wait_event_type = 'Client'
