-- Lets a number be texted again; primary key.
delete from public.auto_sync_suppressions
where number_hash = public.autosync_number_hash(%(phone_number)s)
