-- Those of the API roles that exist: whether row-level security leaves each alone, and which mightier roles it is a
-- member of; pg_authid_rolname_index.
select
  r.rolname::text as role_name,
  r.rolbypassrls or r.rolsuper as bypasses,
  array(
    select o.rolname::text
    from pg_catalog.pg_roles as o
    where o.oid <> r.oid
      and (
        o.rolsuper or o.rolbypassrls
        or o.rolname in ('service_role', 'pg_read_all_data', 'pg_write_all_data', 'pg_database_owner')
      )
      and pg_catalog.pg_has_role(r.oid, o.oid, 'member')
      and not r.rolsuper
    order by o.rolname
  ) as is_also
from pg_catalog.pg_roles as r
where r.rolname in ('anon', 'authenticated', 'service_role')
order by r.rolname
