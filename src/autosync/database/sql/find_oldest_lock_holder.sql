-- The session that has had locks on a table of ours for longest: its number, its program, and how long its transaction
-- has been open (missing where the asker may not see it). Reads no table of ours.
select
  a.pid,
  a.application_name,
  clock_timestamp() - a.xact_start as age
from pg_catalog.pg_locks as l
inner join pg_catalog.pg_class as c on c.oid = l.relation
inner join pg_catalog.pg_stat_activity as a on a.pid = l.pid
where
  l.locktype = 'relation' and l.granted
  and l.database = (select d.oid from pg_catalog.pg_database as d where d.datname = current_database())
  and c.relnamespace = 'public'::regnamespace
  and a.pid <> pg_backend_pid()
order by a.xact_start asc nulls last
limit 1
