-- Makes an event due that is not in flight; primary key. One in doubt stays so, and is looked up.
update public.auto_sync_events as e
set
  delivery = case when e.delivery = 'unknown' then 'unknown' else 'queued' end,
  next_attempt_at = public.autosync_now(),
  failing_since = null,
  reason = 'Queued again by an operator.'
where e.sync_id = %(sync_id)s
