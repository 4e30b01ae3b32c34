-- Pauses these syncs; primary key.
update public.auto_syncs
set status = 'paused', paused_at = public.autosync_now()
where id = any(%(sync_ids)s::uuid[])
