-- Puts the triggers back.
alter table public.auto_syncs enable trigger user
