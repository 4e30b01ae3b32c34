-- The project's now, and when the next job and the next text are due, if any; idx_job_queue_due,
-- idx_auto_sync_messages_queued. No text is while all sending is paused.
select
  public.autosync_now() as now,
  (select min(j.scheduled_at) from public.job_queue as j where j.status = 'pending') as next_job,
  (
    select m.send_after
    from public.auto_sync_messages as m
    where m.status = 'queued'
      and not exists (select from public.auto_sync_sending_pauses as p where p.organizer_id is null)
    order by coalesce(m.turn_at, m.send_after)
    limit 1
  ) as next_text
