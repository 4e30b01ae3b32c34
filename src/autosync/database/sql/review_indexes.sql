-- Indexes by table, keys of tables among them, with the SQL that makes each; pg_index_indrelid_index.
select
  c.relname::text as table_name,
  array(
    select pg_catalog.pg_get_indexdef(x.indexrelid, k.place, true)
    from generate_series(1, x.indnkeyatts) as k (place)
    order by k.place
  ) as columns,
  pg_catalog.pg_get_expr(x.indpred, x.indrelid) as predicate,
  x.indisunique as is_unique,
  x.indisvalid and x.indisready as valid,
  i.relname::text as index_name,
  coalesce(
    'ALTER TABLE public.' || c.relname || ' ADD CONSTRAINT ' || k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid),
    pg_catalog.pg_get_indexdef(x.indexrelid)
  ) as definition
from pg_catalog.pg_index as x
inner join pg_catalog.pg_class as i on i.oid = x.indexrelid
inner join pg_catalog.pg_class as c on c.oid = x.indrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
left join pg_catalog.pg_constraint as k on k.conindid = x.indexrelid and k.contype in ('p', 'u')
where n.nspname = 'public' and c.relkind in ('r', 'p')
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, i.relname
