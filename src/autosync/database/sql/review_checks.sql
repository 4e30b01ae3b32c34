-- Check constraints by table and the columns that they speak of; pg_constraint_conrelid_contypid_conname_index.
select
  c.relname::text as table_name,
  array(
    select a.attname::text
    from pg_catalog.pg_attribute as a
    where a.attrelid = k.conrelid and a.attnum = any(k.conkey)
    order by a.attname
  ) as columns,
  'CHECK (' || pg_catalog.pg_get_expr(k.conbin, k.conrelid) || ')' as definition,
  k.conname::text as constraint_name,
  k.convalidated as valid
from pg_catalog.pg_constraint as k
inner join pg_catalog.pg_class as c on c.oid = k.conrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'public' and k.contype = 'c'
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, k.conname
