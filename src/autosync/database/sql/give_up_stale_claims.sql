-- Makes texts unknown whose dispatcher never reported back within the lease, or never claimed them: another client's
-- moments; idx_auto_sync_messages_sending.
-- The lease runs on the server's own clock: a demo's moved clock must not end it.
update public.auto_sync_messages as m
set
  status = 'unknown',
  status_reason = 'Whoever was sending it never reported back, so it may or may not have left.',
  send_after = (select public.autosync_now())
where m.status = 'sending' and (
    m.claimed_at < clock_timestamp() - %(lease)s::interval
    or m.claimed_at > clock_timestamp() + %(lease)s::interval
    or m.claimed_at is null
  )
