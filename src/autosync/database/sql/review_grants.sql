-- What the API roles may do with each table, granted directly, to everyone, or on single columns, which then stand
-- behind the privilege in brackets: of the service, what it needs; of a view, who reads it; pg_class_relname_nsp_index.
select
  c.relname::text as table_name,
  r.rolname::text as role_name,
  p.privilege || coalesce(' (' || narrow.columns || ')', '') as privilege
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
cross join pg_catalog.pg_roles as r
cross join (
  values ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')
) as p (privilege)
left join lateral (
  select string_agg(pg_catalog.quote_ident(a.attname), ', ' order by a.attname) as columns
  from pg_catalog.pg_attribute as a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    and p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES')
    and not pg_catalog.has_table_privilege(r.oid, c.oid, p.privilege)
    and pg_catalog.has_column_privilege(r.oid, c.oid, a.attnum, p.privilege)
) as narrow on true
where n.nspname = 'public' and c.relkind in ('r', 'p', 'v')
  and (%(tables)s::text[] is null or c.relname = any(%(tables)s::text[]))
  and r.rolname in ('anon', 'authenticated', 'service_role')
  and (c.relkind <> 'v' or p.privilege = 'SELECT')
  and (r.rolname <> 'service_role' or p.privilege in ('SELECT', 'INSERT', 'UPDATE', 'DELETE'))
  and (narrow.columns is not null or pg_catalog.has_table_privilege(r.oid, c.oid, p.privilege))
order by c.relname, r.rolname, p.privilege
