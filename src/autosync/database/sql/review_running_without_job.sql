-- How many running syncs have neither a reminder nor a pause check ahead of them, counted to %(enough)s, and one of
-- them; idx_auto_syncs_status, job_queue_sync_id_job_type_scheduled_at_key. A failed job is counted elsewhere, and a
-- sync whose options are over only waits for its end, one whose first reminder is owed for it to be written soon.
select
  count(*) as syncs,
  min(d.id::text) as example
from (
  select s.id
  from public.auto_syncs as s
  where s.status = 'running'
    and not exists (
      select from public.job_queue as j
      where j.sync_id = s.id and j.job_type in ('reminder_24h', 'pause_check_48h')
        and j.status in ('pending', 'processing', 'failed')
    )
    and not exists (
      select from public.job_queue as j
      where j.sync_id = s.id and j.job_type = 'auto_end_check' and j.status = 'pending'
        and j.scheduled_at <= (select public.autosync_now())
    )
    and not exists (
      select from public.auto_sync_missing_reminders as m
      where m.sync_id = s.id and m.noted_at > (select public.autosync_now()) - interval '20 minutes'
    )
  limit %(enough)s
) as d
