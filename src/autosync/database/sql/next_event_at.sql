-- The project's now, and when the next event is due, if any is; idx_auto_sync_events_due.
select
  public.autosync_now() as now,
  (
    select min(e.next_attempt_at) from public.auto_sync_events as e where e.delivery in ('queued', 'unknown')
  ) as next_event
