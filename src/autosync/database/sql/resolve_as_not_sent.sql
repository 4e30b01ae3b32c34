-- Queues an unknown text again, to leave at once, or cancels it where its words have been deleted; returns its sync's id and
-- its state if it was unknown; primary key.
update public.auto_sync_messages
set
  status = case when body is null then 'canceled' else 'queued' end,
  status_reason = case when body is null then %(reason)s || ' Its words have been deleted.' else %(reason)s end,
  sent_at = null,
  send_after = public.autosync_now(),
  turn_at = null
where id = %(message_id)s and status = 'unknown'
returning auto_sync_id, status
