-- Those of the API roles that exist, with whether row-level security leaves each alone; pg_authid_rolname_index.
select
  r.rolname::text as role_name,
  r.rolbypassrls or r.rolsuper as bypasses
from pg_catalog.pg_roles as r
where r.rolname in ('anon', 'authenticated', 'service_role')
order by r.rolname
