-- Notes on these syncs that their invitees have just been reminded; primary key.
update public.auto_syncs
set last_reminder_sent_at = public.autosync_now()
where id = any(%(sync_ids)s::uuid[])
