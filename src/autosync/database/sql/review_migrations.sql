-- The migrations that the database has on record, in order, with whether each speaks of this project's tables.
select
  m.version,
  coalesce(m.name, '') as name,
  coalesce(array_to_string(m.statements, ' ') ~ 'auto_?sync|job_queue', false) as is_about_us
from supabase_migrations.schema_migrations as m
order by m.version
