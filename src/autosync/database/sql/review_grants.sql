-- What the API roles may do with each table, granted directly, to everyone, or on single columns (SELECT): of the
-- service, what it needs; of a view, who reads it; pg_class_relname_nsp_index.
select
  c.relname::text as table_name,
  r.rolname::text as role_name,
  p.privilege
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join pg_catalog.pg_roles as r
cross join (
  values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')
) as p (privilege)
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v')
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
  and r.rolname in ('anon', 'authenticated', 'service_role')
  and (c.relkind <> 'v' or p.privilege = 'SELECT')
  and (r.rolname <> 'service_role' or p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
  and case p.privilege
    when 'SELECT' then pg_catalog.has_any_column_privilege(r.oid, c.oid, 'SELECT')
    else pg_catalog.has_table_privilege(r.oid, c.oid, p.privilege)
  end
order by c.relname, r.rolname, p.privilege
