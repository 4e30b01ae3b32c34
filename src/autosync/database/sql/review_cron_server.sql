-- One row about pg_cron: whether it is installed here, the time zone that its schedules are read in (null: not to be
-- known), and estimated rows and bytes of the record of its runs; pg_extension_name_index, pg_class_oid_index.
select
  (select count(*) > 0 from pg_catalog.pg_extension as e where e.extname = 'pg_cron') as installed,
  case
    when pg_catalog.pg_has_role('pg_read_all_settings', 'usage') then current_setting('cron.timezone', true)
  end as timezone,
  coalesce(max(c.reltuples), 0)::bigint as runs,
  coalesce(max(pg_catalog.pg_total_relation_size(c.oid)), 0)::bigint as bytes
from pg_catalog.pg_class as c
inner join pg_catalog.pg_namespace as n on n.oid = c.relnamespace
where n.nspname = 'cron' and c.relname = 'job_run_details'
