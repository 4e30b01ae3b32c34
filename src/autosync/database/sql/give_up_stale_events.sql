-- Puts events in doubt whose inviter has not reported back within its lease; returns how many;
-- idx_auto_sync_events_sending.
update public.auto_sync_events as e
set
  delivery = 'unknown',
  next_attempt_at = (select public.autosync_now()),
  failing_since = coalesce(e.failing_since, e.claimed_at),
  reason = 'Whoever was putting it into the calendar has not reported back.'
where e.sync_id = any(array(
    select s.sync_id
    from public.auto_sync_events as s
    where s.delivery = 'sending' and s.claimed_at < clock_timestamp() - %(lease)s::interval
    for no key update skip locked
  ))
