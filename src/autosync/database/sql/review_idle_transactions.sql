-- Sessions on this database that have left a transaction open and idle for longer than %(longest)s, oldest first.
-- Their row locks keep jobs and texts back without a word.
select
  a.pid,
  coalesce(a.usename::text, '') as user_name,
  extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds
from pg_catalog.pg_stat_activity as a
where a.datname = current_database() and a.state like 'idle in transaction%%' and a.pid <> pg_backend_pid()
  and a.xact_start < clock_timestamp() - %(longest)s::interval
order by a.xact_start
limit 10
