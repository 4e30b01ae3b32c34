-- Stops these syncs; primary key.
update public.auto_syncs
set status = 'stopped', stopped_at = public.autosync_now()
where id = any(%(sync_ids)s::uuid[])
