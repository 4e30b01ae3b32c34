-- Puts the trigger that schedules the first reminder on the syncs of a throwaway database.
alter table public.auto_syncs enable trigger on_auto_sync_created
