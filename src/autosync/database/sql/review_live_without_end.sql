-- How many syncs that have not ended have options but no auto_end_check ahead of them, counted to %(enough)s, and one
-- of them; idx_auto_syncs_status, job_queue_sync_id_job_type_scheduled_at_key, auto_sync_options_auto_sync_id_idx_key.
select
  count(*) as syncs,
  min(d.id::text) as example
from (
  select s.id
  from public.auto_syncs as s
  where s.status in ('running', 'paused')
    and exists (select from public.auto_sync_options as o where o.auto_sync_id = s.id)
    and not exists (
      select from public.job_queue as j
      where j.sync_id = s.id and j.job_type = 'auto_end_check' and j.status in ('pending', 'processing', 'failed')
    )
  limit %(enough)s
) as d
