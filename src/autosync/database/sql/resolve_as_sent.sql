-- Makes an unknown text sent, and returns its sync's id and its state if it was unknown; primary key.
update public.auto_sync_messages
set status = 'sent', status_reason = %(reason)s, sent_at = public.autosync_now(), send_after = null
where id = %(message_id)s and status = 'unknown'
returning auto_sync_id, status
