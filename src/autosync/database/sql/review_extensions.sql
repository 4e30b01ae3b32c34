-- The extensions that wake the processor from within the database, where installed, with their versions.
select
  e.extname::text as extension_name,
  e.extversion as version
from pg_catalog.pg_extension as e
where e.extname in ('pg_cron', 'pg_net', 'supabase_vault')
order by e.extname
