-- What keeps dead rows from being swept, or the log of changes from being let go, for longer than %(longest)s or beyond
-- %(retained)s bytes: kind, name, seconds (null: unknown), bytes; up to 20, from the views of sessions, prepared
-- transactions and replication slots.
select
  h.kind,
  h.name,
  h.seconds,
  h.bytes
from (
  select
    'transaction' as kind,
    a.pid::text as name,
    extract(epoch from clock_timestamp() - a.xact_start)::float8 as seconds,
    0::float8 as bytes
  from pg_catalog.pg_stat_activity as a
  where a.datname = current_database() and a.pid <> pg_backend_pid() and a.state not like 'idle in transaction%%'
    and a.xact_start < clock_timestamp() - %(longest)s::interval

  union all

  select
    'prepared' as kind,
    p.gid as name,
    extract(epoch from clock_timestamp() - p.prepared)::float8 as seconds,
    0::float8 as bytes
  from pg_catalog.pg_prepared_xacts as p
  where p.database = current_database() and p.prepared < clock_timestamp() - %(longest)s::interval

  union all

  select
    'slot' as kind,
    r.slot_name::text as name,
    null::float8 as seconds,
    l.bytes
  from pg_catalog.pg_replication_slots as r
  cross join
    lateral (
      select case when pg_catalog.pg_is_in_recovery() then 0
        else coalesce(pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_lsn(), r.restart_lsn), 0)
      end::float8 as bytes
    ) as l
  where not r.active
    and (l.bytes > %(retained)s::float8 or greatest(age(r.xmin), age(r.catalog_xmin)) > 1000000)
) as h
order by h.kind, h.seconds desc, h.name
limit 20
