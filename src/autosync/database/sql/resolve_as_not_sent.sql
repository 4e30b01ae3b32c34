-- Queues an unknown text again, to leave at once, and returns its sync's id if it was unknown; primary key.
update public.auto_sync_messages
set status = 'queued', status_reason = %(reason)s, sent_at = null, send_after = public.autosync_now(), turn_at = null
where id = %(message_id)s and status = 'unknown'
returning auto_sync_id
