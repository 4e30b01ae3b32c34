-- The project's now, however long ago the transaction began.
select public.autosync_now() + (clock_timestamp() - now()) as now
