-- Moves a text's state forward to what its gateway says of it, never back; primary key. A text that was queued again
-- because it seemed lost, but was not, is held where it is.
update public.auto_sync_messages as m
set
  status = %(status)s,
  gateway_message_id = coalesce(m.gateway_message_id, %(gateway_message_id)s),
  error_code = coalesce(%(error_code)s, m.error_code),
  status_reason = %(reason)s,
  sent_at = coalesce(m.sent_at, public.autosync_now()),
  send_after = null
where m.id = %(message_id)s
  and m.gateway = %(gateway)s
  and coalesce(m.gateway_message_id, %(gateway_message_id)s) = %(gateway_message_id)s
  and (
    m.status in ('sending', 'unknown')
    or (m.status = 'queued' and m.attempt > 0)
    or (m.status = 'sent' and %(status)s <> 'sent')
  )
