-- Puts back up to %(limit)s jobs that another client left in processing, and writes as many first reminders that could
-- not be written with their syncs; how many.
-- The rule is the database's own, since pg_cron puts them back, too.
select public.auto_sync_put_back_jobs(%(limit)s)
