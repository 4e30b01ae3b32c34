-- Whether a table that only this project's own migrations make is there.
select coalesce(to_regclass('public.job_failures'), to_regclass('public.auto_sync_settings')) is not null as has_tables
