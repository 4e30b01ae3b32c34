-- Takes the trigger that schedules the first reminder off the syncs of a throwaway database.
alter table public.auto_syncs disable trigger on_auto_sync_created
