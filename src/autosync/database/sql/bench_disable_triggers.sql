-- Takes the triggers that make and skip jobs off the syncs of a throwaway database.
alter table public.auto_syncs disable trigger user
