-- Columns by table with type, nullability and default; pg_attribute_relid_attnum_index. Types by family: every
-- string type is text, every whole number integer, every enum enum, so that production's own choice counts the same.
select
  c.relname::text as table_name,
  a.attname::text as column_name,
  case
    when t.typtype = 'e' then 'enum'
    when t.typcategory = 'S' then 'text'
    when t.typname in ('int2', 'int4', 'int8') then 'integer'
    else pg_catalog.format_type(t.oid, null)
  end as family,
  a.attnotnull as not_null,
  case
    when a.attidentity <> '' or a.attgenerated <> '' then 'generated'
    else pg_catalog.pg_get_expr(d.adbin, d.adrelid)
  end as column_default
from pg_catalog.pg_attribute as a
inner join pg_catalog.pg_class as c on c.oid = a.attrelid
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_type as t on t.oid = a.atttypid
left join pg_catalog.pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v') and a.attnum > 0 and not a.attisdropped
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname, a.attnum
