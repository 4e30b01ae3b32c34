-- How well %(tables)s are swept: rows that live and that are dead, whether autovacuum looks after the table, and how
-- many seconds ago it was vacuumed last (null: never); pg_class_relname_nsp_index.
select
  s.relname::text as table_name,
  s.n_live_tup as live,
  s.n_dead_tup as dead,
  not coalesce(
    c.reloptions && array['autovacuum_enabled=false', 'autovacuum_enabled=off', 'autovacuum_enabled=0'], false
  ) as swept,
  extract(epoch from clock_timestamp() - greatest(s.last_vacuum, s.last_autovacuum))::float8 as seconds
from pg_catalog.pg_stat_user_tables as s
inner join pg_catalog.pg_class as c on c.oid = s.relid
where s.schemaname = 'public' and s.relname = any(%(tables)s::text[])
order by s.relname
