-- How many connections each limit that there is counts, and how many it allows: the server's, this database's, this
-- role's; pg_stat_activity.
select
  l.whose,
  l.used,
  l.allowed
from (
  select
    'server' as whose,
    (
      select count(*) from pg_catalog.pg_stat_activity as a
      where a.usesysid is not null and a.datid is not null
    ) as used,
    current_setting('max_connections')::integer
    - current_setting('superuser_reserved_connections')::integer
    - coalesce(current_setting('reserved_connections', true)::integer, 0) as allowed

  union all

  select
    'database' as whose,
    (select count(*) from pg_catalog.pg_stat_activity as a where a.datid = d.oid) as used,
    d.datconnlimit as allowed
  from pg_catalog.pg_database as d
  where d.datname = current_database()

  union all

  select
    'role' as whose,
    (select count(*) from pg_catalog.pg_stat_activity as a where a.usesysid = r.oid) as used,
    r.rolconnlimit as allowed
  from pg_catalog.pg_roles as r
  where r.rolname = current_user
) as l
where l.allowed >= 0
