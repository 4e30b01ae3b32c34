-- The project's now, and when the next job and the next text are due, if any; idx_job_queue_due,
-- idx_auto_sync_messages_queued.
select
  public.autosync_now() as now,
  (select min(j.scheduled_at) from public.job_queue as j where j.status = 'pending') as next_job,
  (
    select m.send_after
    from public.auto_sync_messages as m
    where m.status = 'queued'
    order by coalesce(m.turn_at, m.send_after)
    limit 1
  ) as next_text
