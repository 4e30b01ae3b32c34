-- One row: queued texts, reminded syncs, and pause checks that are pending.
select
  (select count(*) from public.auto_sync_messages where status = 'queued') as texts,
  (select count(*) from public.auto_syncs where last_reminder_sent_at is not null) as reminded,
  (select count(*) from public.job_queue where status = 'pending' and job_type = 'pause_check_48h') as follow_ups
