-- The values that each enum column of a table knows, whatever its type is called; pg_enum_typid_label_index.
select
  c.relname::text as table_name,
  a.attname::text as column_name,
  e.enumlabel::text as label
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on c.oid = a.attrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_enum as e on e.enumtypid = a.atttypid
where n.nspname = 'public' and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, a.attnum, e.enumsortorder
