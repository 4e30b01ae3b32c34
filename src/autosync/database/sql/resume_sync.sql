-- Makes a paused sync running again; its trigger schedules a reminder for now; primary key.
update public.auto_syncs
set status = 'running', paused_at = null
where id = %(sync_id)s and status = 'paused'
