-- Tables and views of schema public with how row-level security guards them, and whether they outlive a crash;
-- pg_class_relname_nsp_index. tables: only these, null: all.
select
  c.relname::text as table_name,
  case c.relkind when 'v' then 'view' else 'table' end as kind,
  c.relrowsecurity as row_security,
  coalesce(c.reloptions && array['security_invoker=true', 'security_invoker=on', 'security_invoker=1'], false)
    as security_invoker,
  c.relpersistence = 'p' as logged,
  c.relrowsecurity and c.relforcerowsecurity and not (r.rolbypassrls or r.rolsuper) as shuts_out_owner
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
inner join pg_catalog.pg_roles as r on r.oid = c.relowner
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v')
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
order by c.relname
