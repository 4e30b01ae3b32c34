-- Tables of schema public, other than %(tables)s, that have no row-level security and that anon or authenticated may
-- use, with these roles; up to 50; pg_class_relname_nsp_index.
select
  c.relname::text as table_name,
  array_agg(r.rolname::text order by r.rolname) as roles
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join pg_catalog.pg_roles as r
where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relrowsecurity
  and not c.relname = any(%(tables)s::text[])
  and r.rolname in ('anon', 'authenticated')
  and (
    pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT, INSERT, UPDATE')
    or pg_catalog.has_table_privilege(r.oid, c.oid, 'DELETE, TRUNCATE')
  )
  -- what an extension brought is the extension's
  and not exists (
    select from pg_catalog.pg_depend as d
    where d.classid = 'pg_catalog.pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
  )
group by c.relname
order by c.relname
limit 50
