-- Tables and views of schema public with whether row-level security guards them; pg_class_relname_nsp_index.
-- tables: only these, null: all.
select
  c.relname::text as table_name,
  case c.relkind when 'v' then 'view' else 'table' end as kind,
  c.relrowsecurity as row_security,
  coalesce('security_invoker=true' = any(c.reloptions), false) as security_invoker
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v')
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname
