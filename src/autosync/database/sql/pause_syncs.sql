-- Pauses these syncs; primary key.
-- An array made on the spot, so that no plan reads the whole table for a batch.
update public.auto_syncs
set status = 'paused', paused_at = (select public.autosync_now())
where id = any(array(select unnest(%(sync_ids)s::uuid[])))
